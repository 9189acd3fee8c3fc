"""What a Schematron schema says, with abstract patterns and phases resolved.

    elements  --read-->  Schema > Pattern > Rule > Let | Check | Call

An abstract pattern is written out for each pattern that is an instance of it (``is-a``, ``param``). An abstract rule is
written out in the rule that extends it, or called when it stands alone, that is defines no variable which the other
uses: packs extend the same few rules hundreds of times, and written out they would take twice as long to compile.

Source: ISO/IEC 19757-3:2016 sections 5 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from xds_adapter.schematron.source import children, sch
from xds_adapter.xmlio import Element

Params = Mapping[str, str]
_NONE: Params = {}
_VARIABLE = re.compile(r"\$\s*([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Let:
    """A variable: its name and the XPath expression that gives its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Value:
    """A place in a message that an XPath expression fills."""

    select: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One assert or report.

    Attributes:
        check_id: Its own id, or empty.
        role: Its role or that of its rule, in small letters; ``error`` when neither has one.
        fires_when: What the test gives when there is something to say: False for an assert, True for a report.
        test: XPath expression.
        message: Texts and values in their order.
    """

    check_id: str
    role: str
    fires_when: bool
    test: str
    message: tuple[str | Value, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An abstract rule that stands alone, by its id."""

    rule_id: str


Item = Let | Check | Call


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds of the nodes that a context (an XSLT pattern) matches."""

    context: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rules of which the first that matches a node is the one that is asked."""

    pattern_id: str
    rules: tuple[Rule, ...]


@dataclass(slots=True, kw_only=True)
class Schema:
    """A schema as it is to be run.

    Attributes:
        namespaces: Prefixes of its expressions.
        lets: Variables of the schema and of its patterns: both are visible everywhere, and the first of a name wins.
        patterns: The concrete patterns of the phase, in their order.
        abstract_rules: What a `Call` names.
        notes: What was left out.
    """

    namespaces: dict[str, str]
    lets: dict[str, Let] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)
    abstract_rules: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(root: Element, phase: str | None = None) -> Schema:
    """Read a schema.

    Args:
        root: Its root element, inclusions in place.
        phase: The phase to run; the schema's default phase when None, all patterns when it has none.
    """
    return _Reader(root).schema(phase or root.get("defaultPhase") or "#ALL")


