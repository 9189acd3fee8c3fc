"""Display names in our own words, for codes whose owner's display names may not be passed on.

Only the small closed sets that a document needs a display name for are worded here. Where clinical French has one word
for the thing, that word stands here, in its first form; what takes several is said in words of ours. See
docs/decisions/0013-display-names.md.
"""

from __future__ import annotations

from xds_adapter.vocabulary import cda

_SNOMED_CT = """
    24028007 droit
    7771000 gauche
    51440002 bilatéral
    66459002 unilatéral
    49370004 latéral
    260528009 médian
    255549009 antérieur
    255551008 postérieur
    66787007 céphalique
    3583002 caudal
    255561001 médial
    26216008 central
    14414005 périphérique
    261074009 externe
    260521003 interne
    11896004 intermédiaire
    261089000 inférieur
    264217000 supérieur
    62824007 transverse
    40415009 proximal
    46053002 distal
    60583000 postaxial
    32400000 préaxial
    43674008 apical
    57195005 basal
    49530007 afférent
    33843005 efférent
    81654009 coronal
    26283006 superficiel
    795002 profond
    24020000 horizontal
    38717003 longitudinal
    33096000 vertical
    30730003 sagittal
    24422004 axial
    87687004 extra-articulaire
    410679008 à la surface
    68493006 dans la gouttière
    32381004 hilaire
    11070000 capsulaire
    61397002 sous-capsulaire
    57183005 au bord
    37197008 antéro-latéral
    90069004 postéro-latéral
    131183008 intra-articulaire
    112233002 marginal
    63337009 abdomen et pelvis
    38266002 corps entier
    53120007 membre supérieur
    61685007 membre inférieur
    67734004 thorax
    774007 tête et cou
    113257007 cœur et vaisseaux
    80891009 cœur
    76752008 sein
    737561001 rachis et/ou moelle
    60001007 pas de grossesse en cours
    77386006 enceinte
    261665006 inconnu
    1260078007 allaite
    255604002 léger
    6736007 modéré
    24484000 grave
    371923003 de léger à modéré
    371924009 de modéré à grave
    442452003 met la vie en danger
    404684003 constat de l'examen
    55607006 problème
    64572001 maladie
    248536006 constat sur l'autonomie
    1269496002 plainte
    418799008 symptôme décrit par le patient ou un proche
    282291009 diagnostic posé
    385651009 en cours
    398166005 réalisé
    9571008 approuvé
    29179001 clôturé
    609328004 allergie
    416098002 allergie à un médicament
    414285001 allergie à un aliment
    419199007 allergie à un produit
    420134006 tendance aux réactions indésirables
    609396006 hypersensibilité sans allergie
    609398007 hypersensibilité sans allergie à un médicament
    735449006 hypersensibilité sans allergie à un aliment
    609397002 hypersensibilité sans allergie à un produit
    782197009 intolérance à un produit
    59037007 intolérance à un médicament
    235719002 intolérance à un aliment
    1.2.250.1.213.1.1.5.794.1 intolérance à l'environnement
    56840009 idiosyncrasie
"""

_CIM_10 = """
    N18.9 Insuffisance rénale chronique
    I50.9 Défaillance cardiaque
    U83.71 Germe multirésistant
    Z74.0 Mobilité réduite, besoin d'aide
    I60.9 Saignement sous-arachnoïdien
    I61.9 Saignement dans le cerveau
    I63.9 AVC ischémique
    I63.6 AVC par thrombose d'une veine cérébrale
"""

_EDQM = """
    20035000 dans le muscle
    20030000 dans le derme
    20020000 par inhalation
    20053000 par la bouche
    20066000 sous la peau
"""


def _rows(system: str, lines: str) -> dict[tuple[str, str], str]:
    pairs = (line.strip().split(" ", 1) for line in lines.strip().splitlines())
    return {(code, system): display for code, display in pairs}


OWN_DISPLAYS = {**_rows(cda.SNOMED_CT, _SNOMED_CT), **_rows(cda.CIM_10, _CIM_10), **_rows(cda.EDQM, _EDQM)}
"""Our words by code and code system."""
