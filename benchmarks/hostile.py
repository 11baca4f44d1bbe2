"""What each hostile item costs: processor time and memory against 100 ms and 256 MB. Exit code 1 where one is above.

    .venv/bin/python -m benchmarks.hostile
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC

from connectors.mime.message import translate
from events.vocabulary import MeetingObserved
from projections.recurrence import expand
from tests.connectors.mime.test_hostile import HOSTILE

LIMIT_MS, LIMIT_MB = 100, 256
RULES = (
    "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY", "FREQ=WEEKLY;BYSETPOS=366",
)  # fmt: skip


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """(the best of five rounds in ms of processor time, the peak of allocations in MB)"""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return best * 1000, peak / 1e6


def series(rule: str) -> Callable[[], object]:
    meeting = MeetingObserved(source="s", uid="u", start="1970-01-01T00:00:00", zone="UTC", seconds=60, rules=(rule,))
    return lambda: expand([meeting], floating=UTC, until_ms=2_000_000_000_000)


def mail(raw: bytes) -> Callable[[], object]:
    return lambda: translate(raw, source="s", where="w")


def main() -> int:
    items = {name: mail(make()) for name, make in HOSTILE.items()} | {rule: series(rule) for rule in RULES}
    above = 0
    for name, work in items.items():
        milliseconds, megabytes = cost(work)
        wrong = milliseconds > LIMIT_MS or megabytes > LIMIT_MB
        above += wrong
        print(f"{milliseconds:7.1f} ms {megabytes:7.1f} MB  {name}{'  ABOVE' if wrong else ''}")
    print(f"{len(items)} items, {above} above {LIMIT_MS} ms or {LIMIT_MB} MB")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
