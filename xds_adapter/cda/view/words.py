"""The words of the page in French and English; the document's own text is never translated."""

from __future__ import annotations

from enum import StrEnum


class Lang(StrEnum):
    """A language the page can speak."""

    FR = "fr"
    EN = "en"


_WORDS: dict[str, tuple[str, str]] = {
    # Parts of the page.
    "skip": ("Aller au contenu", "Skip to the content"),
    "patient": ("Patient", "Patient"),
    "contents": ("Dans ce document", "In this document"),
    "summary": ("En bref", "At a glance"),
    "images": ("Images", "Images"),
    "open_images": ("Ouvrir les images", "Open the images"),
    "attachments": ("Fichiers joints", "Attached files"),
    "body": ("Document", "Document"),
    "about": ("À propos de ce document", "About this document"),
    "shown_above": ("Cette rubrique est affichée en tête de page.", "This section is shown at the top of the page."),
    "no_text": ("Aucun texte.", "No text."),
    "coded_only": (
        "Cette rubrique ne contient que des données codées, sans texte à lire.",
        "This section holds coded data only, no text to read.",
    ),
    "untitled": ("Rubrique sans titre", "Section without a title"),
    "no_body": ("Ce document n’a pas de corps.", "This document has no body."),
    "footer": (
        "Page produite à partir du document d’origine, qui seul fait foi.",
        "Page made from the original document, which alone is authoritative.",
    ),
    "table": ("Tableau", "Table"),
    "note": ("note", "note"),
    # Addresses and files.
    "link_removed": ("lien retiré par sécurité", "link removed for safety"),
    "image": ("Image {number}", "Image {number}"),
    "image_above": ("{name}, déjà affichée", "{name}, shown already"),
    "image_missing": ("image absente du document", "image missing from the document"),
    "file": ("Fichier joint {number}", "Attached file {number}"),
    "save": ("Enregistrer", "Save"),
    "save_pdf": ("Ouvrir ou enregistrer le PDF", "Open or save the PDF"),
    "attached_to_pdf": ("Joint à ce PDF sous le nom {name}.", "Attached to this PDF as {name}."),
    "cannot_embed": (
        "Ce navigateur n’affiche pas le PDF dans la page : ouvrez-le par le lien ci-dessus.",
        "This browser does not show the PDF inside the page: open it by the link above.",
    ),
    "large_pdf": (
        "Ce PDF est trop volumineux pour être affiché dans la page : ouvrez-le par le lien ci-dessus.",
        "This PDF is too large to be shown inside the page: open it by the link above.",
    ),
    "print_pdf": (
        "Le PDF n’est pas imprimé avec cette page : ouvrez-le pour l’imprimer.",
        "The PDF is not printed with this page: open it to print it.",
    ),
    "refused_type": (
        "Contenu de type {media_type} non affiché : ce type n’est pas sûr ou n’est pas connu.",
        "Content of type {media_type} not shown: this type is not safe or not known.",
    ),
    "refused_content": (
        "Contenu non affiché : il n’est pas du type annoncé ({media_type}).",
        "Content not shown: it is not of the declared type ({media_type}).",
    ),
    "refused_base64": (
        "Contenu non affiché : son codage en base64 est endommagé.",
        "Content not shown: its base64 encoding is damaged.",
    ),
    "refused_compressed": (
        "Contenu compressé ({compression}), non affiché.",
        "Compressed content ({compression}), not shown.",
    ),
    "elsewhere": (
        "Le contenu se trouve hors de ce document",
        "The content is kept outside this document",
    ),
    # The patient.
    "birth_name": ("Nom de naissance", "Birth name"),
    "born": ("Naissance", "Born"),
    "sex": ("Sexe", "Sex"),
    "sex_F": ("Féminin", "Female"),
    "sex_M": ("Masculin", "Male"),
    "sex_UN": ("Indéterminé", "Undifferentiated"),
    "age": ("{years} ans à la date du document", "aged {years} at the date of the document"),
    "ins": ("INS", "INS"),
    "ins_test": ("INS (test)", "INS (test)"),
    "local_id": ("Identifiant local", "Local identifier"),
    "unknown_patient": ("Patient sans nom", "Patient without a name"),
    "birthplace": ("Lieu de naissance", "Place of birth"),
    "address": ("Adresse", "Address"),
    "telecom": ("Contact", "Contact"),
    # Who, what, when.
    "exam": ("Examen", "Examination"),
    "requested_act": ("Acte demandé", "Requested act"),
    "author": ("Auteur", "Author"),
    "legal_authenticator": ("Validé par", "Validated by"),
    "authenticator": ("Attesté par", "Attested by"),
    "performer": ("Réalisé par", "Performed by"),
    "prescriber": ("Demandé par", "Requested by"),
    "accession": ("Numéro d’examen", "Accession number"),
    "order": ("Numéro de demande", "Order number"),
    "date": ("Date du document", "Date of the document"),
    "encounter": ("Prise en charge", "Encounter"),
    "facility": ("Lieu de soins", "Place of care"),
    "custodian": ("Conservé par", "Kept by"),
    "recipient": ("Destinataire", "Recipient"),
    "informant": ("Informateur", "Informant"),
    "scribe": ("Saisi par", "Entered by"),
    "participant_REF": ("Adressé par", "Referred by"),
    "participant_REFB": ("Adressé par", "Referred by"),
    "participant_INF": ("Informateur", "Informant"),
    "participant_RESP": ("Responsable", "Responsible"),
    "participant_PRF": ("Participant", "Participant"),
    "participant_CON": ("Correspondant", "Consultant"),
    "participant_VRF": ("Vérifié par", "Verified by"),
    "participant": ("Participant", "Participant"),
    "document_id": ("Identifiant du document", "Document identifier"),
    "set_id": ("Identifiant du jeu de versions", "Identifier of the set of versions"),
    "version": ("Version", "Version"),
    "replaces": ("Remplace le document", "Replaces the document"),
    "appends": ("Complète le document", "Supplements the document"),
    "transforms": ("Transformation du document", "Transformation of the document"),
    "related": ("Document lié", "Related document"),
    "language": ("Langue", "Language"),
    "confidentiality": ("Confidentialité", "Confidentiality"),
    "consent": ("Autorisation", "Authorization"),
    "confidentiality_N": ("Normale", "Normal"),
    "confidentiality_R": ("Restreinte", "Restricted"),
    "confidentiality_V": ("Très restreinte", "Very restricted"),
    # Marks beside the title.
    "mark_version": ("Version {number}", "Version {number}"),
    "mark_replaces": ("Remplace une version antérieure", "Replaces an earlier version"),
    "mark_addendum": ("Avec addendum", "With addendum"),
    "mark_urgent": ("Urgent", "Urgent"),
    "mark_confidentiality": ("Confidentialité : {level}", "Confidentiality: {level}"),
    "section_author": ("Par {name}", "By {name}"),
    "on": ("le {moment}", "on {moment}"),
}

_MONTHS = {
    Lang.FR: (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
    Lang.EN: (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


class Words:
    """The words in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self._column = 0 if lang is Lang.FR else 1

    def __call__(self, key: str, **values: object) -> str:
        """Return the words for `key`; a `KeyError` is a mistake of the caller."""
        words = _WORDS[key][self._column]
        return words.format(**values) if values else words

    def known(self, key: str) -> str | None:
        """Return the words for a key that a document may have chosen, or None."""
        return _WORDS[key][self._column] if key in _WORDS else None

    def month(self, number: int) -> str:
        """Return the name of a month, 1 to 12."""
        return _MONTHS[self.lang][number - 1]
