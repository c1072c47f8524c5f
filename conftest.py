"""For all tests: generated examples are the same in every run, here and in CI: one found by chance must not fail somebody else's change.

`HYPOTHESIS_PROFILE=search` (`make search`) looks for new ones instead.
"""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