class _Reader:
    def __init__(self, root: Element) -> None:
        self._root = root
        self._rules = {rule.get("id") or "": rule for rule in root.iter(sch("rule")) if _is_abstract(rule)}
        self._read = Schema(namespaces=_namespaces(root))

    def schema(self, phase: str) -> Schema:
        read = self._read
        for let in children(self._root, "let"):
            self._define(let, _NONE)
        concrete = [*self._concrete(self._active(phase))]
        for _, model, params in concrete:
            for let in children(model, "let"):
                self._define(let, params)
        for pattern_id, model, params in concrete:
            rules = [rule for rule in children(model, "rule") if not _is_abstract(rule) and rule.get("context")]
            if rules:
                read.patterns.append(Pattern(pattern_id, tuple(self._rule(rule, params) for rule in rules)))
        return read

    def _define(self, let: Element, params: Params) -> None:
        found = _let(let, params)
        self._read.lets.setdefault(found.name, found)

    def _active(self, phase: str) -> frozenset[str] | None:
        """The ids of the patterns of a phase; None stands for all."""
        wanted = next((each for each in children(self._root, "phase") if each.get("id") == phase), None)
        if wanted is None:
            return None
        for let in children(wanted, "let"):
            self._define(let, _NONE)
        active = frozenset(each.get("pattern") or "" for each in children(wanted, "active"))
        for missing in sorted(active - {pattern.get("id") for pattern in children(self._root, "pattern")}):
            self._read.notes.append(f"phase {phase} names pattern {missing}, which is missing")
        return active

    def _concrete(self, active: frozenset[str] | None) -> Iterator[tuple[str, Element, Params]]:
        """Patterns to run, with the element that holds their rules and the parameters of these."""
        patterns = children(self._root, "pattern")
        models = {pattern.get("id"): pattern for pattern in patterns if _is_abstract(pattern)}
        for number, pattern in enumerate(patterns, 1):
            pattern_id = pattern.get("id") or ""
            if _is_abstract(pattern) or (active is not None and pattern_id not in active):
                continue
            params = {param.get("name") or "": param.get("value") or "" for param in children(pattern, "param")}
            model = models.get(pattern.get("is-a")) if pattern.get("is-a") else pattern
            if model is None:
                words = f"pattern {pattern_id} is an instance of {pattern.get('is-a')}, which is missing"
                self._read.notes.append(words)
                continue
            yield pattern_id or f"pattern-{number}", model, params

    def _rule(self, rule: Element, params: Params) -> Rule:
        return Rule(_filled(rule.get("context") or "", params), tuple(self._items(rule, params, rule.get("role"), ())))

    def _items(self, rule: Element, params: Params, role: str | None, within: tuple[str, ...]) -> Iterator[Item]:
        for child in rule:
            if child.tag == sch("extends"):
                yield from self._extended(rule, child.get("rule") or "", params, role, within)
            elif child.tag == sch("let"):
                yield _let(child, params)
            elif child.tag in (sch("assert"), sch("report")):
                yield _check(child, params, child.get("role") or role)

    def _extended(
        self, rule: Element, rule_id: str, params: Params, role: str | None, within: tuple[str, ...]
    ) -> Iterator[Item]:
        base = self._abstract(rule, rule_id)
        if base is None:
            self._read.notes.append(f"a rule extends {rule_id}, which is missing")
        elif rule_id in within:
            self._read.notes.append(f"the abstract rule {rule_id} extends itself")
        elif not params and role is None and base is self._rules.get(rule_id) and self._stands_alone(base, rule):
            if rule_id not in self._read.abstract_rules:
                self._read.abstract_rules[rule_id] = ()
                further = (*within, rule_id)
                self._read.abstract_rules[rule_id] = tuple(self._items(base, params, base.get("role"), further))
            yield Call(rule_id)
        else:
            yield from self._items(base, params, role or base.get("role"), (*within, rule_id))

    def _abstract(self, rule: Element, rule_id: str) -> Element | None:
        """An abstract rule: of the same pattern, or of any."""
        pattern = rule.getparent()
        near = children(pattern, "rule") if pattern is not None else []
        default = self._rules.get(rule_id)
        return next((each for each in near if _is_abstract(each) and each.get("id") == rule_id), default)

    def _stands_alone(self, base: Element, rule: Element) -> bool:
        """True when neither an abstract rule nor the one extending it uses a variable of the other."""
        own = self._defined(base, ())
        # A variable of an expression (`for $x in ...`) looks like any other: such a rule is written out, to be safe.
        return not (_used(rule) & own) and _used(base) <= own | self._read.lets.keys()

    def _defined(self, base: Element, within: tuple[str, ...]) -> set[str]:
        names = {let.get("name") or "" for let in children(base, "let")}
        for extends in children(base, "extends"):
            rule_id = extends.get("rule") or ""
            further = self._abstract(base, rule_id)
            if further is not None and rule_id not in within:
                names |= self._defined(further, (*within, rule_id))
        return names


def _used(rule: Element) -> set[str]:
    """The names of the variables in the expressions of a rule."""
    return {name for child in rule.iter() for text in child.attrib.values() for name in _VARIABLE.findall(str(text))}


def _is_abstract(element: Element) -> bool:
    return element.get("abstract") == "true"


def _namespaces(root: Element) -> dict[str, str]:
    """The prefixes that the schema declares, then those that its file declares."""
    declared = {each.get("prefix") or "": each.get("uri") or "" for each in children(root, "ns")}
    for prefix, uri in root.nsmap.items():
        if prefix and uri != sch("")[1:-1]:
            declared.setdefault(prefix, uri)
    return {prefix: uri for prefix, uri in declared.items() if prefix not in ("", "xml", "xsl")}


def _filled(text: str, params: Params) -> str:
    """Put the parameters of a pattern in their places."""
    if not params or "$" not in text:
        return text
    names = "|".join(re.escape(name) for name in sorted(params, key=len, reverse=True))
    return re.sub(rf"\$({names})(?![\w.-])", lambda found: params[found[1]], text)


def _let(element: Element, params: Params) -> Let:
    return Let(element.get("name") or "", _filled(element.get("value") or "()", params))


def _check(element: Element, params: Params, role: str | None) -> Check:
    return Check(
        check_id=element.get("id") or "",
        role=(role or "error").strip().lower(),
        fires_when=element.tag == sch("report"),
        test=_filled(element.get("test") or "false()", params),
        message=tuple(_message(element, params)),
    )


def _message(element: Element, params: Params) -> Iterator[str | Value]:
    if element.text:
        yield element.text
    for child in element:
        if child.tag == sch("value-of"):
            yield Value(_filled(child.get("select") or ".", params))
        elif child.tag == sch("name"):
            yield Value(f"name({_filled(child.get('path') or '.', params)})")
        else:
            yield from _message(child, params)
        if child.tail:
            yield child.tail
