"""The canonical form of a document or of a part of it: the octets that are hashed and signed.

A document is canonicalised with the processing instructions around its root element: a style sheet named there is
part of what a person sees.

Source: W3C Canonical XML 1.0 and 1.1, Exclusive XML Canonicalization 1.0; W3C XML Signature 1.1, 6.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from xds_adapter.errors import MalformedMessage
from xds_adapter.vocabulary.namespaces import XML, XSI, qname
from xds_adapter.vocabulary.signature import C14N_10, C14N_11, EXCLUSIVE_C14N, WITH_COMMENTS
from xds_adapter.xmlio import Element

_FAMILIES = {EXCLUSIVE_C14N: True, C14N_10: False, C14N_11: False}


def _family(method: str) -> str:
    base = method.removesuffix(WITH_COMMENTS)
    return base if base == EXCLUSIVE_C14N else base.removesuffix("#")


def canonical_fault(method: str) -> str | None:
    """Say why a canonicalisation algorithm is not accepted, or None."""
    return None if _family(method) in _FAMILIES else f"canonicalisation {method} is not accepted"


def inherits_fault(element: Element, method: str) -> str | None:
    """Say why a part of a document has no canonical form here, or None.

    An inclusive canonical form takes over attributes such as xml:lang from the elements around; the library does not.
    """
    if _FAMILIES[_family(method)]:
        return None
    around = {str(name) for ancestor in element.iterancestors() for name in ancestor.attrib}
    inherited = sorted(name for name in around if name.startswith(f"{{{XML}}}"))
    return f"{method} under an element with xml:{inherited[0].rpartition('}')[2]}" if inherited else None


def hidden_prefix_fault(root: Element, method: str, prefixes: Sequence[str]) -> str | None:
    """Say which type of a document the exclusive form leaves open, or None.

    It covers the declaration of a prefix only where the prefix is part of a name: that of ``xsi:type="x:Type"`` may be
    changed, and the type with it.

    Args:
        root: The root element.
        method: As for `canonical`.
        prefixes: Prefixes that are covered nevertheless.
    """
    if not _FAMILIES[_family(method)]:
        return None
    for element in root.iter(etree.Element):
        prefix, colon, _ = (element.get(qname(XSI, "type")) or "").partition(":")
        if colon and prefix not in {*prefixes, *_visible(element)}:
            return f"the signature does not cover what xsi:type={prefix}:... means (exclusive canonical form)"
    return None


def _visible(element: Element) -> Iterator[str | None]:
    """The prefixes of the names of an element and of those around it."""
    for one in (element, *element.iterancestors()):
        yield one.prefix
        namespaces = {str(name)[1:].partition("}")[0] for name in one.attrib if str(name).startswith("{")}
        yield from (prefix for prefix, namespace in one.nsmap.items() if namespace in namespaces)


def canonical(part: Element, method: str, prefixes: Sequence[str] = ()) -> bytes:
    """Write an element in its canonical form.

    Args:
        part: An element, whose parents give the namespaces in scope.
        method: URI, one without `canonical_fault`.
        prefixes: InclusiveNamespaces of an exclusive form.

    Raises:
        MalformedMessage: A namespace is a relative URI, which has no canonical form.
    """
    return _written(part, method, prefixes)


def canonical_document(root: Element, method: str, prefixes: Sequence[str] = ()) -> bytes:
    """Write a whole document in its canonical form, with what stands before and after its root element.

    Args:
        root: The root element.
        method: As for `canonical`.
        prefixes: As for `canonical`.

    Raises:
        MalformedMessage: As for `canonical`.
    """
    return _written(root.getroottree(), method, prefixes)


def _written(node: Element | etree._ElementTree, method: str, prefixes: Sequence[str]) -> bytes:
    try:
        written: bytes = etree.tostring(
            node,
            method="c14n",
            exclusive=_FAMILIES[_family(method)],
            with_comments=method.endswith(WITH_COMMENTS),
            inclusive_ns_prefixes=list(prefixes) or None,
        )
    except etree.C14NError as error:
        raise MalformedMessage("the document has no canonical form (a namespace is a relative URI)") from error
    return written
