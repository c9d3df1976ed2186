"""Fixtures that all tests may ask for; each stands with what it is made of, under `tests/support`."""

pytest_plugins = ["tests.support.cluster", "tests.support.service", "tests.support.people"]
