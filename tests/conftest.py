"""What holds for every test, and fixtures that all may ask for; each stands with what it is made of."""

from hypothesis import settings

pytest_plugins = ["tests.support.cluster", "tests.support.service", "tests.support.people"]

# How fast a machine is, or how busy, is no property of the code.
settings.register_profile("secretspace", deadline=None, print_blob=True)
settings.load_profile("secretspace")
