"""Whether the objects of an answer concern one patient.

An update may move an object to another patient (ITI-57); versions of different patients are not returned together. One
query is different: GetFolderAndContents asks for one folder, and what it holds belongs to the folder's patient. There
the patients of the folder's versions count as one, or nobody could read its history.

Source: IHE ITI TF-2 3.18.4.1.3 (XDSResultNotSinglePatient); supplement XDS Metadata Update.
"""

from __future__ import annotations

from xds_adapter.model import StoredQuery
from xds_adapter.storage import StoredObject
from xds_adapter.vocabulary.stored_queries import GET_FOLDER_AND_CONTENTS


class PatientsOfResult:
    """Collects the patients of objects while they are read."""

    def __init__(self, query: StoredQuery) -> None:
        self._one_folder = query.query_id == GET_FOLDER_AND_CONTENTS.query_id
        self._every: set[str] = set()
        self._of_folder: set[str] = set()

    def add(self, stored: StoredObject) -> None:
        """Take note of an object; one without a patient is an association."""
        if stored.patient_id:
            self._every.add(stored.patient_id)
            if self._one_folder and stored.kind == "Folder":
                self._of_folder.add(stored.patient_id)

    @property
    def are_several(self) -> bool:
        """Whether there are more patients than one, not counting those of a folder's other versions."""
        return len(self._every - self._of_folder) > (0 if self._of_folder else 1)
