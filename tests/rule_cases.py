"""A rule with a value that keeps it and one that breaks nothing but it: the tables of the tests of rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xds_adapter.model import RegistryError

METADATA_ERROR = "XDSRegistryMetadataError"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule, once kept and once broken.

    Attributes:
        right: A value that the rule allows, close to what it forbids.
        wrong: The same value with one thing broken.
        code: errorCode of the finding, as the standard names it.
        object_id: What the finding calls the object.
        attribute: The attribute it names; empty when the object as a whole is wrong.
        value: The value it quotes; empty when it is the absence that is wrong.
    """

    rule: str
    name: str
    right: Any
    wrong: Any
    code: str = METADATA_ERROR
    object_id: str = ""
    attribute: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.rule} {self.name}"

    @property
    def finding(self) -> tuple[str, str, str, str, str]:
        """What the wrong value must yield, in the form of `found`."""
        return (self.rule, self.code, self.object_id, self.attribute, self.value)


def found(errors: Iterable[RegistryError]) -> list[tuple[str, str, str, str, str]]:
    """Rule, errorCode, object, attribute and value of findings, each with its rule in the words for the sender."""
    errors = list(errors)
    assert [] == [error.code_context for error in errors if f"[{error.rule}]" not in error.code_context]
    return [(e.rule, e.code, e.object_id, e.attribute, e.value) for e in errors]
