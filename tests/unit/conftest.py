"""Property tests try the same examples every time: a suite about equal bits must not be a lottery."""

from hypothesis import settings

settings.register_profile("samebits", derandomize=True, deadline=None)
settings.load_profile("samebits")
