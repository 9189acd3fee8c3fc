"""Value sets of the French imaging and telemedicine documents: codes with their code system and display name.

Each set is a text table in ``tables/``, written by ``docs/value_sets.py`` from the files of the publisher and read when
its first code is asked for: importing this module reads none of them. A table's first line is the OID of the set (or
``-``), a line ``@ OID`` names the code system of the codes below it, any other line is a code and, when there is one
that may be passed on, its display name.

Source: ANS CI-SIS value sets (JDV), as published with the CDA test tool of 2025-02; one table a value set.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xds_adapter.vocabulary.folding import folded

_TABLES = Path(__file__).with_name("tables")
_NEAREST_TEXT = 80
"""So many characters of a text are compared for the nearest code: a hostile one must not cost seconds."""
_COMPARED = 200
"""So many names at most are compared thoroughly."""


class Member(NamedTuple):
    """One code of a value set; the largest set has thousands, so it is a tuple.

    Attributes:
        code: The code.
        system: OID of its code system.
        display: Its French display name; empty where the owner of the code system does not let it be passed on.
    """

    code: str
    system: str
    display: str

    def __str__(self) -> str:
        """The code and its display name, for a message."""
        return f"{self.code} {self.display}".rstrip()


_Table = tuple[str, tuple[Member, ...], dict[str, Member]]
"""OID, members, and the first member of each code."""


@cache
def _table(name: str) -> _Table:
    head, *lines = (_TABLES / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    members: list[Member] = []
    system = ""
    for line in lines:
        code, _, display = line.partition(" ")
        if code == "@":
            system = display
        else:
            members.append(Member(code, system, display))
    by_code = {member.code: member for member in reversed(members)}
    return head.removeprefix("-"), tuple(members), by_code


@cache
def _folded(name: str) -> tuple[tuple[str, str], ...]:
    # One call for all: folding each name by itself takes ten times as long.
    members = _table(name)[1]
    codes = folded("\n".join(member.code for member in members)).split("\n")
    displays = folded("\n".join(member.display for member in members)).split("\n")
    return tuple(zip(codes, displays, strict=True))


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A closed list of codes, read at the first question about its members.

    Attributes:
        name: The name its publisher gives it, e.g. ``JDV_ModaliteAcquisition_CISIS``.
        words: What its members are, for messages.
    """

    name: str
    words: str

    @property
    def oid(self) -> str:
        """Its OID; empty when it has none."""
        return _table(self.name)[0]

    @property
    def members(self) -> tuple[Member, ...]:
        """All its codes, in the order of the publisher."""
        return _table(self.name)[1]

    def find(self, code: str, system: str | None = None) -> Member | None:
        """Return the member with this code, or None.

        Args:
            code: The code as written.
            system: OID of the code system that it must be of; None takes the first member with the code.
        """
        _, members, by_code = _table(self.name)
        member = by_code.get(code)
        if member is None or system is None or member.system == system:
            return member
        if len(by_code) == len(members):
            return None
        return next((other for other in members if (other.code, other.system) == (code, system)), None)

    @property
    def some_codes(self) -> str:
        """The first codes, for a message."""
        codes = [member.code for member in self.members]
        return ", ".join(codes[:12]) + (", ..." if len(codes) > 12 else "")

    @property
    def folded(self) -> tuple[tuple[str, str], ...]:
        """Code and display name of every member without case and accents, in the same order."""
        return _folded(self.name)

    def nearest(self, text: str) -> Member | None:
        """Return the member whose code or display name comes closest to `text`, or None."""
        wanted = folded(text[:_NEAREST_TEXT])
        texts = {name: index for index, pair in enumerate(self.folded) for name in reversed(pair) if name}
        near = [name for name in texts if _may_be_near(name, wanted)] if len(texts) > _COMPARED else texts
        shortest = sorted(near, key=len)
        begun = [name for name in shortest if len(wanted) > 2 and name.startswith(wanted)]
        close = begun or difflib.get_close_matches(wanted, shortest[:_COMPARED], n=1, cutoff=0.5)
        return self.members[texts[close[0]]] if close else None


def _may_be_near(name: str, wanted: str) -> bool:
    """Tell cheaply whether a name of a large set is worth a comparison: it shares half a code, or all longer words."""
    half = (len(wanted) + 1) // 2
    if name.startswith(wanted[:half]) or name.endswith(wanted[-half:]):
        return True
    words = [word for word in wanted.split() if len(word) > 3]
    return bool(words) and all(word in name for word in words)


