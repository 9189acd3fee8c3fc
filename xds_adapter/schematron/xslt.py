"""Write a Schematron schema as an XSLT 3.0 style sheet.

The result of the style sheet has an element a pattern with one a finding, or one that says that the pattern failed::

    <results><pattern name="..."><finding check="..." role="error" at="/Q{urn:hl7-org:v3}ClinicalDocument[1]">words
    </finding></pattern><pattern name="..."><raised place="17"/></pattern></results>

There are two forms. The quick one runs each pattern in one ``xsl:try``: an expression that fails at run time (packs
hold some) loses the findings of its pattern, and ``raised`` says so. The careful one, written for such patterns alone,
has an ``xsl:try`` around every check and takes longer to compile and to run; what fails in it is a finding of role
``rule-error``.

Source: ISO/IEC 19757-3:2016 annex C (queryBinding xslt2); XSLT 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xds_adapter.schematron.schema import Check, Item, Let, Schema, Value
from xds_adapter.vocabulary.namespaces import XSD, XSLT, XSLT_ERRORS

RULE_ERROR = "rule-error"
"""Role of a finding that tells a failure of the rule, not of the document."""

_WHERE = 'at="{path(.)}"'
_BLANKS = re.compile(r"\s+")
_ATTRIBUTE_STEP = re.compile(r"(?:^|[/|(\s])(?:@|attribute::)[\w:*-]+\s*(?:$|\||\[)")
_OTHER_STEP = re.compile(r"(?:text|node|comment|processing-instruction)\(\s*\)\s*(?:$|\||\[)")


def write_xslt(schema: Schema, base: Path, *, careful: Sequence[int] | None = None) -> str:
    """Write a style sheet.

    Args:
        schema: What is to be checked.
        base: The file of the schema, against which its expressions resolve the names of files.
        careful: Write these patterns only, by their places in the schema, in the careful form; None: all, in the
            quick form.
    """
    wanted = range(len(schema.patterns)) if careful is None else careful
    writer = _Writer(schema, is_careful=careful is not None)
    templates = [line for place in wanted for line in writer.pattern(place)]
    calls = "".join(writer.call(place) for place in wanted)
    declared = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in writer.namespaces().items())
    lets = "".join(_let(let) for let in schema.lets.values())
    return (
        f'<xsl:stylesheet version="3.0" xml:base={quoteattr(base.as_uri())}{declared}>'
        f'<xsl:output method="xml" encoding="UTF-8" indent="no"/>{lets}'
        f'<xsl:template match="/"><results>{calls}</results></xsl:template>\n'
        + "\n".join((*templates, *writer.called()))
        + "</xsl:stylesheet>"
    )


class _Writer:
    def __init__(self, schema: Schema, *, is_careful: bool) -> None:
        self._schema = schema
        self._is_careful = is_careful
        self._called: dict[str, None] = {}

    def namespaces(self) -> dict[str, str]:
        return self._schema.namespaces | {"xsl": XSLT, "xs": XSD, "err": XSLT_ERRORS}

    def call(self, place: int) -> str:
        """What has the rules of a pattern applied to all nodes that they speak of."""
        pattern = self._schema.patterns[place]
        contexts = [rule.context for rule in pattern.rules]
        nodes = "/|//*"
        nodes += "|//@*" if any(map(_ATTRIBUTE_STEP.search, contexts)) else ""
        nodes += "|//node()" if any(map(_OTHER_STEP.search, contexts)) else ""
        raised = _rule_error('at="/"') if self._is_careful else f'<raised place="{place}"/>'
        apply = _caught(f'<xsl:apply-templates select="{nodes}" mode="m{place}"/>', raised)
        return f"<pattern name={quoteattr(_literal(pattern.pattern_id))}>{apply}</pattern>"

    def pattern(self, place: int) -> Iterator[str]:
        rules = self._schema.patterns[place].rules
        yield f'<xsl:template match="/|node()|@*" mode="m{place}" priority="-9"/>'
        for number, rule in enumerate(rules):
            # The first rule that matches a node is the one that counts: it gets the highest priority.
            labels = f'mode="m{place}" priority="{len(rules) - number}"'
            body = self._items(rule.items)
            body = _caught(body, _rule_error(_WHERE)) if self._is_careful else body
            yield f"<xsl:template match={quoteattr(rule.context)} {labels}>{body}</xsl:template>"

    def called(self) -> Iterator[str]:
        """The abstract rules that were called, and those that these call."""
        written: set[str] = set()
        while waiting := [name for name in self._called if name not in written]:
            for name in waiting:
                written.add(name)
                body = self._items(self._schema.abstract_rules[name])
                yield f"<xsl:template name={quoteattr(_template(name))}>{body}</xsl:template>"

    def _items(self, items: Iterable[Item]) -> str:
        written: list[str] = []
        # A variable that fails must take no other check with it than those that use it: each has its own.
        own: list[str] = []
        for item in items:
            if isinstance(item, Let):
                (own if self._is_careful else written).append(_let(item))
            elif isinstance(item, Check):
                written.append(self._check(item, "".join(own)))
            else:
                self._called[item.rule_id] = None
                written.append(f"<xsl:call-template name={quoteattr(_template(item.rule_id))}/>")
        return "".join(written)

    def _check(self, check: Check, lets: str) -> str:
        condition = f"boolean({check.test})" if check.fires_when else f"not({check.test})"
        words = "".join(_part(part) for part in check.message)
        if self._is_careful:
            words = _caught(words, "(the words of this rule cannot be built)")
        label = f" check={quoteattr(_literal(check.check_id))}" if check.check_id else ""
        finding = f"<finding{label} role={quoteattr(_literal(check.role))} {_WHERE}>{words}</finding>"
        written = f"<xsl:if test={quoteattr(condition)}>{finding}</xsl:if>"
        return _caught(lets + written, _rule_error(_WHERE, label)) if self._is_careful else written


def _caught(tried: str, otherwise: str) -> str:
    return f"<xsl:try>{tried}<xsl:catch>{otherwise}</xsl:catch></xsl:try>"


def _rule_error(where: str, label: str = "") -> str:
    return f'<finding{label} role="{RULE_ERROR}" {where}><xsl:value-of select="$err:description"/></finding>'


def _let(let: Let) -> str:
    return f"<xsl:variable name={quoteattr(let.name)} select={quoteattr(let.value)}/>"


def _part(part: str | Value) -> str:
    return f"<xsl:value-of select={quoteattr(part.select)}/>" if isinstance(part, Value) else _text(part)


def _text(text: str) -> str:
    return f"<xsl:text>{escape(_BLANKS.sub(' ', text))}</xsl:text>"


def _literal(text: str) -> str:
    """A text that stands in an attribute value template."""
    return text.replace("{", "{{").replace("}", "}}")


def _template(rule_id: str) -> str:
    """A name for the template of an abstract rule: ids of rules are names of XML."""
    return f"abstract-{rule_id}"
