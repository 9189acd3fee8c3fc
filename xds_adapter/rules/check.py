"""All rules on a submission, put together for the actors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from xds_adapter.model import RegistryError, RegistryFacts, Submission
from xds_adapter.model.finding import label
from xds_adapter.rules.affinity_domain import AffinityDomain
from xds_adapter.rules.attributes import SUGGESTING, check_object
from xds_adapter.rules.on_demand import check_profile
from xds_adapter.rules.profile import REGISTER, Profile
from xds_adapter.rules.registered import check_state
from xds_adapter.rules.structure import check_structure


def check_submission(
    submission: Submission,
    domain: AffinityDomain,
    form: Iterable[RegistryError] = (),
    *,
    profile: Profile = REGISTER,
) -> list[RegistryError]:
    """Check what a registration (ITI-42, ITI-61) shows by itself.

    Args:
        submission: With repositoryUniqueId, and for stable entries with hash and size filled in.
        domain: Admitted codes and MIME types.
        form: What the decoder found.
        profile: What the transaction asks of entries.

    Returns:
        The decoder's findings and all further ones.
    """
    errors = list(form)
    reported: dict[str, set[str]] = defaultdict(set)
    for error in errors:
        reported[error.object_id].add(error.attribute)
    for registry_object in submission.objects():
        already = frozenset(reported[label(registry_object)]) if errors else frozenset()
        suggest = len(errors) < SUGGESTING
        errors.extend(check_object(registry_object, domain, profile=profile, reported=already, suggest=suggest))
    errors.extend(check_structure(submission))
    errors.extend(check_profile(submission, profile))
    return errors


def check_registered(
    submission: Submission, facts: RegistryFacts, *, unknown_patients: bool = False
) -> list[RegistryError]:
    """Check a submission against what the registry holds."""
    return list(check_state(submission, facts, unknown_patients=unknown_patients))
