"""Which kind of document it is.

Source: ANS CI-SIS, template ids of the models; ``code`` for level 1.
"""

from __future__ import annotations

from xds_adapter.cda.parsing.reader import Reader
from xds_adapter.cda.tree import all_of, first, get
from xds_adapter.vocabulary import cda
from xds_adapter.xmlio import Element

_VERSIONS = {cda.IMG_DA_IMG: "2024.01", cda.IMG_CR_IMG: "2024.01", cda.TLM_DA: "2022.01"}
_STRUCTURED_BY_CODE = {
    cda.IMAGING_REQUEST_CODE: "imaging-request",
    cda.IMAGING_REPORT_CODE: "imaging-report",
    cda.TELEMEDICINE_REQUEST_CODE: "telemedicine-request",
}


def kind_of(reader: Reader) -> str | None:
    """Return the kind by the template id of the model, by the code for a level 1 document; None when it is unknown."""
    root = reader.root
    element = first(root, "code")
    code = "" if element is None else get(element, "code")
    if first(root, "component/nonXMLBody") is not None:
        return cda.KIND_OF_LEVEL_1.get(code)
    for template in all_of(root, "templateId"):
        if get(template, "root") in cda.KIND_OF_MODEL:
            return _by_model(reader, template)
    kind = _STRUCTURED_BY_CODE.get(code) or cda.KIND_OF_LEVEL_1.get(code)
    if kind is not None:
        reader.assumed(root, f"the document names no model; it is read as {kind} because of its code {code}")
    return kind


def code_of(kind: str) -> str:
    """Return the LOINC code that a document of a kind has."""
    return next(
        code for codes in (_STRUCTURED_BY_CODE, cda.KIND_OF_LEVEL_1) for code, name in codes.items() if name == kind
    )


def _by_model(reader: Reader, template: Element) -> str:
    model = get(template, "root")
    version = _VERSIONS[model]
    if (found := get(template, "extension")) != version:
        reader.reworded(template, f"the model's version is {found!r}; a built document follows {version}")
    return cda.KIND_OF_MODEL[model]
