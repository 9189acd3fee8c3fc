"""What the registry holds of a removal: the objects it names, and what is linked to them.

Source: IHE ITI Remove Metadata and Documents 3.62.4.1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xds_adapter.model.facts import KnownObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalFacts:
    """The part of the registry that one removal touches.

    Attributes:
        named: Registered objects among those to be removed, by entryUUID.
        linked: Registered objects at the ends of removed associations that are not removed themselves, by entryUUID.
        associations: All associations with one of `named` or of `linked` at an end, those to be removed among them.
    """

    named: Mapping[str, KnownObject] = field(default_factory=dict)
    linked: Mapping[str, KnownObject] = field(default_factory=dict)
    associations: tuple[KnownObject, ...] = ()
