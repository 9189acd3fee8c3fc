"""One thing that is wrong with a CDA document, whoever found it: the rules built in or an official rule pack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CdaSeverity(StrEnum):
    """How bad a finding is: an error must be mended, a warning should be."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        xpath: The element concerned.
        line: The line on which its start tag ends, or None.
        message: What is wrong and what to do.
    """

    rule: str
    severity: CdaSeverity
    xpath: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.xpath}" if self.line else self.xpath
        return f"{where}: {self.message} [{self.rule}]"
