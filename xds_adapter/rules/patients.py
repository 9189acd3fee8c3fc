"""The rule on the patients that a stored query names (PIF-002); a site decides whether it applies.

Source: IHE ITI TF-2 3.18.4.1.2.3.9.1 (no content, or XDSUnknownPatientId: policy of the affinity domain).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xds_adapter.datatypes import CX
from xds_adapter.model import RegistryError, StoredQuery
from xds_adapter.model.finding import finding
from xds_adapter.vocabulary.stored_queries import STORED_QUERIES


def patients_of(query: StoredQuery) -> list[tuple[str, CX]]:
    """The patients that a query names, each with the parameter that does."""
    return [
        (name, CX(value))
        for name, slots in query.parameters.items()
        if name.lower().endswith("patientid")
        for slot in slots
        for value in slot.values
    ]


def check_query_patients(
    query: StoredQuery, standing: Mapping[str, str | None], *, unknown_patients: bool
) -> Iterator[RegistryError]:
    """Check that the patients of a correct query are in force.

    Args:
        query: The query.
        standing: Those that were ever known, by `CX.key`, each with what it was merged into.
        unknown_patients: Patients that nobody has announced are as good as known.
    """
    form = STORED_QUERIES[query.query_id]
    for parameter, patient_id in patients_of(query):
        words = None
        if standing.get(patient_id.key) is not None:
            words = "was merged into another patient identifier; ask for the one in force"
        elif not unknown_patients and patient_id.key not in standing:
            words = "is not a patient that this registry knows"
        if words is not None:
            yield finding("PIF-002", words, object_id=form.name, attribute=parameter, value=patient_id.text)