class _ByName(Mapping[str, ValueSet]):
    """The sets by name; the publisher's ending ``_CISIS`` may be left out."""

    def __init__(self, words_by_name: Mapping[str, str]) -> None:
        self._sets = {name: ValueSet(name, words) for name, words in words_by_name.items()}

    def __getitem__(self, name: str) -> ValueSet:
        return self._sets[name if name in self._sets else f"{name}_CISIS"]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sets)

    def __len__(self) -> int:
        return len(self._sets)


VALUE_SETS: Mapping[str, ValueSet] = _ByName(
    {
        "JDV_AbsentOrUnknownImmunization_CISIS": "absent or unknown immunization",
        "JDV_Classification_ACR_CISIS": "ACR category of a mammography",
        "JDV_Classification_ACR_Echographie_CISIS": "ACR category of a breast ultrasound",
        "JDV_CodesDocumentImagerie_CISIS": "imaging act",
        "JDV_Contre_indications_CISIS": "contraindication",
        "JDV_DensiteMammaire_CISIS": "breast density",
        "JDV_Evolution_CISIS": "outcome of an adverse event",
        "JDV_FonctionEtudieeScintigraphie_CISIS": "function studied by scintigraphy",
        "JDV_FonctionEtudieeTEP_CISIS": "function studied by PET",
        "JDV_Gravite_CISIS": "seriousness of an adverse event",
        "JDV_HL7_ActSubstanceAdministrationImmunizationCode_CISIS": "act of immunization",
        "JDV_HL7_ConditionClinical_CISIS": "clinical status of a condition",
        "JDV_HL7_Confidentiality_CISIS": "confidentiality code",
        "JDV_HL7_ParticipationType_CISIS": "participation type of HL7",
        "JDV_HL7_PersonalRelationshipRoleType_CISIS": "personal relationship",
        "JDV_HL7_allergyintolerance_clinical_CISIS": "clinical status of an allergy",
        "JDV_HealthStatusCodes_CISIS": "health status",
        "JDV_ImagerieObjectifsReference_CISIS": "purpose of an image reference",
        "JDV_ImmunizationApproachSiteCode_CISIS": "site of an immunization",
        "JDV_ImmunizationRouteCodes_CISIS": "route of an immunization",
        "JDV_Imputabilite_CISIS": "causality of an adverse event",
        "JDV_InfoPriseEnCharge_CISIS": "care information",
        "JDV_InjectionPDC_TEP_CISIS": "contrast injection of a PET",
        "JDV_J01_XdsAuthorSpecialty_CISIS": "author specialty",
        "JDV_J02_XdsHealthcareFacilityTypeCode_CISIS": "healthcare facility type",
        "JDV_J04_XdsPracticeSettingCode_CISIS": "practice setting",
        "JDV_J07_XdsTypeCode_CISIS": "document type",
        "JDV_J08_XdsConfidentialityCode_CISIS": "confidentiality code of a document entry",
        "JDV_J11_RelationPatient_CISIS": "relation to the patient",
        "JDV_J140_EncounterParticipationType_CISIS": "participation in an encounter",
        "JDV_J141_RoleClass_CISIS": "role class",
        "JDV_J142_TypeRencontre_CISIS": "encounter code",
        "JDV_J143_AdministrativeGender_CISIS": "administrative gender",
        "JDV_J144_ParticipationType_CISIS": "participation type",
        "JDV_J197_XdsTypesIdentifiantsReferenceId_CISIS": "type of a reference id",
        "JDV_J231_XdsTypesIdentifiantsReferenceId_DMP": "type of a reference id in the DMP",
        "JDV_J245_Civilite_CISIS": "person prefix",
        "JDV_J246_Titre_CISIS": "person suffix",
        "JDV_J47_FunctionCode_CISIS": "function of a person",
        "JDV_J48_ProfessionNonPS_CISIS": "profession outside health care",
        "JDV_LateraliteTechniqueImagerie_CISIS": "laterality of an imaging technique",
        "JDV_LocalisationAnatomique_CISIS": "anatomic location",
        "JDV_MediaType_ObservationMedia_CISIS": "media type",
        "JDV_ModaliteAcquisition_CISIS": "acquisition modality",
        "JDV_Modalite_demandeActeImagerie_CISIS": "modality of a request",
        "JDV_ModificateurTopographique_CISIS": "topographic modifier",
        "JDV_Organe_CISIS": "organ",
        "JDV_OrigineEffetIndesirable_CISIS": "origin of an adverse effect",
        "JDV_ProblemCodes_CISIS": "kind of problem",
        "JDV_QuantiteExpositionRayonnements_CISIS": "radiation quantity",
        "JDV_RegionAnatomique_CISIS": "anatomic region",
        "JDV_SOPClass_CISIS": "SOP class",
        "JDV_SeveriteObservation_CISIS": "severity",
        "JDV_SignesVitaux_CISIS": "vital sign",
        "JDV_SocialHistoryCodes_CISIS": "social history item",
        "JDV_StatutDoc_CISIS": "document status",
        "JDV_StatutGrossesse_CISIS": "pregnancy status",
        "JDV_TechniquesDiagnostic_CISIS": "diagnostic technique",
        "JDV_TypeDirectiveAnticipee_CISIS": "kind of advance directive",
        "JDV_TypeEvenementIndesirablePrevisible_CISIS": "kind of allergy or intolerance",
        "JDV_TypeLesionImagerie_CISIS": "kind of lesion",
        "JDV_TypeMammographie_CISIS": "kind of mammography",
        "JDV_TypeRencontre_CISIS": "French encounter code",
        # Sets of ours, for what has no published one.
        "JDV_FonctionEtudiee": "function studied by PET or scintigraphy",
        "CDA_Confidentiality": "confidentiality code of a document header",
        "CDA_ActPriority": "priority",
        "CDA_TelemedicineAct": "act of telemedicine",
    }
)
"""All sets by name. Case schemas (keyword ``valueSet``) may leave out the ending ``_CISIS``."""

