"""What a metadata update asks for: the operations in one submission, and what the registry holds of what they name.

::

    DocumentEntry or Folder with a logicalID        a new version of it            ObjectUpdate
    UpdateAvailabilityStatus                        another availabilityStatus     the Association itself
    SubmitAssociation                               a new Association              AssociationSubmission

Source: IHE ITI supplement XDS Metadata Update, 3.57.4.1.3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xds_adapter.model.facts import KnownObject, RegistryFacts
from xds_adapter.model.metadata import Association, DocumentEntry, Folder, RegistryObject
from xds_adapter.model.submission import Submission
from xds_adapter.vocabulary.ebrim import AssociationType

Series = tuple[str, str]
"""Kind and logicalID: what the versions of an object share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectUpdate:
    """A new version of a DocumentEntry or Folder.

    Attributes:
        owner: The new version, complete.
        link: The HasMember from the SubmissionSet, which names the previous version; None when it is missing.
    """

    owner: DocumentEntry | Folder
    link: Association | None = None

    @property
    def series(self) -> Series:
        """Kind and logicalID."""
        return type(self.owner).__name__, self.owner.logical_id or ""

    @property
    def propagates(self) -> bool:
        """True when the associations of the previous version are to be carried over, as they are unless told."""
        return self.link is None or self.link.association_propagation != "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationSubmission:
    """A new Association between registered objects.

    Attributes:
        trigger: The SubmitAssociation that asks for it.
        association: The new Association; None when the trigger names none of the submission.
        link: A HasMember from the SubmissionSet to it, if the sender gave one.
    """

    trigger: Association
    association: Association | None = None
    link: Association | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePlan:
    """The operations of one submission.

    Attributes:
        updates: New versions; also entries and folders that lack a logicalID, for the rules to refuse.
        status_changes: Associations of type UpdateAvailabilityStatus.
        submissions: New associations.
        strays: Associations that belong to no operation.
    """

    updates: tuple[ObjectUpdate, ...] = ()
    status_changes: tuple[Association, ...] = ()
    submissions: tuple[AssociationSubmission, ...] = ()
    strays: tuple[Association, ...] = ()

    @classmethod
    def of(cls, submission: Submission) -> UpdatePlan:
        """Find the operations of a submission by their triggers."""
        source = submission.submission_set.entry_uuid if submission.submission_set is not None else None
        by_id: dict[str | None, Association] = {a.entry_uuid: a for a in submission.associations if a.entry_uuid}
        links: dict[str | None, Association] = {}
        for association in submission.associations:
            if association.association_type == AssociationType.HAS_MEMBER and association.source_object == source:
                links.setdefault(association.target_object, association)
        updates = tuple(ObjectUpdate(owner=o, link=links.get(o.entry_uuid)) for o in submission.members())
        submissions = tuple(
            AssociationSubmission(
                trigger=trigger, association=by_id.get(trigger.target_object), link=links.get(trigger.target_object)
            )
            for trigger in submission.associations
            if trigger.association_type == AssociationType.SUBMIT_ASSOCIATION
        )
        changes = tuple(
            a for a in submission.associations if a.association_type == AssociationType.UPDATE_AVAILABILITY_STATUS
        )
        # By identity: comparing values with each other takes too long in a hostile message.
        claimed = {id(a) for a in (*changes, *(update.link for update in updates))}
        for one in submissions:
            claimed |= {id(one.trigger), id(one.association), id(one.link)}
        strays = tuple(a for a in submission.associations if id(a) not in claimed)
        return cls(updates=updates, status_changes=changes, submissions=submissions, strays=strays)

    @property
    def is_empty(self) -> bool:
        """True when nothing is asked for."""
        return not (self.updates or self.status_changes or self.submissions)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFacts:
    """The part of the registry that a metadata update touches.

    Attributes:
        registry: What any submission asks for.
        known: Registered objects by entryUUID: all that the submission names, and the ends of all `touching`.
        versions: The versions of everything that is updated or gets another status, the latest first.
        previous: The latest version of what is updated, with all its attributes, by entryUUID.
        touching: Associations at one end of an object, by its entryUUID: of the latest versions of what is updated,
            and of the sources of new associations.
    """

    registry: RegistryFacts = field(default_factory=RegistryFacts)
    known: Mapping[str, KnownObject] = field(default_factory=dict)
    versions: Mapping[Series, tuple[KnownObject, ...]] = field(default_factory=dict)
    previous: Mapping[str, RegistryObject] = field(default_factory=dict)
    touching: Mapping[str, tuple[KnownObject, ...]] = field(default_factory=dict)

    def latest(self, series: Series) -> KnownObject | None:
        """The latest registered version, or None."""
        versions = self.versions.get(series, ())
        return versions[0] if versions else None
