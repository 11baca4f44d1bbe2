"""Whether a second process may take a part of the work, by a fork of this one."""

from __future__ import annotations

import os
import threading


def may_fork() -> bool:
    """Whether there is another core, and nothing that a fork would break in two."""
    return hasattr(os, "fork") and _cores() > 1 and threading.active_count() == 1


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
