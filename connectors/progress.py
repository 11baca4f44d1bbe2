"""How far a long import is: numbers only; how they are shown is the caller's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

_EVERY_SECONDS = 0.1  # a person cannot read faster


class Progress(NamedTuple):
    """One moment of an import of one path. Files that are as they were are not in it."""

    path: str
    files: int
    files_total: int
    items: int
    bytes_done: int
    bytes_total: int
    seconds: float

    @property
    def items_per_second(self) -> float:
        """The mean rate so far; 0 in the first moment."""
        return self.items / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """What is left at the rate of the bytes read so far; None while nothing was."""
        if self.bytes_done <= 0:
            return None
        return self.seconds * max(self.bytes_total - self.bytes_done, 0) / self.bytes_done


class Watch:
    """Calls back now and then while files are read."""

    def __init__(self, callback: Callable[[Progress], None] | None, path: str, files: int, size: int) -> None:
        self._callback, self._path, self._files_total, self._size = callback, path, files, size
        self._started = self._last = time.monotonic()
        self._files = self._bytes = self._shown = 0
        self.items = 0

    def file_done(self, size: int) -> None:
        """One more file is done, which was `size` bytes long."""
        self._files += 1
        self._bytes += size
        if self.due():
            self.tick(0)

    def due(self) -> bool:
        """Whether the last call back is long enough ago."""
        return self._callback is not None and time.monotonic() - self._last >= _EVERY_SECONDS

    def tick(self, position: int) -> None:
        """Call back: the file that is being read is at byte `position`."""
        if self._callback is None:
            return
        self._last = time.monotonic()
        self._shown = max(self._shown, min(self._bytes + position, self._size))
        seconds = self._last - self._started
        self._callback(
            Progress(self._path, self._files, self._files_total, self.items, self._shown, self._size, seconds),
        )
