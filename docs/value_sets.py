"""Write the tables of the value sets from the files of their publisher, or with --check say which are stale.

Run: python docs/value_sets.py FOLDER [--check], where FOLDER holds the `JDV_*.xml` files (IHE SVS) of the ANS's CDA
test tool.

Codes and code systems are facts. Display names are written where their owner lets them be passed on; those of
`WITHHELD` are replaced by our own words (`own_displays.py`) or left out. See docs/decisions/0013-display-names.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from docs.own_displays import OWN_DISPLAYS  # noqa: E402
from xds_adapter import xmlio  # noqa: E402
from xds_adapter.vocabulary import cda  # noqa: E402
from xds_adapter.vocabulary.value_sets import VALUE_SETS, Member  # noqa: E402

TARGET = ROOT / "xds_adapter" / "vocabulary" / "tables"
WITHHELD = frozenset({cda.SNOMED_CT, cda.CIM_10, cda.EDQM, cda.ADICAP})
"""Code systems whose display names may not be passed on under this project's licence, or not clearly."""

_PUBLISHER = ("_CISIS", "_DMP")
"""How the names of published sets end; the others are ours."""
_SVS = "urn:ihe:iti:svs:2008"
_HEADER_CONFIDENTIALITY = ("N", "R", "V")
"""A document header takes three of the codes of HL7; the others are for metadata elsewhere."""
_PRIORITIES = (Member("UR", cda.ACT_PRIORITY, "Urgent"),)
_TELEMEDICINE_ACTS = {
    "TE1": "Téléexpertise de premier niveau",
    "TE2": "Téléexpertise de second niveau",
    "TC": "Téléconsultation",
    "TCG": "Téléconsultation d'un médecin généraliste",
    "TLS": "Téléconsultation accompagnée lors d'un soin",
    "TLD": "Téléconsultation accompagnée à domicile",
    "TLL": "Téléconsultation accompagnée en lieu dédié",
    "TLM": "Téléconsultation accompagnée",
}
"""The acts that TLM-DA and TLM-CR take, in our own words."""


def published(path: Path) -> tuple[str, list[Member]]:
    """Read one file of the publisher: the OID of the set, and its members with the publisher's display names."""
    root = xmlio.parse(path.read_bytes())
    (value_set,) = root.iter(f"{{{_SVS}}}ValueSet")
    members = [
        Member(node.get("code", ""), node.get("codeSystem", ""), " ".join(node.get("displayName", "").split()))
        for node in root.iter(f"{{{_SVS}}}Concept")
    ]
    return value_set.get("id", ""), members


def _shown(member: Member) -> Member:
    if member.system not in WITHHELD:
        return member
    return member._replace(display=OWN_DISPLAYS.get((member.code, member.system), ""))


def _text(oid: str, members: Iterable[Member]) -> str:
    lines = [oid or "-"]
    system = ""
    for member in map(_shown, members):
        if member.system != system:
            system = member.system
            lines.append(f"@ {system}")
        lines.append(str(member))
    return "\n".join([*lines, ""])


def _own_sets(members: dict[str, list[Member]]) -> Iterator[tuple[str, list[Member]]]:
    functions = ("JDV_FonctionEtudieeTEP_CISIS", "JDV_FonctionEtudieeScintigraphie_CISIS")
    yield "JDV_FonctionEtudiee", [member for name in functions for member in members[name]]
    confidentiality = members["JDV_HL7_Confidentiality_CISIS"]
    yield "CDA_Confidentiality", [member for member in confidentiality if member.code in _HEADER_CONFIDENTIALITY]
    yield "CDA_ActPriority", [*_PRIORITIES]
    yield "CDA_TelemedicineAct", [Member(code, cda.NGAP, words) for code, words in _TELEMEDICINE_ACTS.items()]


def tables(folder: Path) -> dict[str, str]:
    """Return the text of every table by its file name.

    Args:
        folder: Holds the value sets of the ANS, `JDV_*.xml`.

    Raises:
        MalformedMessage: A file is no XML.
        FileNotFoundError: The folder lacks value sets that the product ships.
    """
    sets = {path.stem: published(path) for path in sorted(folder.glob("JDV_*.xml"))}
    if missing := sorted(name for name in VALUE_SETS if name.endswith(_PUBLISHER) and name not in sets):
        raise FileNotFoundError(f"{folder} lacks {', '.join(f'{name}.xml' for name in missing)}")
    written = {f"{name}.txt": _text(oid, members) for name, (oid, members) in sets.items()}
    own = _own_sets({name: members for name, (_, members) in sets.items()})
    return written | {f"{name}.txt": _text("", members) for name, members in own}


def stale(folder: Path) -> list[str]:
    """Name the tables that differ from what the files of the publisher give, are missing or have none."""
    wanted = tables(folder)
    there = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.txt")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def main(arguments: Sequence[str]) -> int:
    """Write the tables, or compare them."""
    folders = [Path(argument) for argument in arguments if argument != "--check"]
    if len(folders) != 1:
        print("name the folder of the published value sets: python docs/value_sets.py FOLDER [--check]")
        return 2
    (folder,) = folders
    if "--check" in arguments:
        names = stale(folder)
        for name in names:
            print(f"{name} is stale: run python docs/value_sets.py {folder}")
        return 1 if names else 0
    TARGET.mkdir(exist_ok=True)
    for name, text in tables(folder).items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
