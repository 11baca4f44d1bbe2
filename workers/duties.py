"""What each kind of job does: the use cases of `amity`, for one account or one owner."""

from __future__ import annotations

import time

from amity import accounts, delivery, wiring
from amity.sync import read_account
from events import deliveries
from workers.runner import Outcome, Work

SLICE = 60.0  # seconds of old mail, before an account lets others in


def pull(work: Work) -> Outcome:
    """Read what is new in one account, or a slice of what is old."""
    account = next((one for one in accounts.read(work.home) if one.source == work.row.name), None)
    if account is None:
        return Outcome()  # it was disconnected meanwhile
    runner, until = work.runner, time.monotonic() + SLICE

    def enough() -> bool:
        return runner.stopping.is_set() or time.monotonic() > until

    found = read_account(
        account, runner.access_to(work.home), work.log, clock=runner.clock, sleep=runner.sleep, enough=enough
    )
    bad = found.state not in {"ok", "waiting"}
    return Outcome(
        (found.error or found.state) if bad else "",
        {
            "provider": account.kind, "state": found.state, "streams": len(found.streams), "seen": found.seen,
            "stored": found.stored, "withdrawn": found.withdrawn,
        },
    )  # fmt: skip


def report(work: Work) -> Outcome:
    """Deliver the weekly report by every way that is due."""
    found = delivery.deliver(work.home, work.runner.now_ms())
    bad = [f"{one.period}, {one.way}: {one.error}" for one in found if one.state != deliveries.SENT]
    return Outcome("; ".join(bad), {"state": "failed" if bad else "ok"})


def project(work: Work) -> Outcome:
    """Record what changed in the settings, and bring the views up to the head of the log."""
    rules = wiring.recorded_rules(work.log, work.home, work.runner.now_ms())
    wiring.fold(work.log, work.home, rules)
    return Outcome("", {"position": work.log.head()})
