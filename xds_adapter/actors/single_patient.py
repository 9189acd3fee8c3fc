"""Whether the objects of an answer concern one patient.

An update may move an object to another patient (ITI-57). To a consumer that sees its versions, the patients of one
logical object are one: otherwise nobody could read the history of an object that was filed under the wrong patient.

Source: IHE ITI TF-2 3.18.4.1.3 (XDSResultNotSinglePatient); supplement XDS Metadata Update.
"""

from __future__ import annotations

from xds_adapter.storage import StoredObject


class PatientsOfResult:
    """Collects the patients of objects while they are read."""

    def __init__(self) -> None:
        self._of_series: dict[str, set[str]] = {}

    def add(self, stored: StoredObject) -> None:
        """Take note of an object; one without a patient is an association."""
        if stored.patient_id:
            series = stored.logical_id or stored.entry_uuid
            self._of_series.setdefault(series, set()).add(stored.patient_id)

    @property
    def are_several(self) -> bool:
        """Whether there are patients that no version of an object connects with the others."""
        series = [patients for patients in self._of_series.values() if len(patients) > 1]
        every = set().union(*self._of_series.values())
        if len(every) < 2:
            return False
        connected = {next(iter(every))}
        for _ in series:
            connected.update(*(patients for patients in series if patients & connected))
        return connected != every
