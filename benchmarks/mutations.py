"""How far the built-in rules agree with an official pack, on single mutations of valid documents.

Every mutation changes one node of one document: an element is deleted, doubled or swapped with the one behind it, or
a code, code system, template id, null flavor, date or reference is another. The kind is drawn first, then a document
and, among all nodes for which it means something, one. What the official pack refuses, ours should; what it accepts,
ours must not call an error, except that links, ids and embedded files are whole, which the pack does not look at and
its validator tells with the layer "links".

Run: python -m benchmarks.mutations --official validate_cda.py [--examples DIR] [--seed 1 ...] [--count 300]
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from xds_adapter import xmlio
from xds_adapter.cda.build import KINDS, build, example
from xds_adapter.cda.tree import xpath_of
from xds_adapter.cda.validate import CdaSeverity, Finding, validate
from xds_adapter.xmlio import Element

LAYERS = "xsd,header,volet,body,ans,ihe,terms,links"
NULL_FLAVORS = ("NI", "UNK", "NA", "MSK", "OTH", "NASK", "ASKU", "")
OTHER_OID = "1.2.250.1.999.7"
_DATES = frozenset({"effectiveTime", "time", "birthTime", "low", "high", "center"})
_CDA = "{urn:hl7-org:v3}"
AIM = 0.95

Change = Callable[[Element, random.Random, Element], bool]


@dataclass(frozen=True)
class Mutation:
    """A document with one thing changed.

    Attributes:
        kind: What was done, e.g. ``delete``.
        where: XPath of the node before the change, and the new value if there is one.
    """

    source: str
    kind: str
    where: str
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """What both said about a mutation.

    Attributes:
        pack: The official pack refuses it.
        links: The layer "links" refuses it.
        findings: Ours.
        reasons: Theirs.
    """

    mutation: Mutation
    pack: bool
    links: bool
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]

    @property
    def ours(self) -> bool:
        """Ours refuses it."""
        return any(finding.severity is CdaSeverity.ERROR for finding in self.findings)

    @property
    def outcome(self) -> str:
        """``agreed``, ``missed`` or ``over-refused``."""
        if self.ours == self.pack or (self.ours and self.links):
            return "agreed"
        return "missed" if self.pack else "over-refused"


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _set(element: Element, attribute: str, value: str) -> bool:
    if element.get(attribute) == value:
        return False
    element.set(attribute, value)
    return True


def _others(root: Element, attribute: str, names: Iterable[str] = ()) -> list[str]:
    wanted = frozenset(names)
    found = (e.get(attribute) for e in root.iter() if not wanted or _local(e) in wanted)
    return sorted({value for value in found if value})


def _delete(element: Element, _: random.Random, __: Element) -> bool:
    parent = element.getparent()
    if parent is None:
        return False
    parent.remove(element)
    return True


def _duplicate(element: Element, _: random.Random, __: Element) -> bool:
    if element.getparent() is None:
        return False
    element.addnext(deepcopy(element))
    return True


def _swap(element: Element, _: random.Random, __: Element) -> bool:
    following = element.getnext()
    if following is None:
        return False
    following.addnext(element)
    return True


def _code(element: Element, chance: random.Random, root: Element) -> bool:
    if element.get("code") is None:
        return False
    return _set(element, "code", chance.choice(["", "XXX-9", *chance.sample(_others(root, "code"), 2)]))


def _code_system(element: Element, chance: random.Random, root: Element) -> bool:
    if element.get("codeSystem") is None:
        return False
    return _set(element, "codeSystem", chance.choice(["", OTHER_OID, *chance.sample(_others(root, "codeSystem"), 2)]))


def _template_id(element: Element, chance: random.Random, root: Element) -> bool:
    if _local(element) != "templateId":
        return False
    return _set(element, "root", chance.choice([OTHER_OID, *chance.sample(_others(root, "root", ["templateId"]), 2)]))


def _null_flavor(element: Element, chance: random.Random, _: Element) -> bool:
    """Say that a value is unknown: beside it, in its place, or no longer."""
    if element.get("nullFlavor") is not None and chance.random() < 0.3:
        del element.attrib["nullFlavor"]
        return True
    if chance.random() < 0.5:
        for name in [str(name) for name, _ in element.items() if not str(name).startswith("{")]:
            del element.attrib[name]
    return _set(element, "nullFlavor", chance.choice(NULL_FLAVORS))


def _date(element: Element, chance: random.Random, _: Element) -> bool:
    value = element.get("value")
    if value is None or _local(element) not in _DATES or element.get("unit") is not None:
        return False
    return _set(
        element,
        "value",
        chance.choice(
            ["", value[:8], value[:14], value[:4], f"2031{value[4:]}", "20261332", "06/01/2026", f"{value}x"]
        ),
    )


def _reference(element: Element, chance: random.Random, root: Element) -> bool:
    value = element.get("value")
    if value is None or _local(element) != "reference":
        return False
    anchors = [f"#{anchor}" for anchor in _others(root, "ID")[:3]]
    return _set(element, "value", chance.choice(["", "#nowhere", value.removeprefix("#"), *anchors]))


CHANGES: dict[str, Change] = {
    "delete": _delete,
    "duplicate": _duplicate,
    "swap": _swap,
    "code": _code,
    "codeSystem": _code_system,
    "templateId": _template_id,
    "nullFlavor": _null_flavor,
    "date": _date,
    "reference": _reference,
}


def draw(documents: dict[str, bytes], chance: random.Random, count: int) -> Iterator[Mutation]:
    """Yield `count` mutations; the same documents and the same chance give the same."""
    trees = {name: xmlio.parse(content) for name, content in documents.items()}
    names = sorted(trees)
    while count:
        kind = chance.choice(sorted(CHANGES))
        source = chance.choice(names)
        root = deepcopy(trees[source])
        nodes = [*root.iter()]
        chance.shuffle(nodes)
        for element in nodes:
            where = xpath_of(element)
            before = sorted(element.items())
            if CHANGES[kind](element, chance, root):
                after = sorted(element.items())
                shown = "" if after == before else f" -> {dict(after)}"
                content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
                yield Mutation(source, kind, where + shown, content)
                count -= 1
                break


class OfficialPack:
    """The validator of the official pack, warm in a process of its own."""

    def __init__(self, script: Path) -> None:
        self._script = script
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(self._script), "--layers", LAYERS, "--serve"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def findings(self, path: Path) -> list[dict[str, Any]]:
        """Its errors, each with layer, location and message.

        A document may end the validator: a rule that takes one value meets two. It is then judged by its schema alone.

        Raises:
            RuntimeError: The validator ended, and the schema has nothing against the document.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self.close()
            self._process = self._started()
            command = [sys.executable, str(self._script), "--layers", "xsd", "--json", str(path)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
            if json.loads(answer)["valid"]:
                raise RuntimeError("the official rules end in an error on a document that fits the schema")
        report = json.loads(answer)
        return [finding for finding in report["findings"] if finding["severity"] == "error"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def judge(mutation: Mutation, pack: OfficialPack, folder: Path) -> Verdict:
    """Ask both."""
    path = folder / "mutation.xml"
    path.write_bytes(mutation.content)
    errors = pack.findings(path)
    reasons = tuple(f"{e['layer']}: {e['location']}: {e['message']}" for e in errors)
    return Verdict(
        mutation=mutation,
        pack=any(error["layer"] != "links" for error in errors),
        links=any(error["layer"] == "links" for error in errors),
        findings=validate(mutation.content),
        reasons=reasons,
    )


def print_table(verdicts: Sequence[Verdict]) -> None:
    """Print what agreed, by kind of mutation, and every disagreement."""
    heads = ("drawn", "pack refuses", "found", "missed", "over-refused", "links")
    print(f"{'mutation':12}", " ".join(f"{head:>13}" for head in heads))
    for kind in [*sorted(CHANGES), ""]:
        rows = [verdict for verdict in verdicts if verdict.mutation.kind == kind or not kind]
        outcomes = Counter(verdict.outcome for verdict in rows)
        refused = sum(verdict.pack for verdict in rows)
        only_links = sum(verdict.links and not verdict.pack for verdict in rows)
        figures = (len(rows), refused, refused - outcomes["missed"], outcomes["missed"], outcomes["over-refused"])
        print(f"{kind or 'all':12}", " ".join(f"{figure:13}" for figure in (*figures, only_links)))
    for verdict in verdicts:
        if verdict.outcome != "agreed":
            mutation = verdict.mutation
            print(f"\n{verdict.outcome}: {mutation.kind} in {mutation.source} at {mutation.where}")
            reasons = verdict.reasons if verdict.pack else [str(f) for f in verdict.findings]
            print("\n".join(f"    {reason[:300]}" for reason in reasons[:3]))


def found_share(verdicts: Iterable[Verdict]) -> float:
    """The share found of what the pack refuses."""
    refused = [verdict for verdict in verdicts if verdict.pack]
    return sum(verdict.ours for verdict in refused) / len(refused) if refused else 1.0


def documents(folders: Iterable[Path]) -> dict[str, bytes]:
    """The shipped examples of all kinds, complete and minimal, and the documents of some folders."""
    found = {
        f"{kind.name}{' minimal' if minimal else ''}": build(kind.name, example(kind.name, minimal=minimal))
        for kind in KINDS
        for minimal in (False, True)
    }
    return found | {path.name: path.read_bytes() for folder in folders for path in sorted(folder.glob("*.xml"))}


def valid(documents: dict[str, bytes], pack: OfficialPack, folder: Path) -> dict[str, bytes]:
    """Those that the pack accepts, links included; a mutation of another would prove nothing."""
    kept = {}
    for name, content in documents.items():
        (folder / "document.xml").write_bytes(content)
        if pack.findings(folder / "document.xml"):
            print(f"left out, for it is not valid: {name}")
        else:
            kept[name] = content
    return kept


def main() -> int:
    """Draw, ask, print; 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--official", type=Path, required=True, help="the validator of the official pack")
    parser.add_argument("--examples", type=Path, nargs="*", default=[], help="folders of further valid documents")
    parser.add_argument("--seed", type=int, nargs="*", default=[1])
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    pack = OfficialPack(options.official)
    short = False
    with tempfile.TemporaryDirectory() as folder:
        sources = valid(documents(options.examples), pack, Path(folder))
        for seed in options.seed:
            mutations = draw(sources, random.Random(seed), options.count)
            verdicts = [judge(mutation, pack, Path(folder)) for mutation in mutations]
            share = found_share(verdicts)
            over = sum(verdict.outcome == "over-refused" for verdict in verdicts)
            short = short or share < AIM or over > 0
            print(f"\nseed {seed}: {options.count} mutations of {len(sources)} documents")
            print_table(verdicts)
            print(f"\nseed {seed}: found {share:.1%} of what the pack refuses, {over} refused that it accepts")
    pack.close()
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
