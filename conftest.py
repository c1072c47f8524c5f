"""For all tests: generated examples are the same in every CI run; a new one found by chance must not fail somebody else's change."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
