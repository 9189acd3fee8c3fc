"""Rules across the sections of a telemedicine request.

Source: ANS CI-SIS, volet TLM-DA 2022.01 (sections Anamnèse and Traitements); IHE PCC 6.3.4.22 (units of vital signs).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xds_adapter.cda.case_faults import Fault, both

_LENGTHS = ("m", "cm", "[in_us]")
_UNITS: Mapping[str, tuple[str, ...]] = {
    "9279-1": ("/min",),
    "8867-4": ("/min",),
    "20564-1": ("%",),
    "8480-6": ("mm[Hg]",),
    "8462-4": ("mm[Hg]",),
    "8310-5": ("Cel", "[degF]"),
    "8302-2": _LENGTHS,
    "8306-3": _LENGTHS,
    "8287-5": _LENGTHS,
    "8280-0": _LENGTHS,
    "29463-7": ("kg", "g", "[lb_av]"),
    "39156-5": ("kg/m2",),
}


def telemedicine_faults(sections: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong across the sections of a telemedicine request that follow the schema."""
    anamnesis = sections["anamnesis"]
    coded = anamnesis.keys() - {"narrative"}
    words = f"stands beside {', '.join(sorted(coded))}; an anamnesis is in words or coded"
    yield from both(anamnesis, ("sections", "anamnesis"), "narrative", coded, words)
    words = "stands beside treatments; give one of them"
    yield from both(sections, ("sections",), "absence_of_treatments", {"treatments"}, words)
    for index, sign in enumerate(sections.get("vital_signs", {}).get("observations", ())):
        units = _UNITS.get(sign["code"]["code"], (sign["unit"],))
        if sign["unit"] not in units:
            path = ("sections", "vital_signs", "observations", index, "unit")
            yield path, f"{sign['unit']} is no unit of {sign['code']['code']}; use {' or '.join(units)}"
