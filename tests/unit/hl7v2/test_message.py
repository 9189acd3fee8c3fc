"""HL7 v2 octets taken apart: separators, escapes, repetitions, character sets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xds_adapter.errors import MalformedMessage
from xds_adapter.hl7v2 import Message, parse
from xds_adapter.vocabulary.hl7v2 import AckCode, ErrorCondition

HEADER = "MSH|^~\\&|APP|FAC|REG|XDS|20260101||ADT^A01^ADT_A01|4711|P|2.3.1"


def message(*segments: str, header: str = HEADER, end: str = "\r") -> Message:
    return parse("".join(f"{segment}{end}" for segment in (header, *segments)).encode())


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_fields_are_counted_as_hl7_counts_them(end: str) -> None:
    read = message("PID|1||A~B^x&y", end=end)
    assert ("APP", "4711", "2.3.1") == tuple(read.field("MSH", number).text for number in (3, 10, 12))
    assert ["A", "B"] == [field.value() for field in read.repetitions("PID", 3)]
    assert ("x", "y") == read.repetitions("PID", 3)[1].subcomponents(2)


def test_what_is_absent_is_empty() -> None:
    read = message()
    assert (False, (), "", "") == (
        read.has("PID"),
        read.repetitions("PID", 3),
        read.field("MSH", 40).text,
        read.field("MSH", 9).value(9),
    )


def test_the_null_of_hl7_is_empty() -> None:
    assert "" == message('PID|1||""^^^&1.2&ISO').field("PID", 3).value()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a\\F\\b", "a|b"),
        ("\\S\\\\R\\\\T\\\\E\\", "^~&\\"),
        ("\\X41420A\\", "AB\n"),
        ("a\\.br\\b", "ab"),
        ("a\\H\\b\\N\\", "ab"),
        ("a\\", "a\\"),
    ],
)
def test_escapes_are_resolved(text: str, value: str) -> None:
    assert value == message(f"PID|1||{text}").field("PID", 3).value()


def test_a_message_may_choose_its_separators() -> None:
    read = parse(b"MSH$*%!?$APP\rPID$1$$A*x?y%B\r")
    assert (["A", "B"], ("x", "y")) == (
        [field.value() for field in read.repetitions("PID", 3)],
        read.field("PID", 3).subcomponents(2),
    )


@pytest.mark.parametrize("octets", [b"", b"\r\n", b"PID|1", b"MSH", b"MSH|", b"MSHABCDE", b"<a/>", b"\x00" * 20])
def test_anything_else_is_no_message(octets: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(octets)


@pytest.mark.parametrize(
    ("declared", "octets", "value"),
    [
        ("", "é".encode(), "é"),
        ("", "é".encode("latin-1"), "é"),
        ("UNICODE UTF-8", "é".encode(), "é"),
        ("8859/1", "é".encode("latin-1"), "é"),
        ("8859/15", "€".encode("iso8859-15"), "€"),
        ("unicode utf-8", "é".encode(), "é"),
    ],
)
def test_text_is_read_in_its_character_set(declared: str, octets: bytes, value: str) -> None:
    header = f"{HEADER}||||||{declared}".encode()
    read = parse(header + b"\rPID|1||" + octets + b"\r")
    assert (value, ()) == (read.field("PID", 3).value(), read.faults)


@pytest.mark.parametrize(
    ("declared", "octets", "condition"),
    [
        ("UNICODE UTF-8", b"\xe9", ErrorCondition.DATA_TYPE),
        ("ASCII", "é".encode(), ErrorCondition.DATA_TYPE),
        ("BIG5", b"a", ErrorCondition.TABLE_VALUE),
    ],
)
def test_octets_outside_the_character_set_are_a_fault(declared: str, octets: bytes, condition: ErrorCondition) -> None:
    header = f"{HEADER}||||||{declared}".encode()
    (fault,) = parse(header + b"\rPID|1||" + octets + b"\r").faults
    assert (AckCode.ERROR, condition, "MSH^1^18") == (fault.code, fault.condition, fault.location)


@given(octets=st.binary(max_size=300))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for given_octets in (octets, b"MSH|^~\\&|" + octets):
        try:
            read = parse(given_octets)
        except MalformedMessage:
            continue
        assert all(field.value() is not None for field in read.repetitions("PID", 3))


@given(text=st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40))
def test_an_escaped_text_comes_back(text: str) -> None:
    escapes = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"}
    written = "".join(escapes.get(character, character) for character in text)
    assert f"x{text}x" == message(f"PID|1||x{written}x").field("PID", 3).value()
