"""The planner's loop body: what the database knows, planned (workers.plan), and sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from amity.accounts import Account
from amity.home import Home
from events.subscriptions import Subscription
from workers import metrics, plan
from workers.owners import Owners
from workers.plan import SECOND, Job
from workers.telling import tell, where

Send = Callable[[Job], object]
_LOOK = 5 * SECOND  # how often the database is looked at for what others did: an import, a new account, a hint
_CROWDED = SECOND // 4  # likewise for room, while more waits than has any: whatever is sent at once is soon done


class Scheduler:
    """Looks, plans and sends. Any number of them may do so for the same owners: each turn is sent by one of them."""

    def __init__(
        self, homes: Callable[[], Sequence[Home]], send: Send, *, room: int, place: str = "", unheard: bool = False
    ) -> None:
        """`place`: where providers tell of news (`subscribing.mark_of`); "" where they are not asked to.

        `unheard`: the work is done elsewhere, and nobody says when it ends and there is room for more.
        """
        self._homes, self._send, self._room = homes, send, room
        self._longest = _CROWDED if unheard else _LOOK
        self._owners = Owners(place)
        self.told: dict[str, Sequence[Subscription]] = {}  # by owner, as it was last looked
        self.seen = metrics.Look()
        self.out = self.due = 0  # jobs under way, and those that are due, when it was last looked

    def tick(self, now: int) -> int:
        """Send what is due and has room; milliseconds until it is worth looking again."""
        state = self._owners.look(self._homes(), now)
        self.told = self._owners.told()
        listed = list(plan.schedule(now, state))
        for job in self._owners.take(plan.choose(now, listed, self._room), now):
            self._put(job)
        self.out = sum(plan.is_out(job.row, now) for job in listed)
        self.due = sum(job.due_ms <= now for job in listed)
        self.seen = metrics.look(now, state, listed)
        self._owners.note([job for job in listed if _is_news(job, now)])
        soonest = plan.next_due(now, listed)
        busy = sum(plan.is_out(job.row, now) or job.due_ms <= now for job in listed)
        longest = self._longest if busy >= self._room else _LOOK
        return longest if soonest is None else max(min(soonest - now, longest), 0)

    def known_accounts(self) -> list[tuple[Home, Sequence[Account]]]:
        """Whose accounts there were, when it was last looked."""
        return self._owners.accounts()

    def close(self) -> None:
        self._owners.close()

    def _put(self, job: Job) -> None:
        try:
            self._send(job)
        except Exception as error:  # noqa: BLE001  brokers raise what their libraries raise; it is sent again later
            tell("unsent", {"job": job.row.id, "error": type(error).__name__, "where": where(error)}, logging.ERROR)


def _is_news(job: Job, now: int) -> bool:
    """Whether the time at which a job will be done next is another one than `amity status` tells."""
    stored = job.row.due_ms
    overdue = stored and stored <= now and job.due_ms <= now
    return not overdue and abs(job.due_ms - stored) > SECOND
