"""`dramatiq workers.actors`, with one more kind of account."""

from __future__ import annotations

import tests.workers.amity
from workers.actors import BROKER

__all__ = ["BROKER", "tests"]
