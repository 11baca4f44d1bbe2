"""The invented life, for those acceptance tests that need some of everything."""

from tests.amity.conftest import life_copy, lived

__all__ = ["life_copy", "lived"]
