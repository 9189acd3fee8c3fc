"""How the stored form of an object is written and read; given from outside, since actors know no XML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xds_adapter.model import RegistryObject


@dataclass(frozen=True, slots=True)
class LeafCodec:
    """The two directions of the stored form.

    Attributes:
        encode: Writes an object without its availabilityStatus.
        decode: Reads what `encode` wrote.
    """

    encode: Callable[[RegistryObject], str]
    decode: Callable[[str], RegistryObject]
