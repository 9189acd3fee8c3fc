"""Small closed value sets of the CI-SIS imaging documents: their members with code system and display name.

A member is written as one line, its code and then its display name.

Source: ANS CI-SIS value sets (JDV), as published with the CDA test tool of 2025-02; one row a value set.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from xds_adapter.vocabulary import cda


@dataclass(frozen=True, slots=True)
class Member:
    """One code of a value set."""

    code: str
    system: str
    display: str


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A closed list of codes.

    Attributes:
        name: The name its publisher gives it, e.g. ``JDV_ModaliteAcquisition_CISIS``.
        oid: Its OID; empty when it has none.
        words: What its members are, for messages.
    """

    name: str
    oid: str
    words: str
    members: tuple[Member, ...]

    def find(self, code: str) -> Member | None:
        """Return the member with this code, or None."""
        return next((member for member in self.members if member.code == code), None)

    @property
    def some_codes(self) -> str:
        """The first codes, for a message."""
        codes = [member.code for member in self.members]
        return ", ".join(codes[:12]) + (", ..." if len(codes) > 12 else "")

    def nearest(self, text: str) -> Member | None:
        """Return the member whose code or display name comes closest to `text`, or None."""
        by_text = {member.display.lower(): member for member in self.members}
        by_text |= {member.code.lower(): member for member in self.members}
        close = difflib.get_close_matches(text.lower(), by_text, n=1, cutoff=0.5)
        return by_text[close[0]] if close else None


def _members(system: str, lines: str) -> Iterable[Member]:
    for line in lines.strip().splitlines():
        code, display = line.strip().split(" ", 1)
        yield Member(code, system, display)


def _set(name: str, oid: str, words: str, lines_by_system: dict[str, str]) -> ValueSet:
    members = (member for system, lines in lines_by_system.items() for member in _members(system, lines))
    return ValueSet(name, oid, words, tuple(members))


