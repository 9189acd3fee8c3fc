"""Units of measure as UCUM writes them: whether a text is one.

A unit is made of atoms, which may carry a metric prefix and an exponent, with ``.`` and ``/`` between them, brackets
and annotations in braces: ``mGy.cm``, ``mm[Hg]``, ``/min``, ``10*9/L``, ``{score}``.

Source: The Unified Code for Units of Measure, version 2.1, case sensitive codes.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PREFIXES = ("da", "Ki", "Mi", "Gi", "Ti", *"YZEPTGMkhdcmunpfazy")
# Atoms that take a prefix.
_METRIC = frozenset(
    ["m", "s", "g", "rad", "K", "C", "cd", "mol", "sr", "Hz", "N", "Pa", "J", "W", "A", "V", "F", "Ohm", "S", "Wb", "Cel", "T", "H", "lm", "lx", "Bq", "Gy", "Sv", "L", "l", "ar", "t", "bar", "u", "eV", "pc", "[c]", "[h]", "[k]", "[eps_0]", "[mu_0]", "[e]", "[m_e]", "[m_p]", "[G]", "[g]", "Ky", "Gal", "dyn", "erg", "P", "Bi", "St", "Mx", "G", "Oe", "Gb", "sb", "Lmb", "ph", "Ci", "R", "RAD", "REM", "cal_[15]", "cal_[20]", "cal_m", "cal_IT", "cal_th", "cal", "tex", "bit", "By", "Bd", "st", "mho", "m[H2O]", "m[Hg]", "eq", "osm", "kat", "U", "[iU]", "[IU]", "g%", "Np", "B", "B[SPL]", "B[V]", "B[mV]", "B[uV]", "B[10.nV]", "B[W]", "B[kW]", "[Amb'a'1'U]", "bit_s", "[arb'U]", "[USP'U]", "gf", "att"]
)
_PLAIN = frozenset(
    ["10*", "10^", "[pi]", "%", "[ppth]", "[ppm]", "[ppb]", "[pptr]", "gon", "deg", "'", "''", "min", "h", "d", "a_t", "a_j", "a_g", "a", "wk", "mo_s", "mo_j", "mo_g", "mo", "AU", "[ly]", "lbf[av]", "[lbf_av]", "gf", "[in_i]", "[ft_i]", "[yd_i]", "[mi_i]", "[fth_i]", "[nmi_i]", "[kn_i]", "[sin_i]", "[sft_i]", "[syd_i]", "[cin_i]", "[cft_i]", "[cyd_i]", "[bf_i]", "[cr_i]", "[mil_i]", "[cml_i]", "[hd_i]", "[in_us]", "[ft_us]", "[yd_us]", "[mi_us]", "[in_br]", "[ft_br]", "[in_uk]", "[acr_us]", "[gal_us]", "[bbl_us]", "[qt_us]", "[pt_us]", "[gil_us]", "[foz_us]", "[fdr_us]", "[min_us]", "[crd_us]", "[bu_us]", "[cup_us]", "[tbs_us]", "[tsp_us]", "[cup_m]", "[foz_m]", "[tbs_m]", "[tsp_m]", "[gal_br]", "[pt_br]", "[foz_br]", "[gr]", "[lb_av]", "[oz_av]", "[dr_av]", "[scwt_av]", "[lcwt_av]", "[ston_av]", "[lton_av]", "[stone_av]", "[oz_tr]", "[lb_tr]", "[pwt_tr]", "[sc_ap]", "[dr_ap]", "[oz_ap]", "[lb_ap]", "[oz_m]", "[lne]", "[pnt]", "[pca]", "[degF]", "[degR]", "[degRe]", "[in_i'H2O]", "[in_i'Hg]", "[Btu]", "[Btu_th]", "[Btu_IT]", "[Cal]", "[HP]", "[den]", "[psi]", "circ", "sph", "[car_m]", "[car_Au]", "[smoot]", "[hp_X]", "[hp_C]", "[hp_M]", "[hp_Q]", "[hp'_X]", "[p'diop]", "[diop]", "[mesh_i]", "[Ch]", "[drp]", "[hnsf'U]", "[MET]", "[pH]", "[S]", "[HPF]", "[LPF]", "[CFU]", "[EID_50]", "[PFU]", "[FFU]", "[TCID_50]", "[CCID_50]", "[D'ag'U]", "[FEU]", "[ELU]", "[EU]", "[Lf]", "[BAU]", "[AU]", "[APL'U]", "[GPL'U]", "[MPL'U]", "[dye'U]", "[ka'U]", "[knk'U]", "[mclg'U]", "[todd'U]", "[bdsk'U]", "[beth'U]", "[tb'U]", "[smgy'U]", "[kp_C]", "[cal]", "[m/s2/Hz^(1/2)]", "%[slope]", "[wood'U]", "[PRU]", "sccs", "[IR]", "[kn_br]", "[PNU]", "[anti'Xa'U]", "Ao", "atm", "b", "Torr", "[acr_br]", "[Btu_39]", "[Btu_59]", "[Btu_60]", "[Btu_m]", "[bu_br]", "[ch_br]", "[ch_us]", "[cicero]", "[didot]", "[dpt_us]", "[dqt_us]", "[fdr_br]", "[fth_br]", "[fth_us]", "[fur_us]", "[gal_wi]", "[gil_br]", "[ligne]", "[lk_br]", "[lk_us]", "[mi_br]", "[mil_us]", "[min_br]", "[nmi_br]", "[pc_br]", "[pca_pr]", "[pied]", "[pk_br]", "[pk_us]", "[pnt_pr]", "[pouce]", "[qt_br]", "[rch_us]", "[rd_br]", "[rd_us]", "[rlk_us]", "[sct]", "[smi_us]", "[srd_us]", "[twp]", "[yd_br]"]
)
_COMPONENT = re.compile(
    r"(?P<atom>(?:10[*^]|[^\d./(){}+\[\]-]+(?:\[[^\]]*\])?|\[[^\]]*\])(?:_?\[[^\]]*\])*)(?P<power>[+-]?\d+)?"
)
_NUMBER = re.compile(r"\d+")


@lru_cache(2000)
def is_unit(text: str) -> bool:
    """Tell whether `text` is a unit of UCUM, case sensitive."""
    # An annotation that stands for a unit counts as 1.
    bare = re.sub(r"\{[^{}]*\}", "", re.sub(r"(^|[./(])\{[^{}]*\}", r"\g<1>1", text))
    return text.isascii() and not any(mark in bare for mark in "{} \t\n") and _is_term(bare)


def _is_term(text: str) -> bool:
    depth = 0
    parts = [""]
    for letter in text.removeprefix("/"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth < 0:
            return False
        if letter in "./" and not depth and not _in_brackets(parts[-1]):
            parts.append("")
        else:
            parts[-1] += letter
    return depth == 0 and all(_is_component(part) for part in parts)


def _in_brackets(text: str) -> bool:
    return text.count("[") > text.count("]")


def _is_component(text: str) -> bool:
    if text.startswith("(") and text.endswith(")"):
        return _is_term(text[1:-1])
    if _NUMBER.fullmatch(text):
        return True
    match = _COMPONENT.fullmatch(text)
    return match is not None and _is_atom(match["atom"])


def _is_atom(atom: str) -> bool:
    if atom in _METRIC or atom in _PLAIN:
        return True
    return any(atom.startswith(prefix) and atom[len(prefix) :] in _METRIC for prefix in _PREFIXES)
