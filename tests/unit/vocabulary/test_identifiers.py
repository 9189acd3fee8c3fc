"""Every UUID and URN of the standards is well-formed and stands once in the package."""

from __future__ import annotations

import re
from collections import Counter

from tests.source import MODULES, PACKAGE, string_literals

UUID_LIKE = re.compile(r"[0-9A-Za-z]{8}-(?:[0-9A-Za-z]{4}-){3}[0-9A-Za-z]{12}")
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# After a blank it is a word of a sentence for the reader, not a value.
URN = re.compile(r"(?<![\s\w])urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[^\s\"<>{}^]+")
WELL_FORMED_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:[A-Za-z0-9._:-]*[A-Za-z0-9]")

VOCABULARY = [path for path in MODULES if path.is_relative_to(PACKAGE / "vocabulary")]


def _repeated(pattern: re.Pattern[str]) -> list[str]:
    found = Counter(match for path in MODULES for text in string_literals(path) for match in pattern.findall(text))
    return sorted(match for match, count in found.items() if count > 1)


def test_every_uuid_has_the_form_8_4_4_4_12_in_lower_case() -> None:
    found = [match for path in VOCABULARY for text in string_literals(path) for match in UUID_LIKE.findall(text)]
    assert found
    assert [] == [text for text in found if not UUID.fullmatch(text)]


def test_every_text_that_begins_like_a_uuid_urn_is_one() -> None:
    urns = [text for path in VOCABULARY for text in string_literals(path) if text.startswith("urn:uuid:")]
    # `ebrim` writes the prefix once and joins it with each scheme.
    assert [] == [text for text in urns if text != "urn:uuid:" and not UUID.fullmatch(text.removeprefix("urn:uuid:"))]


def test_every_urn_is_well_formed() -> None:
    found = [match for path in VOCABULARY for text in string_literals(path) for match in URN.findall(text)]
    assert found
    assert [] == [text for text in found if not WELL_FORMED_URN.fullmatch(text)]


def test_every_uuid_stands_once_in_the_package() -> None:
    assert [] == _repeated(UUID)


def test_every_urn_stands_once_in_the_package() -> None:
    assert [] == _repeated(URN)
