"""French for the details that fill the places of a rule's words."""

from __future__ import annotations

import re

_PHRASES = {
    "is not YYYY[MM[DD[hh[mm[ss]]]]][+zzzz]": "n'est pas de la forme AAAA[MM[JJ[hh[mm[ss]]]]][+zzzz]",
    "is no date and time of the calendar": "n'est pas une date du calendrier",
    "has a value and a beginning or an end": "porte à la fois une valeur et un début ou une fin",
    "does not end after it begins": "ne finit pas après son début",
    "has a nullFlavor": "porte un nullFlavor",
    "repeats another": "en répète une autre",
    "root and extension": "root et extension",
    "code and codeSystem, or a nullFlavor alone": "code et codeSystem, ou un nullFlavor seul",
    "the birth name (family, qualifier BR)": "le nom de naissance (family, qualifier BR)",
    "the first birth name (given, qualifier BR)": "le premier prénom de naissance (given, qualifier BR)",
    "the list of birth first names (given without qualifier)": "tous les prénoms de naissance (given sans qualifier)",
    "the birth date (birthTime)": "la date de naissance (birthTime)",
    "the sex (administrativeGenderCode)": "le sexe (administrativeGenderCode)",
    "the place of birth (birthplace/place/addr/county)": "le lieu de naissance (birthplace/place/addr/county)",
    "is not 13 characters and a key of 2 digits": "n'a pas 13 caractères et une clé de 2 chiffres",
    "holds a letter where no department has one": "porte une lettre là où aucun département n'en a",
    "text follows the padding": "du texte suit la fin",
    "the text breaks off in the middle of a group of four": "le texte s'arrête au milieu d'un groupe de quatre",
    "there is none": "il n'y en a pas",
    "element": "l'élément",
    "nothing": "rien",
    # Forms of attributes.
    "any": "un texte",
    "st": "un texte qui n'est pas vide",
    "cs": "un mot sans blanc",
    "bl": "true ou false",
    "uid": "un OID ou un UUID",
    "int": "un nombre entier",
    "real": "un nombre",
    "url": "une URL",
    "ID": "un nom XML",
    "IDREF": "un nom XML",
    "IDREFS": "des noms XML",
    "a third template": "un troisième",
}
_KEY = re.compile(r"has the key (\d+), its digits give (\d+); check the number")


def in_french(detail: str) -> str:
    """Say a detail in French; what is no phrase, such as a value of the document, stays as it is."""
    detail = _PHRASES.get(detail, detail)
    return _KEY.sub(r"porte la clé \1, ses chiffres donnent \2 ; vérifiez le numéro", detail).replace(" or ", " ou ")
