"""The fake's time: it stands still until a test moves it, or runs beside the real one."""

from __future__ import annotations

import time
from datetime import UTC, datetime

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z, a Monday


class Clock:
    """Seconds since 1970. `ticking`: real time passes too (for programs that cannot be given a clock)."""

    def __init__(self, start: float = START, *, ticking: bool = False) -> None:
        self._start, self._ticking, self._moved = start, ticking, 0.0
        self._began = time.monotonic()

    def now(self) -> float:
        passed = time.monotonic() - self._began if self._ticking else 0.0
        return self._start + self._moved + passed

    def advance(self, seconds: float) -> None:
        """Also what a client under test sleeps with."""
        self._moved += max(0.0, seconds)

    def rewind(self) -> None:
        """To where it began, for another example of the same test."""
        self._moved = 0.0

    def millis(self) -> int:
        return int(self.now() * 1000)

    def rfc3339(self) -> str:
        return rfc3339(self.now())


def rfc3339(seconds: float) -> str:
    """As Google writes it: UTC, milliseconds, `Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
