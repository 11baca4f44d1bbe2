"""What each kind of job does: the use cases of `amity`, for one account or one owner."""

from __future__ import annotations

import time

from amity import accounts, delivery, subscribing, wiring
from amity.sync import read_account
from events import deliveries, jobs
from workers.plan import PULL
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


def push(work: Work) -> Outcome:
    """See to it that an account's provider tells of news; what came before it was asked to is looked for once more."""
    account = next((one for one in accounts.read(work.home) if one.source == work.row.name), None)
    place = work.runner.place()
    if account is None or not place.url:
        return Outcome()
    made, held = subscribing.keep(account, work.runner.access_to(work.home), work.log, place, work.runner.clock)
    if made:
        with work.log.writing() as connection:
            jobs.hint(connection, work.log.owner, PULL, account.source, work.runner.now_ms())
    return Outcome("", {"provider": account.kind, "made": made, "held": held})


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
