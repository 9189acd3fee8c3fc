"""An entry as JSON: read back as it was written, and a wrong member is named."""

from __future__ import annotations

import json

import pytest

from tests.factories import make_document_entry
from xds_adapter.errors import ConfigError
from xds_adapter.model.entry_json import from_json, to_json


@pytest.mark.parametrize("limited", [True, False])
def test_an_entry_is_read_back(limited: bool) -> None:
    entry = make_document_entry(limited_metadata=limited)
    members = json.loads(json.dumps(to_json(entry)))
    assert limited is ("limited_metadata" in members)
    assert entry == from_json(members, "entry.json")


def test_a_label_is_true_or_false() -> None:
    with pytest.raises(ConfigError, match=r"entry.json, \$.limited_metadata: must be true or false"):
        from_json({"limited_metadata": "yes"}, "entry.json")
