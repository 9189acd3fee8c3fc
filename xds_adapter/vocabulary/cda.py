"""OIDs, template ids and derivation tables of French CDA R2 documents.

Source: HL7 CDA R2; ANS CI-SIS, volet Structuration minimale; ANS NOS tables ASS_X04 and ASS_A11.
"""

from __future__ import annotations

CodeRow = tuple[str, str, str]
"""A code, its coding scheme and its display name."""

LOINC = "2.16.840.1.113883.6.1"
SNOMED_CT = "2.16.840.1.113883.6.96"
DCM = "1.2.840.10008.2.16.4"
DCMUID = "1.2.840.10008.2.6.1"
TA_ASIP = "1.2.250.1.213.1.1.4.322"
CIM_10 = "2.16.840.1.113883.6.3"
CCAM = "1.2.250.1.215.300.1"
NGAP = "1.2.250.1.215.200.3.3"
ATC = "2.16.840.1.113883.6.73"
CIP = "1.2.250.1.213.2.3.2"
EDQM = "0.4.0.127.0.16.1.1.2.1"
ADICAP = "1.2.250.1.213.2.11"
EMDN = "1.2.250.1.213.2.68"
NCIT = "2.16.840.1.113883.3.26.1.1"
ACT_CODE = "2.16.840.1.113883.5.4"
ACT_PRIORITY = "2.16.840.1.113883.5.7"
CONFIDENTIALITY = "2.16.840.1.113883.5.25"
GENDER = "2.16.840.1.113883.5.1"
PARTICIPATION_TYPE = "2.16.840.1.113883.5.90"
ENCOUNTER_FR = "1.2.250.1.213.1.1.4.2.291"
CIVILITY = "1.2.250.1.213.1.6.1.69"
PERSON_TITLE = "1.2.250.1.213.1.6.1.11"
MASKING = "1.2.250.1.213.1.1.4.13"
CLASS_CODE = "1.2.250.1.213.1.1.4.1"
CONTENT_TYPE_CODE = "1.2.250.1.213.2.2"
FORMAT_CODE_IHE = "1.3.6.1.4.1.19376.1.2.3"
FORMAT_CODE_FR = "1.2.250.1.213.1.1.4.2.282"

CODE_SYSTEM_NAMES = {
    LOINC: "LOINC",
    SNOMED_CT: "SNOMED CT",
    DCM: "DCM",
    DCMUID: "DCMUID",
    TA_ASIP: "TA_ASIP",
    CIM_10: "CIM-10",
    CCAM: "CCAM",
    NGAP: "NGAP",
    ATC: "ATC",
    CIP: "CIP",
    EDQM: "EDQM",
    ADICAP: "ADICAP",
    EMDN: "EMDN",
    NCIT: "NCIT",
    ACT_PRIORITY: "HL7:ActPriority",
}
"""What codeSystemName says of a code system, where it is customary to say it."""

# Identifier roots: ANS CI-SIS, volet Structuration minimale.
PROFESSIONAL_ROOT = "1.2.250.1.71.4.2.1"
STRUCTURE_ROOT = "1.2.250.1.71.4.2.2"
PATIENT_HOST_ROOT = "1.2.250.1.213.4.1"
INS_ROOTS = (
    "1.2.250.1.213.1.4.8",
    "1.2.250.1.213.1.4.9",
    "1.2.250.1.213.1.4.10",
    "1.2.250.1.213.1.4.11",
)
INS_TEST_ROOTS = ("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11")
"""Those of the INS roots whose numbers belong to nobody: tests and demonstrations."""
CDA_TYPE_ID = ("2.16.840.1.113883.1.3", "POCD_HD000040")

# Document templates.
HL7_FRANCE = "2.16.840.1.113883.2.8.2.1"
CI_SIS = "1.2.250.1.213.1.1.1.1"
LEVEL_1 = "1.3.6.1.4.1.19376.1.2.20"
IMG_DA_IMG = "1.2.250.1.213.1.1.1.47"
IMG_CR_IMG = "1.2.250.1.213.1.1.1.45"
TLM_DA = "1.2.250.1.213.1.1.1.38"

IMAGING_REQUEST_CODE = "55115-0"
IMAGING_REPORT_CODE = "18748-4"
TELEMEDICINE_REQUEST_CODE = "75496-0"
TELEMEDICINE_REPORT_CODE = "85208-7"

REQUESTED_EXAM = "1.2.250.1.213.1.1.3.27.3"
"""Template of the observation by which a request asks for an exam (FR-Demande-d-examen-ou-de-suivi-IMG-DA)."""

CDA_MIME_TYPE = "text/xml"
SELF_PRESENTING_MIME_TYPE = "application/xslt+xml"
"""mimeType of a document that lies in its own stylesheet."""

DICOM_CATALOGUE_CODE = "121181"
"""Code (DCM) of the section that lists studies and their images."""
CONCLUSION_CODES = ("19005-8", "55110-1")
"""Codes (LOINC) of a section that concludes."""
REQUESTED_ACTS_CODE = "18776-5"
"""Code (LOINC) of the section that says what is requested."""
ADDENDUM_TEMPLATES = ("1.2.840.10008.9.6", "1.2.250.1.213.1.1.2.210")
"""Templates of the addendum section (DICOM PS3.20, CI-SIS)."""

