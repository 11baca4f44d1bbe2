"""Outlook's limits for each application and mailbox: four requests at once, 10,000 in ten minutes
(https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits)."""

from __future__ import annotations

from collections import defaultdict, deque

from tests.peers.google.clock import Clock
from tests.peers.graph.failures import GraphError

WINDOW = 600.0


class Throttle:
    """`retry_after`: text of the header; "": none. `peak`: the most requests in flight at once, by mailbox."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.at_once, self.in_window, self.retry_after = 4, 10_000, "10"
        self.in_flight: dict[str, int] = defaultdict(int)
        self.peak: dict[str, int] = defaultdict(int)
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def enter(self, mailbox: str) -> None:
        self.in_flight[mailbox] += 1
        self.peak[mailbox] = max(self.peak[mailbox], self.in_flight[mailbox])

    def leave(self, mailbox: str) -> None:
        self.in_flight[mailbox] -= 1

    def crowded(self, mailbox: str) -> None:
        """Raises GraphError when too many requests are in flight."""
        if mailbox and self.in_flight[mailbox] > self.at_once:
            raise self._refused("Application is over its MailboxConcurrency limit.")

    def crowded_part(self, mailbox: str, place: int) -> None:
        """Of a $batch, whose parts run four at a time beside what else is in flight. Raises GraphError."""
        if place % 4 > self.at_once - self.in_flight[mailbox]:
            raise self._refused("Application is over its MailboxConcurrency limit.")

    def charge(self, mailbox: str) -> None:
        """Raises GraphError when the ten minutes are used up."""
        now, times = self._clock.now(), self._times[mailbox]
        while times and times[0] <= now - WINDOW:
            times.popleft()
        if len(times) >= self.in_window:
            raise self._refused("Application is over its MailboxRequests limit.")
        times.append(now)

    def _refused(self, message: str) -> GraphError:
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return GraphError(429, "ApplicationThrottled", message, headers)
