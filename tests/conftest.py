"""One hypothesis profile for all tests: the same examples every time, no limit on the clock."""

from hypothesis import settings

settings.register_profile("evenodds", deadline=None, derandomize=True)
settings.load_profile("evenodds")