KIND_OF_MODEL = {
    IMG_DA_IMG: "imaging-request",
    IMG_CR_IMG: "imaging-report",
    TLM_DA: "telemedicine-request",
}
"""The kind of a structured document, by the template id of its model."""
KIND_OF_LEVEL_1 = {IMAGING_REPORT_CODE: "imaging-report-pdf", TELEMEDICINE_REPORT_CODE: "telemedicine-report"}
"""The kind of a level 1 document, by its code."""

QUALIFIER_MODALITY = "121139"
"""Name of the qualifier that marks a translation of serviceEvent/code as the modality (DCM)."""

MASKING_CODES: dict[str, CodeRow] = {
    "MASQUE_PS": ("MASQUE_PS", MASKING, "Masqué aux professionnels de santé"),
    "INVISIBLE_PATIENT": ("INVISIBLE_PATIENT", MASKING, "Non visible par le patient"),
    "INVISIBLE_REPRESENTANTS_LEGAUX": (
        "INVISIBLE_REPRESENTANTS_LEGAUX",
        MASKING,
        "Non visible par les représentants légaux du patient",
    ),
}
"""confidentialityCode values that say from whom the DMP hides a document; never written in the document itself
(ANS NOS JDV_J08)."""

QUALIFIER_REGION = "39111-0"
"""Name of the qualifier that marks a translation of serviceEvent/code as the region (LOINC)."""
QUALIFIER_TOPOGRAPHY = "106233006"
"""Name of the qualifier that holds the side or position of a site (SNOMED CT)."""

_REPORT_CLASS = ("10", CLASS_CODE, "Compte rendu")
_PRESCRIPTION_CLASS = ("42", CLASS_CODE, "Prescription")
CLASS_CODES: dict[str, CodeRow] = {
    IMAGING_REPORT_CODE: _REPORT_CLASS,
    TELEMEDICINE_REPORT_CODE: _REPORT_CLASS,
    IMAGING_REQUEST_CODE: _PRESCRIPTION_CLASS,
    TELEMEDICINE_REQUEST_CODE: _PRESCRIPTION_CLASS,
}
"""classCode of a typeCode, for the documents of imaging and telemedicine (ANS NOS ASS_X04)."""

FORMAT_CODES: dict[str, CodeRow] = {
    IMG_DA_IMG: ("urn:ans:ci-sis:img-da:2022", FORMAT_CODE_FR, "Demande d'actes d'imagerie"),
    IMG_CR_IMG: (
        "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013",
        FORMAT_CODE_IHE,
        "Compte rendu d'imagerie médicale",
    ),
    TLM_DA: ("urn:asip:ci-sis:tlm-da:2020", FORMAT_CODE_FR, "Demande d'acte de télémédecine"),
}
"""formatCode of a document template (ANS NOS ASS_A11)."""

LEVEL_1_FORMAT_CODES: dict[str, CodeRow] = {
    "application/pdf": ("urn:ihe:iti:xds-sd:pdf:2008", FORMAT_CODE_IHE, "Document à corps non structuré en PDF"),
    "text/plain": ("urn:ihe:iti:xds-sd:text:2008", FORMAT_CODE_IHE, "Document à corps non structuré en texte"),
    "image/jpeg": ("urn:ihe:iti-fr:xds-sd:jpeg:2010", FORMAT_CODE_IHE, "Document à corps non structuré en JPEG"),
    "text/rtf": ("urn:ihe:iti-fr:xds-sd:rtf:2010", FORMAT_CODE_IHE, "Document à corps non structuré en RTF"),
    "image/tiff": ("urn:ihe:iti-fr:xds-sd:tiff:2010", FORMAT_CODE_IHE, "Document à corps non structuré en TIFF"),
}
"""formatCode of a level 1 document, by the media type of its body."""

# Displays are our own words: the value set JDV_J59 was not available.
INPATIENT_CONTENT = ("03", CONTENT_TYPE_CODE, "Hospitalisation")
OUTPATIENT_CONTENT = ("07", CONTENT_TYPE_CODE, "Consultation externe")
SESSION_CONTENT = ("19", CONTENT_TYPE_CODE, "Séance")
CONTENT_TYPE_CODES: dict[str, CodeRow] = {
    "IMP": INPATIENT_CONTENT,
    "AMB": OUTPATIENT_CONTENT,
    "EMER": OUTPATIENT_CONTENT,
    "EXTERNE": OUTPATIENT_CONTENT,
    "FLD": OUTPATIENT_CONTENT,
    "HH": OUTPATIENT_CONTENT,
    "VR": OUTPATIENT_CONTENT,
    "SEANCE": SESSION_CONTENT,
}
"""contentTypeCode of a submission by the encounter's code; no encounter code counts as outpatient."""
CODED_RESULTS = "1.3.6.1.4.1.19376.1.5.3.1.3.28"
"""IHE PCC, section of coded results."""
ATTACHED_DOCUMENT = "1.2.250.1.213.1.1.3.18"
"""CI-SIS, entry of an attached document."""
DEVICE_ENTRY = "1.2.250.1.213.1.1.3.20"
"""CI-SIS, entry of a medical device."""
HL7_ROUTE = "2.16.840.1.113883.5.112"
"""HL7 RouteOfAdministration."""