REQUESTED_MODALITY = _set(
    "JDV_Modalite_demandeActeImagerie_CISIS",
    "1.2.250.1.213.1.1.5.660",
    "modality of a request",
    {
        cda.TA_ASIP: """
            MED-1126 Radiographie sans contraste
            MED-1127 Radiographie avec contraste
            MED-1128 Échographie sans contraste
            MED-1129 Échographie avec contraste
        """,
        cda.DCM: """
            MG Mammographie
            CT Scanner/TDM
            MR IRM
            OT Autre technique d'imagerie
            NM Scintigraphie
            PT TEP : Tomographie par émission de positons
        """,
        cda.NCIT: """
            C63334 Radiologie interventionnelle
        """,
    },
)
ACQUISITION_MODALITY = _set(
    "JDV_ModaliteAcquisition_CISIS",
    "1.2.250.1.213.1.1.5.618",
    "acquisition modality",
    {
        cda.DCM: """
            AR Autoréfraction
            BDUS Échodensitométrie osseuse
            BI Imagerie biomagnétique
            BMD Ostéodensitométrie
            CR Radiographie assistée par ordinateur
            CT Tomodensitométrie
            DG Diaphanographie
            DMS Dermoscopie
            DX Radiographie numérique
            ECG Électrocardiographie
            EEG Électroencéphalographie
            EMG Électromyographie
            EOG Électrooculographie
            EPS Électrophysiologie cardiaque
            ES Endoscopie
            GM Microscopie générale
            HD Onde hémodynamique
            IO Radiographie intrabuccale
            IVOCT Tomographie par cohérence optique intravasculaire
            IVUS Ultrasonore intravasculaire
            KER Kératométrie
            LEN Lensométrie
            LS Scan laser
            MG Mammographie
            MR Résonance magnétique
            NM Médecine nucléaire
            OAM Mesures axiales ophtalmiques
            OCT Tomographie à cohérence optique
            OP Photographique ophtalmique
            OPM Cartographie ophtalmique
            OPT Tomographie ophtalmique
            OPTBSV Tomographie ophtalmique B-scan analyse de volume
            OPTENF Tomographie ophtalmique en face
            OPV Champ visuel ophtalmique
            OSS Scanner optique de surface
            POS Détecteur de position
            PT TEP : Tomographie par émission de positons
            PX Panaromique X-Ray
            RESP Onde respiratoire
            RF Radio-fluoroscopie
            RG Imagerie radiographique
            RTIMAGE Image RT
            SM Microscopie à lames
            SRF Réfraction subjective
            TG Thermographie
            US Échographie
            VA Acuité visuelle
            XA Angiographie X-Ray
            XC Caméra de photographie externe
        """,
    },
)
TOPOGRAPHIC_MODIFIER = _set(
    "JDV_ModificateurTopographique_CISIS",
    "1.2.250.1.213.1.1.5.688",
    "topographic modifier",
    {
        cda.SNOMED_CT: """
            24028007 droit
            7771000 gauche
            51440002 bilatéral
            66459002 unilatéral(e)
            49370004 latéral(e)
            260528009 médian(e)
            255549009 antérieur(e)
            255551008 postérieur(e)
            66787007 céphalique
            3583002 caudal(e)
            255561001 médial(e)
            26216008 central(e)
            14414005 périphérique
            261074009 externe
            260521003 interne
            11896004 intermédiaire
            261089000 inférieur(e)
            264217000 supérieur(e)
            62824007 transverse
            40415009 proximal(e)
            46053002 distal(e)
            60583000 postaxial
            32400000 préaxial
            43674008 apical(e)
            57195005 basal(e)
            49530007 afférent(e)
            33843005 efférent(e)
            81654009 coronal(e)
            26283006 superficiel(le)
            795002 profond(e)
            24020000 horizontal(e)
            38717003 longitudinal(e)
            33096000 vertical(e)
            30730003 sagital(le)
            24422004 axial(e)
            87687004 extra-articulaire
            410679008 surface
            68493006 gouttière
            32381004 hilaire
            11070000 capsulaire
            61397002 sous-capsulaire
            57183005 le long d'un bord
            37197008 antérolatéral(e)
            90069004 postérolatéral(e)
            131183008 intra-articulaire
            112233002 marginal
        """,
    },
)
ANATOMIC_REGION = _set(
    "JDV_RegionAnatomique_CISIS",
    "1.2.250.1.213.1.1.5.695",
    "anatomic region",
    {
        cda.SNOMED_CT: """
            63337009 segment abdominopelvien du tronc
            38266002 corps entier
            53120007 membre supérieur
            61685007 membre inférieur
            67734004 segment thoracique du tronc
            774007 tête et cou
            113257007 système cardiovasculaire
            80891009 cœur
            76752008 sein
            737561001 colonne vertébrale et/ou moelle épinière
        """,
    },
)
ENCOUNTER = _set(
    "JDV_J142_TypeRencontre_CISIS",
    "1.2.250.1.213.1.1.5.589",
    "encounter code",
    {
        cda.ACT_CODE: """
            IMP Hospitalisation (établissement, y compris HAD)
            EMER Passage aux urgences (établissement)
            AMB Ambulatoire (hors établissement)
            FLD Terrain (voie publique, hélicoptère, ambulance, etc.)
            HH Soins à domicile (hors établissement)
            VR Virtuelle (exemple : RCP en l'absence du patient)
        """,
        cda.ENCOUNTER_FR: """
            EXTERNE Acte et consultation externe (établissement)
            SEANCE Séance (établissement ou libéral)
        """,
    },
)
GENDER = _set(
    "JDV_J143_AdministrativeGender_CISIS",
    "1.2.250.1.213.1.1.5.590",
    "administrative gender",
    {
        cda.GENDER: """
            F Féminin
            M Masculin
            UN Inconnu
        """,
    },
)
PARTICIPATION = _set(
    "JDV_J144_ParticipationType_CISIS",
    "1.2.250.1.213.1.1.5.591",
    "participation type",
    {
        cda.PARTICIPATION_TYPE: """
            REF Référent / Prescripteur
            REFB Personne ayant adressé le patient
            INF Informateur
            RESP Responsable de l'acte
            PRF Exécutant
            CON Consultant
            VRF Vérificateur
        """,
    },
)
CIVILITY = _set(
    "JDV_J245_Civilite_CISIS",
    "1.2.250.1.213.1.1.5.718",
    "person prefix",
    {
        cda.CIVILITY: """
            M Monsieur
            MME Madame
        """,
    },
)
PERSON_TITLE = _set(
    "JDV_J246_Titre_CISIS",
    "1.2.250.1.213.1.1.5.719",
    "person suffix",
    {
        cda.PERSON_TITLE: """
            DR Docteur
            MC Médecin chef
            MG Médecin général
            PC Pharmacien chef
            PG Pharmacien général
            PR Professeur
        """,
    },
)
PREGNANCY_STATUS = _set(
    "JDV_StatutGrossesse_CISIS",
    "1.2.250.1.213.1.1.5.671",
    "pregnancy status",
    {
        cda.SNOMED_CT: """
            60001007 absence de grossesse
            77386006 enceinte
            261665006 inconnu
        """,
    },
)
PET_INJECTION = _set(
    "JDV_InjectionPDC_TEP_CISIS",
    "1.2.250.1.213.1.1.5.670",
    "contrast injection of a PET",
    {
        cda.TA_ASIP: """
            MED-1153 avec injection de produit de contraste
            MED-1154 sans injection de produit de contraste
        """,
    },
)
PET_FUNCTION = _set(
    "JDV_FonctionEtudieeTEP_CISIS",
    "1.2.250.1.213.1.1.5.668",
    "function studied by PET",
    {
        cda.TA_ASIP: """
            MED-1133 FDG Oncologie /Infectieux/inflammatoire
            MED-1134 FDG cérébrale
            MED-1135 F-Choline
            MED-1136 F-DOPA cérébrale
            MED-1137 F-DOPA oncologie
            MED-1138 FNA
            MED-1139 F-Fluciclovine
            GEN-092.04.18 Autre (autres traceurs, TEP-IRM)
        """,
    },
)
SCINTIGRAPHY_FUNCTION = _set(
    "JDV_FonctionEtudieeScintigraphie_CISIS",
    "1.2.250.1.213.1.1.5.669",
    "function studied by scintigraphy",
    {
        cda.TA_ASIP: """
            MED-1141 Cardiaque : Perfusion myocardique
            MED-1142 Cardiaque : FEVG
            MED-1143 Osseuse
            MED-1144 Pulmonaire
            MED-1145 Endocrinienne
            MED-1146 Uro-Néphrologie
            MED-1147 Digestive
            MED-1148 Neurologique
            MED-1149 Hématologie
            MED-1150 Lymphoscintigraphie
            MED-1151 Scintigraphie aux leucocytes marqués
            GEN-092.04.19 Autre fonction étudiée
        """,
    },
)
RADIATION_QUANTITY = _set(
    "JDV_QuantiteExpositionRayonnements_CISIS",
    "1.2.250.1.213.1.1.5.620",
    "radiation quantity",
    {
        cda.DCM: """
            111636 Dose dans l'air à l'entrée du patient (Kerma dans l'air)
            111637 DGM total : Dose Glandulaire Moyenne Total
            113722 PDS Total : Produit Dose Surface Total
            113726 PDS de Scopie Total : Produit Dose Surface de Scopie Total
            113727 PDS de Graphie Total : Produit Dose Surface de Graphie Total
            113730 Temps total de scopie
            113731 Nombre total d'images radiographiques
            113507 Activité administrée
            113813 PDL Total : Produit Dose Longueur Total
            113830 IDSV Moyen : Indice de Dose Scanographique Volumique
            113839 E : Dose efficace
        """,
    },
)
CONTRAINDICATION = _set(
    "JDV_Contre_indications_CISIS",
    "1.2.250.1.213.1.1.5.659",
    "contraindication",
    {
        cda.SNOMED_CT: """
            77386006 enceinte
            1260078007 Allaitement
        """,
        cda.TA_ASIP: """
            MED-1105 Hypersensibilité au PDC iodé
            MED-1106 Hyperthyroidie non traitée
            MED-1107 Antécédents chirurgicaux digestifs récents contre-indiquant l'usage de produit baryté et nécessitant l'usage d'un produit hydrosoluble
            MED-1108 Hypersensibilité au PDC ultrasonore
            MED-1109 Patient claustrophobe
            MED-1110 Patient porteur de corps étranger ferromagnétique (œil ou autre)
            MED-1111 Patient porteur de clips métalliques ou coils intracrâniens
            MED-1112 Patient porteur d'un implant cochléaire
            MED-1113 Patient porteur d'un neurostimulateur
            MED-1114 Patient porteur d'une sonde de dérivation du LCS
            MED-1115 Patient porteur d'un capteur implanté
            MED-1116 Patient porteur d'une pompe implantée
            MED-1117 Patient porteur de Pacemaker
            MED-1118 Patient porteur d'une valve cardiaque mécanique
            MED-1119 Patient porteur d'un matériel d'orthodontie
            MED-1120 Patient porteur d'un stent ou un filtre cave
            MED-1122 Hypersensibilité au produit de contraste gadoliné
            GEN-092.01.20 Autre contre-indication connue
        """,  # noqa: E501
        cda.CIM_10: """
            N18.9 Maladie rénale chronique, sans précision
            I50.9 Insuffisance cardiaque, sans précision
        """,
    },
)
CARE_INFORMATION = _set(
    "JDV_InfoPriseEnCharge_CISIS",
    "1.2.250.1.213.1.1.5.685",
    "care information",
    {
        cda.CIM_10: """
            U83.71 Bactérie multirésistante [BMR]
            Z74.0 Besoin d'assistance du fait de mobilité restreinte
        """,
        cda.TA_ASIP: """
            MED-1124 Patient nécessitant un accompagnement par un tiers
            MED-1125 Patient potentiellement non-coopérant (déficience mentale, etc.)
            MED-1123 Patient porteur d'un germe à transmission aérienne
        """,
    },
)
# A document header takes three of the six codes of JDV_HL7_Confidentiality; the others are for metadata elsewhere.
CONFIDENTIALITY = _set(
    "CDA_Confidentiality",
    "",
    "confidentiality code of a document header",
    {
        cda.CONFIDENTIALITY: """
            N Normal
            R Restreint
            V Très restreint
        """
    },
)
PRIORITY = _set("CDA_ActPriority", "", "priority", {cda.ACT_PRIORITY: "UR Urgent"})
# The acts that the rules of TLM-DA and TLM-CR take; the words are ours.
TELEMEDICINE_ACT = _set(
    "CDA_TelemedicineAct",
    "",
    "act of telemedicine",
    {
        cda.NGAP: """
            TE1 Téléexpertise de premier niveau
            TE2 Téléexpertise de second niveau
            TC Téléconsultation
            TCG Téléconsultation d'un médecin généraliste
            TLS Téléconsultation accompagnée lors d'un soin
            TLD Téléconsultation accompagnée à domicile
            TLL Téléconsultation accompagnée en lieu dédié
            TLM Téléconsultation accompagnée
        """
    },
)
STUDIED_FUNCTION = ValueSet(
    "JDV_FonctionEtudiee",
    "",
    "function studied by PET or scintigraphy",
    (*PET_FUNCTION.members, *SCINTIGRAPHY_FUNCTION.members),
)

VALUE_SETS: dict[str, ValueSet] = {
    value_set.name.removesuffix("_CISIS"): value_set
    for value_set in (
        REQUESTED_MODALITY,
        ACQUISITION_MODALITY,
        TOPOGRAPHIC_MODIFIER,
        ANATOMIC_REGION,
        ENCOUNTER,
        GENDER,
        PARTICIPATION,
        CIVILITY,
        PERSON_TITLE,
        PREGNANCY_STATUS,
        PET_INJECTION,
        PET_FUNCTION,
        SCINTIGRAPHY_FUNCTION,
        STUDIED_FUNCTION,
        RADIATION_QUANTITY,
        CONTRAINDICATION,
        CARE_INFORMATION,
        CONFIDENTIALITY,
        PRIORITY,
        TELEMEDICINE_ACT,
    )
}
"""By the name under which case schemas refer to them (keyword ``valueSet``)."""
