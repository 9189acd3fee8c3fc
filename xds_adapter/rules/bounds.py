"""How many findings an answer holds: all that a sender can use, and never as many as a hostile message has faults.

Source: IHE ITI TF-3 4.2.4.1 sets no limit.
"""

from __future__ import annotations

from collections.abc import Sequence

from xds_adapter.model import RegistryError
from xds_adapter.model.finding import finding

MOST_FINDINGS = 1000


def bounded(errors: Sequence[RegistryError]) -> Sequence[RegistryError]:
    """Return all findings, or the first 1000, errors before warnings, and one that says how many more there are."""
    if len(errors) <= MOST_FINDINGS:
        return errors
    ordered = sorted(errors, key=lambda error: not error.is_error)
    left = len(errors) - MOST_FINDINGS
    return [*ordered[:MOST_FINDINGS], finding("META-070", f"{left} more findings are not listed")]
