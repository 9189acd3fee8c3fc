"""Sections and entries by which a structured body is read back: their French template ids and codes.

Source: ANS CI-SIS, volets IMG-DA-IMG and IMG-CR-IMG 2024.01, TLM-DA 2022.01.
"""

from __future__ import annotations

SECTION_ROOT = "1.2.250.1.213.1.1.2."
"""What every French section template id begins with; a section is named by what follows."""

CLINICAL_INFORMATION = "205"
REQUEST = "211"
HISTORY = "213"
PATIENT_EDUCATION = "107"
PLAN_OF_CARE = "158.3"
PRIOR_RESULTS = "150"
ATTACHED_DOCUMENTS = "37"
ADDENDUM = "210"
IMAGING_ACT = "206"
COMPLICATIONS = "214"
RADIATION = "215"
CATALOGUE = "217"
MEDICAL_DEVICES = "1"
RESULTS = "208"
COMPARISON = "207"
CONCLUSION = "209"

SECTION_CODES = {
    CLINICAL_INFORMATION: "55752-0",
    REQUEST: "55115-0",
    HISTORY: "11329-0",
    PATIENT_EDUCATION: "34895-3",
    PLAN_OF_CARE: "18776-5",
    PRIOR_RESULTS: "30954-2",
    ATTACHED_DOCUMENTS: "55107-7",
    ADDENDUM: "55107-7",
    IMAGING_ACT: "55111-9",
    COMPLICATIONS: "55109-3",
    RADIATION: "73569-6",
    CATALOGUE: "121181",
    MEDICAL_DEVICES: "46264-8",
    RESULTS: "59776-5",
    COMPARISON: "18834-2",
    CONCLUSION: "19005-8",
}
"""The code of each section."""

COMMENT_ENTRY = "1.2.250.1.213.1.1.3.32"
DOSE_ENTRY = "1.2.250.1.213.1.1.3.154"