ACQUISITION_MODALITY = VALUE_SETS["JDV_ModaliteAcquisition_CISIS"]
ANATOMIC_LOCATION = VALUE_SETS["JDV_LocalisationAnatomique_CISIS"]
ANATOMIC_REGION = VALUE_SETS["JDV_RegionAnatomique_CISIS"]
AUTHOR_SPECIALTY = VALUE_SETS["JDV_J01_XdsAuthorSpecialty_CISIS"]
CARE_INFORMATION = VALUE_SETS["JDV_InfoPriseEnCharge_CISIS"]
CIVILITY = VALUE_SETS["JDV_J245_Civilite_CISIS"]
CONTRAINDICATION = VALUE_SETS["JDV_Contre_indications_CISIS"]
CONFIDENTIALITY = VALUE_SETS["CDA_Confidentiality"]
ENCOUNTER = VALUE_SETS["JDV_J142_TypeRencontre_CISIS"]
FACILITY_TYPE = VALUE_SETS["JDV_J02_XdsHealthcareFacilityTypeCode_CISIS"]
FUNCTION_CODE = VALUE_SETS["JDV_J47_FunctionCode_CISIS"]
GENDER = VALUE_SETS["JDV_J143_AdministrativeGender_CISIS"]
IMAGING_ACT = VALUE_SETS["JDV_CodesDocumentImagerie_CISIS"]
PARTICIPATION = VALUE_SETS["JDV_J144_ParticipationType_CISIS"]
PATIENT_RELATION = VALUE_SETS["JDV_J11_RelationPatient_CISIS"]
PERSON_TITLE = VALUE_SETS["JDV_J246_Titre_CISIS"]
PET_FUNCTION = VALUE_SETS["JDV_FonctionEtudieeTEP_CISIS"]
PET_INJECTION = VALUE_SETS["JDV_InjectionPDC_TEP_CISIS"]
PRACTICE_SETTING = VALUE_SETS["JDV_J04_XdsPracticeSettingCode_CISIS"]
PREGNANCY_STATUS = VALUE_SETS["JDV_StatutGrossesse_CISIS"]
PRIORITY = VALUE_SETS["CDA_ActPriority"]
TELEMEDICINE_ACT = VALUE_SETS["CDA_TelemedicineAct"]
RADIATION_QUANTITY = VALUE_SETS["JDV_QuantiteExpositionRayonnements_CISIS"]
REQUESTED_MODALITY = VALUE_SETS["JDV_Modalite_demandeActeImagerie_CISIS"]
SCINTIGRAPHY_FUNCTION = VALUE_SETS["JDV_FonctionEtudieeScintigraphie_CISIS"]
SOP_CLASS = VALUE_SETS["JDV_SOPClass_CISIS"]
STUDIED_FUNCTION = VALUE_SETS["JDV_FonctionEtudiee"]
TOPOGRAPHIC_MODIFIER = VALUE_SETS["JDV_ModificateurTopographique_CISIS"]
TYPE_CODE = VALUE_SETS["JDV_J07_XdsTypeCode_CISIS"]
