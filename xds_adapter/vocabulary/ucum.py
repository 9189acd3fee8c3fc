"""Units of measure that the official rules do not know.

The rules compare the unit of an observed value with an extract of UCUM that holds hundreds of units but no dose-area
product, no activity in MBq and no dose in mSv.

Source: ANS CDA test tool of 2025-02 (terminology 2.16.840.1.113883.6.8); HL7 v3 data types R1, PQ and nullFlavor OTH.
"""

from __future__ import annotations

UCUM = "2.16.840.1.113883.6.8"
_ACTIVITIES = ("kBq", "MBq", "GBq", "mCi")
_DOSES = ("uGy", "mSv", "uSv")
_PRODUCTS = ("Gy.cm", "Gy.m2", "uGy.m2", "Gy.cm2", "mGy.cm2", "cGy.cm2", "dGy.cm2")
UNLISTED = frozenset({*_ACTIVITIES, *_DOSES, *_PRODUCTS, "1"})
"""Valid UCUM units that a case takes and the extract lacks."""
