"""Progress on standard error, for what takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from amity.terminal import safe

if TYPE_CHECKING:
    from connectors.progress import Progress
    from connectors.sync.progress import SyncProgress

PATIENCE = 2.0  # seconds without a word that nobody minds
PAUSE = 0.5  # seconds between two lines


class Late:
    """Prints a sentence at most twice a second, and nothing at all before two seconds have passed."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.start = time.monotonic()
        self.next = self.start + patience
        self.shown = False

    def __call__(self, sentence: str) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + PAUSE
        self.shown = True
        end = "\r" if sys.stderr.isatty() else "\n"
        start = "\x1b[2K" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{start}{sentence}{end}")
        sys.stderr.flush()

    def folding(self, done: int, total: int) -> None:
        """What `projections.base.catch_up` calls."""
        self(f"views: {done:,} of {total:,} events")

    def importing(self, done: Progress) -> None:
        """What `connectors.base.import_paths` calls."""
        left = "" if done.seconds_left is None else f", {_clock(done.seconds_left)} left"
        megabytes = f"{done.bytes_done / 1e6:,.0f} of {done.bytes_total / 1e6:,.0f} MB"
        self(
            f"{safe(done.path)}: {done.files:,} of {done.files_total:,} files, {megabytes}, {done.items:,} items,"
            f" {done.items_per_second:,.0f} a second{left}"
        )

    def syncing(self, done: SyncProgress) -> None:
        """What `connectors.sync.loop.sync` calls."""
        left = "" if done.seconds_left is None else f", {_clock(done.seconds_left)} left"
        of = "" if done.total is None else f" of {done.total:,}"
        rate = f"{done.items_per_second:,.0f} a second"
        self(f"{safe(done.source)}, {safe(done.title)}: {done.seen:,}{of} items, {rate}{left}")

    def close(self) -> None:
        if self.shown and sys.stderr.isatty():
            sys.stderr.write("\x1b[2K")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{rest} s"
