"""The script that writes the tables of the value sets from SVS files."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from docs import value_sets as script
from docs.own_displays import OWN_DISPLAYS
from xds_adapter.vocabulary import cda
from xds_adapter.vocabulary.value_sets import VALUE_SETS, Member

PREGNANT = ("77386006", cda.SNOMED_CT)


def write(folder: Path, name: str, *members: Member) -> None:
    """Write a set as its publisher does."""
    concepts = "".join(
        f"<Concept code={quoteattr(m.code)} codeSystem={quoteattr(m.system)} displayName={quoteattr(m.display)}/>"
        for m in members
    )
    text = (
        f'<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2.3" displayName="x">'
        f"<ConceptList>{concepts}</ConceptList></ValueSet></RetrieveValueSetResponse>"
    )
    (folder / f"{name}.xml").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    published = tmp_path / "published"
    published.mkdir()
    for name in VALUE_SETS:
        if name.startswith("JDV_") and name != "JDV_FonctionEtudiee":
            write(published, name, Member("N", cda.DCM, name))
    return published


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(script, "TARGET", tmp_path / "tables")
    return tmp_path / "tables"


def test_a_table_holds_oid_systems_and_members_in_order(folder: Path) -> None:
    members = (Member("A", "1.2", "one"), Member("B", "1.2", ""), Member("C", "1.3", "  two\u00a0 words "))
    write(folder, "JDV_Organe_CISIS", *members)
    assert "1.2.3\n@ 1.2\nA one\nB\n@ 1.3\nC two words\n" == script.tables(folder)["JDV_Organe_CISIS.txt"]


def test_withheld_display_names_are_replaced_by_our_words_or_left_out(folder: Path) -> None:
    write(folder, "JDV_Organe_CISIS", Member(*PREGNANT, "their words"), Member("1", cda.SNOMED_CT, "their words"))
    expected = f"1.2.3\n@ {cda.SNOMED_CT}\n{PREGNANT[0]} {OWN_DISPLAYS[PREGNANT]}\n1\n"
    assert expected == script.tables(folder)["JDV_Organe_CISIS.txt"]


def test_the_sets_of_ours_have_no_oid(folder: Path) -> None:
    tables = script.tables(folder)
    assert f"-\n@ {cda.DCM}\nN JDV_HL7_Confidentiality_CISIS\n" == tables["CDA_Confidentiality.txt"]
    assert {f"{name}.txt" for name in VALUE_SETS} == set(tables)


def test_what_was_written_is_fresh_until_a_file_changes(
    folder: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (1, 0, 0) == tuple(script.main([str(folder), *options]) for options in (["--check"], [], ["--check"]))
    capsys.readouterr()
    write(folder, "JDV_Organe_CISIS", Member("X", cda.DCM, "x"))
    (target / "OTHER.txt").write_text("-\n", encoding="utf-8")
    assert 1 == script.main(["--check", str(folder)])
    shown = [line.split(" ", 1)[0] for line in capsys.readouterr().out.splitlines()]
    assert ["JDV_Organe_CISIS.txt", "OTHER.txt"] == shown


def test_an_incomplete_folder_is_refused_with_what_is_missing(folder: Path) -> None:
    (folder / "JDV_Organe_CISIS.xml").unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks JDV_Organe_CISIS\.xml$"):
        script.tables(folder)


def test_without_a_folder_the_use_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == script.main(["--check"])
    assert "FOLDER" in capsys.readouterr().out
