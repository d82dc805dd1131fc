"""Hypothesis without deadlines: the first example pays for importing scipy."""

from hypothesis import settings

settings.register_profile("modest", deadline=None, max_examples=40)
settings.load_profile("modest")
