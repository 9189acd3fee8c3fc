"""Names of coding schemes, for messages to people.

Source: HL7 OID registry; ANS NOS; IHE formatCode vocabulary.
"""

from __future__ import annotations

from xds_adapter.vocabulary import cda

CODING_SCHEME_NAMES = {
    **cda.CODE_SYSTEM_NAMES,
    cda.ACT_CODE: "HL7 ActCode",
    cda.CONFIDENTIALITY: "HL7 Confidentiality",
    cda.FORMAT_CODE_IHE: "IHE formatCode",
    cda.GENDER: "HL7 AdministrativeGender",
    cda.PARTICIPATION_TYPE: "HL7 ParticipationType",
    "2.16.840.1.113883.5.79": "HL7 mediaType",
    "2.16.840.1.113883.5.88": "HL7 ParticipationFunction",
    "2.16.840.1.113883.5.110": "HL7 RoleClass",
    "2.16.840.1.113883.5.111": "HL7 RoleCode",
}
"""What people call a coding scheme; one that is missing here is shown by its OID alone."""
