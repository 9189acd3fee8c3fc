"""Why a patient identity feed is refused: one row a cause; both forms of the feed derive their codes from it.

Source: IHE ITI TF-2 3.8.4.2.4 and 3.44.4.2.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeedEvent(StrEnum):
    """What a message of the feed announces."""

    ADD = "add"
    REVISE = "revise"
    MERGE = "merge"


class RefusalCause(StrEnum):
    """Names of the causes, as the log writes them."""

    SUBSUMED_OF_OTHER_DOMAIN = "subsumed-of-other-domain"
    SURVIVING_OF_OTHER_DOMAIN = "surviving-of-other-domain"
    SAME_IDENTIFIER = "same-identifier"
    SUBSUMED_MERGED_BEFORE = "subsumed-merged-before"
    SURVIVING_MERGED_BEFORE = "surviving-merged-before"
    SUBSUMED_UNKNOWN = "subsumed-unknown"
    SURVIVING_UNKNOWN = "surviving-unknown"
    ADDED_MERGED_BEFORE = "added-merged-before"
    SEVERAL_IDENTIFIERS = "several-identifiers"
    SEVERAL_SUBSUMED = "several-subsumed"


@dataclass(frozen=True, slots=True)
class CauseForm:
    """What a cause says.

    Attributes:
        words: For the operator of the source; without any identifier.
        about_subsumed: The identifier to be subsumed is at fault, not the one of the patient.
    """

    words: str
    about_subsumed: bool = False


CAUSES: dict[RefusalCause, CauseForm] = {
    RefusalCause.SUBSUMED_OF_OTHER_DOMAIN: CauseForm(
        "the subsumed identifier is not of this affinity domain's assigning authority", about_subsumed=True
    ),
    RefusalCause.SURVIVING_OF_OTHER_DOMAIN: CauseForm(
        "the surviving identifier is not of the assigning authority of the subsumed one"
    ),
    RefusalCause.SAME_IDENTIFIER: CauseForm("surviving and subsumed identifier are the same", about_subsumed=True),
    RefusalCause.SUBSUMED_MERGED_BEFORE: CauseForm(
        "the subsumed identifier was merged into another already", about_subsumed=True
    ),
    RefusalCause.SURVIVING_MERGED_BEFORE: CauseForm("the surviving identifier was itself merged into another"),
    RefusalCause.SUBSUMED_UNKNOWN: CauseForm(
        "the subsumed identifier is not known to this registry", about_subsumed=True
    ),
    RefusalCause.SURVIVING_UNKNOWN: CauseForm("the surviving identifier is not known to this registry"),
    RefusalCause.ADDED_MERGED_BEFORE: CauseForm(
        "the identifier was merged into another; a merge cannot be undone by adding it again"
    ),
    RefusalCause.SEVERAL_IDENTIFIERS: CauseForm("the patient has several identifiers of one assigning authority"),
    RefusalCause.SEVERAL_SUBSUMED: CauseForm(
        "several identifiers of one assigning authority are subsumed; send one message for each", about_subsumed=True
    ),
}

INTERACTIONS = "2.16.840.1.113883.1.6"
"""Root of interaction ids and code system of trigger events (HL7 v3)."""

DETAIL_CODES = "2.16.840.1.113883.5.1100"
"""Code system of acknowledgement details (HL7 v3)."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One HL7 v3 message of the feed.

    Attributes:
        name: Its root element and the extension of its interaction id.
        trigger: Code of its control act.
    """

    name: str
    trigger: str
    event: FeedEvent


INTERACTIONS_OF_FEED = (
    Interaction("PRPA_IN201301UV02", "PRPA_TE201301UV02", FeedEvent.ADD),
    Interaction("PRPA_IN201302UV02", "PRPA_TE201302UV02", FeedEvent.REVISE),
    Interaction("PRPA_IN201304UV02", "PRPA_TE201304UV02", FeedEvent.MERGE),
)
ACKNOWLEDGEMENT = "MCCI_IN000002UV01"


class AcknowledgementCode(StrEnum):
    """Acknowledgement/typeCode of an accept acknowledgement.

    Source: IHE ITI TF-2 O.1.2.
    """

    ACCEPT = "CA"
    ERROR = "CE"
    REJECT = "CR"


class DetailCode(StrEnum):
    """Code of an acknowledgementDetail."""

    CONTENT = "SYN113"
    INTERNAL = "INTERR"
