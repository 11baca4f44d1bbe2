"""The program as its entry point starts it, with one more kind of account; `TEST_EVERY_MS`: how often all are read."""

from __future__ import annotations

import os

from tests.workers import provider

provider.install()
if "TEST_EVERY_MS" in os.environ:
    from workers import plan

    plan.EVERY.clear()
    plan.EVERY_OTHER = int(os.environ["TEST_EVERY_MS"])

if __name__ == "__main__":
    from amity.cli import main

    main()
