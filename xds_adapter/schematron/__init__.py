"""Official rule packs: an XML schema and Schematron schemas (queryBinding xslt2), run in a worker process.

::

    RulePack    for callers: check(document) -> findings; starts, bounds and replaces the worker
    worker      the process that holds the compiled pack
    engine      what it runs: XmlSchema (libxml2) and style sheets (Saxon)
    source, schema, xslt    from the files of a Schematron schema to an XSLT 3.0 style sheet
    layout      where the files of a pack lie, and which of them concern a document

Needs the extra ``schematron``.
"""

from xds_adapter.schematron.rule_pack import Bounds, RulePack

__all__ = ["Bounds", "RulePack"]
