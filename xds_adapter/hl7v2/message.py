"""Read the octets of an HL7 v2 message into segments and fields.

Tolerant in what does no harm: LF and CRLF end a segment as CR does, unknown segments and fields are kept.

Source: HL7 v2.5 chapter 2.5 to 2.7; IHE ITI TF-2 C.2.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xds_adapter.errors import MalformedMessage
from xds_adapter.vocabulary.hl7v2 import CHARACTER_SETS, AckCode, ErrorCondition

_SEGMENT_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(rb"MSH(?P<field>[^\w\s])(?P<others>[^\w\s]{3,5})(?P=field)")
_NULL = '""'


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message is not taken.

    Attributes:
        code: AE or AR.
        condition: Row of table 0357.
        location: ERR-2, e.g. ``PID^1^3``; empty when no field is at fault.
        words: For people, without any identifier.
    """

    code: AckCode
    condition: ErrorCondition
    location: str
    words: str


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters that take a field apart."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def unescaped(self, text: str) -> str:
        r"""Resolve ``\F\``, ``\S\``, ``\R\``, ``\T\``, ``\E\`` and ``\Xhh..\``; any other escape is left out."""
        if self.escape not in text:
            return text
        mark = re.escape(self.escape)
        plain = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.subcomponent}

        def one(match: re.Match[str]) -> str:
            name = match[1]
            if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", name):
                return bytes.fromhex(name[1:]).decode("latin-1")
            return plain.get(name, "")

        return re.sub(rf"{mark}([^{mark}]*){mark}", one, text)


@dataclass(frozen=True, slots=True)
class Field:
    """One repetition of one field, as written."""

    text: str
    separators: Separators

    def component(self, number: int) -> str:
        """One component, counted from 1, with its subcomponents as written; empty when absent or the HL7 null."""
        parts = self.text.split(self.separators.component)
        part = parts[number - 1] if len(parts) >= number else ""
        return "" if part == _NULL else part

    def value(self, number: int = 1) -> str:
        """One component, escapes resolved."""
        return self.separators.unescaped(self.component(number))

    def subcomponents(self, number: int) -> tuple[str, ...]:
        """The subcomponents of one component, escapes resolved."""
        parts = self.component(number).split(self.separators.subcomponent)
        return tuple(self.separators.unescaped(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Message:
    """A message, taken apart.

    Attributes:
        segments: Each as its fields; index 0 is the segment's name.
        faults: What is wrong with the octets themselves.
    """

    segments: tuple[tuple[str, ...], ...]
    separators: Separators
    faults: tuple[Fault, ...] = ()

    def has(self, name: str) -> bool:
        """Tell whether there is such a segment."""
        return any(segment[0] == name for segment in self.segments)

    def repetitions(self, name: str, number: int) -> tuple[Field, ...]:
        """All repetitions of a field of the first segment called `name`; none when it is empty or absent.

        Fields count as HL7 counts them: MSH-1 is the field separator.
        """
        segment = next((s for s in self.segments if s[0] == name), ())
        at = number - 1 if name == "MSH" else number
        text = segment[at] if len(segment) > at else ""
        return tuple(Field(part, self.separators) for part in text.split(self.separators.repetition)) if text else ()

    def field(self, name: str, number: int) -> Field:
        """The first repetition of a field; an empty one when absent."""
        return next(iter(self.repetitions(name, number)), Field("", self.separators))


def parse(octets: bytes) -> Message:
    """Take a message apart.

    Args:
        octets: Without the framing of MLLP.

    Raises:
        MalformedMessage: It does not begin with an MSH segment, so that not even an acknowledgement is possible.
    """
    octets = octets.lstrip(b"\r\n \t\xef\xbb\xbf")
    header = _HEADER.match(octets)
    if header is None:
        raise MalformedMessage("the octets are no HL7 v2 message: they do not begin with an MSH segment")
    others = header["others"].decode("latin-1")
    separators = Separators(header["field"].decode("latin-1"), *others[:4])
    text, faults = _decoded(octets, separators)
    lines = [line for line in _SEGMENT_END.split(text) if line.strip()]
    segments = tuple(tuple(line.split(separators.field)) for line in lines)
    return Message(segments, separators, faults)


def _decoded(octets: bytes, separators: Separators) -> tuple[str, tuple[Fault, ...]]:
    """Decode by MSH-18; without it UTF-8, or else ISO 8859-1, as senders in the field have it."""
    head = _SEGMENT_END.split(octets.decode("latin-1"), maxsplit=1)[0].split(separators.field)
    named = head[17].split(separators.repetition)[0].strip().upper() if len(head) > 17 else ""
    if named and named not in CHARACTER_SETS:
        words = "the character set is not known here"
        return octets.decode("latin-1"), (Fault(AckCode.ERROR, ErrorCondition.TABLE_VALUE, "MSH^1^18", words),)
    try:
        return octets.decode(CHARACTER_SETS[named] if named else "utf-8"), ()
    except UnicodeDecodeError:
        if not named:
            return octets.decode("latin-1"), ()
        words = "an octet is none of the character set that MSH-18 names"
        return octets.decode("latin-1"), (Fault(AckCode.ERROR, ErrorCondition.DATA_TYPE, "MSH^1^18", words),)
