"""Rules on stored queries (SQ-001 to SQ-005).

Source: IHE ITI TF-2 3.18.4.1.2.3 and 3.18.4.1.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from xds_adapter.datatypes import DTM
from xds_adapter.model import ParameterSlot, RegistryError, ReturnType, StoredQuery
from xds_adapter.model.finding import finding
from xds_adapter.vocabulary.status import AvailabilityStatus
from xds_adapter.vocabulary.stored_queries import STORED_QUERIES, Parameter, ParameterForm, StoredQueryForm

_SINGLE = frozenset({ParameterForm.TEXT, ParameterForm.NUMBER, ParameterForm.TIME, ParameterForm.PATTERN})
_OTHER = {True: "which ITI-51 takes", False: "which ITI-18 takes"}
_CODED = frozenset({ParameterForm.CODES, ParameterForm.CODES_AND_OR})
_JOINED_BY_AND = frozenset({ParameterForm.CODES_AND_OR, ParameterForm.PATTERNS_AND_OR})
_STATUSES = frozenset(AvailabilityStatus)


def check_query(query: StoredQuery, *, multi_patient: bool = False) -> list[RegistryError]:
    """Check a stored query; an empty list means that it can be run.

    Args:
        query: The query.
        multi_patient: It came by ITI-51, which has queries of its own.
    """
    errors: list[RegistryError] = []
    if query.return_type not in frozenset(ReturnType):
        errors.append(
            finding("SQ-005", "is neither LeafClass nor ObjectRef", attribute="returnType", value=query.return_type)
        )
    form = STORED_QUERIES.get(query.query_id)
    if form is None or form.multi_patient is not multi_patient:
        words = (
            "is no stored query of this registry" if form is None else f"is {form.name}, {_OTHER[form.multi_patient]}"
        )
        errors.append(finding("SQ-001", words, attribute="AdhocQuery/@id", value=query.query_id))
        return errors
    errors.extend(_check_presence(query, form))
    for parameter in form.parameters:
        slots = query.parameters.get(parameter.name, ())
        errors.extend(_check_number(form, parameter, slots))
        errors.extend(_check_values(form, parameter, slots))
    return errors


def _check_presence(query: StoredQuery, form: StoredQueryForm) -> Iterator[RegistryError]:
    for parameter in form.parameters:
        if parameter.required and not _understood(parameter, query.parameters.get(parameter.name, ())):
            yield finding("SQ-002", "is required", object_id=form.name, attribute=parameter.name)
    if form.some_of and not any(name in query.parameters for name in form.some_of):
        yield finding("SQ-002", "is required", object_id=form.name, attribute=" or ".join(form.some_of))
    if not form.one_of:
        return
    given = [name for name in form.one_of if name in query.parameters]
    choice = " or ".join(form.one_of)
    if not given:
        yield finding("SQ-002", "is required", object_id=form.name, attribute=choice)
    elif len(given) > 1:
        yield finding("SQ-003", "are given together; one is allowed", object_id=form.name, attribute=choice)


def _understood(parameter: Parameter, slots: tuple[ParameterSlot, ...]) -> bool:
    """A status that is not understood is ignored; when nothing is left, the parameter is missing."""
    if not parameter.name.endswith("Status"):
        return bool(slots)
    return any(value in _STATUSES for slot in slots for value in slot.values)


def _check_number(
    form: StoredQueryForm, parameter: Parameter, slots: tuple[ParameterSlot, ...]
) -> Iterator[RegistryError]:
    if parameter.form in _SINGLE and any(slot.listed or len(slot.values) > 1 for slot in slots):
        words = "takes one value, without parentheses"
        yield finding("SQ-003", words, object_id=form.name, attribute=parameter.name)
    elif parameter.form not in _SINGLE and any(not slot.listed for slot in slots):
        words = "takes a list: write ('value'), in parentheses even for one value"
        yield finding("SQ-003", words, object_id=form.name, attribute=parameter.name)
    if len(slots) > 1 and parameter.form not in _JOINED_BY_AND:
        words = f"stands {len(slots)} times; its slots cannot be joined by AND"
        yield finding("SQ-003", words, object_id=form.name, attribute=parameter.name)


def _check_values(
    form: StoredQueryForm, parameter: Parameter, slots: tuple[ParameterSlot, ...]
) -> Iterator[RegistryError]:
    for value in (value for slot in slots for value in slot.values):
        words = None
        if parameter.form in _CODED:
            code, _, scheme = value.partition("^^")
            words = None if code and scheme else "is not code^^scheme"
        elif parameter.form is ParameterForm.TIME:
            words = DTM(value).fault()
        elif parameter.form is ParameterForm.NUMBER:
            words = None if value.isascii() and value.isdigit() else "is no number"
        if words is not None:
            yield finding("SQ-004", words, object_id=form.name, attribute=parameter.name, value=value)
