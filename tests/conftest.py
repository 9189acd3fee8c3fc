"""Settings of the test run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Timing says nothing on a shared machine, and whole submissions are large values by nature.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("project")
