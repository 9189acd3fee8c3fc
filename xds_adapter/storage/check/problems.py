"""What a check of the store reports; no patient data are among it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProblemKind(StrEnum):
    """Kinds of problems, each with its own remedy."""

    ORPHAN = "orphan"
    GHOST = "ghost"
    DAMAGE = "damage"
    LEFTOVER = "leftover"
    FOREIGN = "foreign"


_REMEDIES = {
    ProblemKind.ORPHAN: "no document needs it: fsck --collect removes it",
    ProblemKind.GHOST: "bring the file back from a backup, or have the source submit the document again",
    ProblemKind.DAMAGE: "look after the disk; bring the file back from a backup",
    ProblemKind.LEFTOVER: "nobody works on it any more: fsck --collect removes it",
    ProblemKind.FOREIGN: "xds-adapter did not put it there and leaves it alone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is not as it should be.

    Attributes:
        name: uniqueId of a document, or a path within the data folder.
        what: What is wrong.
        collected: It was removed, so that nothing is left to do.
    """

    kind: ProblemKind
    name: str
    what: str
    collected: bool = False

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return "removed" if self.collected else _REMEDIES[self.kind]


@dataclass(slots=True, kw_only=True)
class CheckCounts:
    """What a check looked at.

    Attributes:
        documents: Documents that are bound or pending.
        contents: Different contents of documents, in files or in the database.
        files: Contents that are files.
        octets: Size of all contents.
        entries: DocumentEntries that name this repository, counted by version.
        without_entry: Documents that no DocumentEntry of this registry names, as after a removal of metadata (ITI-62)
            without removal of the document (ITI-86), or when the registry is elsewhere.
        in_progress: Files that a submission may be about to take up.
        scrubbed_octets: Octets that were read and hashed.
    """

    documents: int = 0
    contents: int = 0
    files: int = 0
    octets: int = 0
    entries: int = 0
    without_entry: int = 0
    in_progress: int = 0
    scrubbed_octets: int = 0
