"""A guard against cliffs, not a measure of speed: without its bound, hostile input costs minutes or gigabytes.

What each hostile item really takes is measured by `benchmarks.hostile`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

CLIFF_S = 3.0  # thirty times what an item may cost on a quiet machine


@contextmanager
def no_cliff() -> Iterator[None]:
    """Fails when its block takes as much processor time as only a missing bound can cost."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < CLIFF_S
