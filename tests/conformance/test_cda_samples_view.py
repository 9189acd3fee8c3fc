"""The official samples as pages: every word that a person is to read is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import shared_files
from tests.unit.cda.view.pages import page_of, texts
from xds_adapter.cda.tree import all_of, first, read_tree
from xds_adapter.cda.view.sections import walk_sections
from xds_adapter.cda.view.words import Lang

SAMPLES = shared_files("data", "cda", "samples", pattern="*.xml") + shared_files(
    "data", "cda", "examples", pattern="*.xml"
)
pytestmark = pytest.mark.shared


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_page_of_a_sample_holds_every_word_of_its_narrative(path: Path, lang: Lang) -> None:
    root = read_tree([path.read_bytes()])
    words: list[str] = []
    for section, _ in walk_sections(root):
        for element in (*all_of(section, "title"), *all_of(section, "text")):
            words += " ".join(map(str, element.itertext())).split()

    page = page_of(path.read_bytes(), lang)

    shown = " ".join(map(str, page.body.itertext())).split()
    assert [] == sorted(set(words) - set(shown))
    assert texts(page, "//header//h2")[0].startswith("Patient PAT-TROIS DOMINIQUE")
    assert bool(page.xpath("//object")) == (first(root, "component/nonXMLBody") is not None)
    files = page.xpath("//a[@download]")
    assert bool(files) == (b"application/pdf" in path.read_bytes())
