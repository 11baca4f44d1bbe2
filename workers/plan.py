"""What is due, and what of it goes first. Pure: the clock, the rows and the room are given.

The plan is made anew from the database every few seconds, and nothing else remembers what is to be done. So whatever a
queue loses is planned again, a machine that slept runs once what it missed, and two planners plan the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple
from zlib import crc32

from events.jobs import JobRow

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
PULL, PUSH, PROJECT, REPORT = "pull", "push", "project", "report"

# How often an account is asked; the longest pause, which chance shortens by up to a quarter (Google asks for jitter:
# https://developers.google.com/workspace/calendar/api/guides/quota). New mail is to be known within a minute.
EVERY = {
    "imap": 45 * SECOND, "google": 45 * SECOND, "microsoft": 45 * SECOND, "caldav": 2 * MINUTE, "carddav": 15 * MINUTE,
    "ics": 15 * MINUTE, "holidays": DAY,
}  # fmt: skip
EVERY_OTHER = 5 * MINUTE
EVERY_TOLD = 10 * MINUTE  # where the provider tells of news: what a lost notification costs at most
_JITTER = 0.25
_PAUSES = (MINUTE, 30 * MINUTE)  # after the first failure, doubled until the longest
SIGN_IN = HOUR  # a refused password is not tried often: mail servers lock who guesses
_TOLD = MINUTE  # between two turns that see to subscriptions, however often a provider says that one has ended
_LOOKED = 12 * HOUR  # and at the latest, for calendars that are new
_HINTS = 2 * SECOND  # between two runs, however many hints there are
TRIES = 5  # attempts that took their worker with them, before the job stands aside
_ASIDE = (MINUTE, DAY)  # for how long then, doubled with each attempt
SEND_AGAIN = 30 * SECOND  # what was sent and not begun by then was lost
# Accounts of one project that are read at once: Google allows it 10,000 requests a minute, and 600 of each user's
# (https://developers.google.com/workspace/calendar/api/guides/quota), which connectors.google keeps. By kind.
AT_ONCE = {"google": 16}
_SPREAD = MINUTE  # ours: over which those come back who waited for the same budget
_LONGEST = 7 * DAY  # as connectors.sync.retry.LONGEST: nobody may ask for more


class Lane(IntEnum):
    """Who waits: somebody for an answer, nobody in particular, or nobody yet for what is years old."""

    INTERACTIVE = 0
    INCREMENTAL = 1
    BACKFILL = 2


class Account(NamedTuple):
    """One account, as `sync_accounts` and its job tell of it. `every_ms`: how often it is asked, at the latest.

    `unfinished`: a listing stopped between two pages; `changed_ms`: when its options or its secret last changed.
    `budget`: what its provider counts it together with, "" for itself alone; `budget_ms`: as far as its owner was told,
    until when nothing may be asked by any account of that budget.
    """

    owner: str
    job: JobRow
    every_ms: int
    state: str = "ok"
    not_before_ms: int = 0
    ended_ms: int = 0
    unfinished: bool = False
    changed_ms: int = 0
    budget: str = ""
    budget_ms: int = 0


class Push(NamedTuple):
    """One account whose provider is asked to tell of news. `renew_ms`: when to do so again, 0 for nothing held."""

    owner: str
    job: JobRow
    renew_ms: int = 0
    not_before_ms: int = 0


class Views(NamedTuple):
    """One owner's read models; `behind`: the log, the settings or the program know something that they do not.

    `changed_ms`: when the settings last changed; a mistake in them may be what stopped the last run.
    """

    owner: str
    job: JobRow
    behind: bool
    changed_ms: int = 0


class Report(NamedTuple):
    """One thing to be delivered, due at a time; `quiet_until_ms`: the end of the quiet hours that hold now, else 0."""

    owner: str
    job: JobRow
    due_ms: int
    quiet_until_ms: int = 0


class State(NamedTuple):
    """What the database knows. `room`: how many jobs the workers can be at, all together."""

    accounts: Sequence[Account] = ()
    views: Sequence[Views] = ()
    reports: Sequence[Report] = ()
    room: int = 8
    pushes: Sequence[Push] = ()


class Job(NamedTuple):
    """One turn of one job; messages carry its owner, id, turn and attempts so far. `budget`: as of its account."""

    owner: str
    row: JobRow
    lane: Lane
    due_ms: int
    budget: str = ""


def plan(now: int, state: State) -> list[Job]:
    """What is to be sent now, in its order, as far as there is room."""
    return choose(now, list(schedule(now, state)), state.room)


def choose(now: int, jobs: Sequence[Job], room: int) -> list[Job]:
    """Of what is scheduled, what is to be sent now, in its order."""
    out = [job for job in jobs if is_out(job.row, now)]
    waiting = [job for job in jobs if job.due_ms <= now and not is_out(job.row, now)]
    return _chosen(waiting, out, room)


def next_due(now: int, jobs: Iterable[Job]) -> int | None:
    """When there is next something to do that is neither out nor due; None for never."""
    return min((job.due_ms for job in jobs if job.due_ms > now and not job.row.held), default=None)


def schedule(now: int, state: State) -> Iterable[Job]:
    """Every job with the time at which it is due."""
    told = _told(state.accounts)
    for account in state.accounts:
        due, lane = _account_due(now, account)
        due = max(due, _held_back(now, account, told))
        read_since = account.state == "ok" and account.ended_ms > account.job.started_ms  # by hand: it can be read
        due = due if read_since else max(due, _aside_until(now, account.job))
        yield Job(account.owner, account.job, lane, due, account.budget)
    for push in state.pushes:
        due = max(_push_due(now, push), _again_after(now, push.job), _aside_until(now, push.job))
        yield Job(push.owner, push.job, Lane.INCREMENTAL, due)
    for views in state.views:
        if views.behind:
            repaired = _past(now, views.changed_ms) > views.job.ended_ms
            due = max(0 if repaired else _again_after(now, views.job), _aside_until(now, views.job))
            yield Job(views.owner, views.job, Lane.INTERACTIVE, due)
    for report in state.reports:
        due = max(report.due_ms, report.quiet_until_ms, _again_after(now, report.job), _aside_until(now, report.job))
        yield Job(report.owner, report.job, Lane.INTERACTIVE, due)


def is_aside(now: int, row: JobRow) -> bool:
    """Whether a job stands aside, because each of its attempts took its worker with it."""
    return not row.held and _aside_until(now, row) > now


def _account_due(now: int, account: Account) -> tuple[int, Lane]:
    ended = max(_past(now, account.ended_ms), _past(now, account.job.ended_ms))
    lane = Lane.BACKFILL if account.unfinished and ended else Lane.INCREMENTAL
    due = ended + _pause(account, ended) if ended else now
    if _past(now, account.changed_ms) > ended and account.state != "ok":
        due = now  # the person has just repaired it
    if hint := _past(now, account.job.hint_ms):
        due, lane = min(due, max(hint, ended + _HINTS)), Lane.INTERACTIVE
    return max(due, min(account.not_before_ms, now + _LONGEST)), lane


def _told(accounts: Iterable[Account]) -> dict[str, int]:
    """Until when each budget is spent: whichever owner's account was told so, it is so for all."""
    found: dict[str, int] = {}
    for account in accounts:
        if account.budget and account.budget_ms:
            found[account.budget] = max(found.get(account.budget, 0), account.budget_ms)
    return found


def _held_back(now: int, account: Account, told: dict[str, int]) -> int:
    """When a budget has room again for an account; not for all of them at the same instant."""
    until = told.get(account.budget, 0)
    return min(until + int(_SPREAD * _chance(account.job)), now + _LONGEST) if until else 0


def _push_due(now: int, push: Push) -> int:
    """In time for a renewal, also by a clock that was put back; at once where the provider says that one has ended."""
    ended = _past(now, push.job.ended_ms)
    if not ended:
        return now
    due = min(push.renew_ms or now + _LONGEST, ended + _LOOKED)
    if hint := _past(now, push.job.hint_ms):
        due = min(due, hint)
    return max(due, ended + _TOLD, min(push.not_before_ms, now + _LONGEST))


def _pause(account: Account, ended: int) -> int:
    """How long after its last run an account is asked again."""
    if account.state == "needs_sign_in":
        return SIGN_IN
    if account.state in {"failed", "busy"} or (account.job.error and account.job.ended_ms == ended):
        return _doubled(_PAUSES, account.job.failures - 1)
    if account.state == "waiting" and account.unfinished:
        return 0
    return int(account.every_ms * (1 - _JITTER * _chance(account.job)))


def _chance(row: JobRow) -> float:
    """In [0, 1): another one for each turn, and the same whenever it is asked for."""
    return crc32(f"{row.id} {row.turn}".encode()) / 2**32


def _again_after(now: int, row: JobRow) -> int:
    """When a job may be done again that ended badly; 0 for one that ended well."""
    return _past(now, row.ended_ms) + _doubled((SECOND, 30 * MINUTE), row.failures - 1) if row.failures else 0


def _aside_until(now: int, row: JobRow) -> int:
    if row.attempts < TRIES:
        return 0
    return _past(now, row.started_ms) + _doubled(_ASIDE, row.attempts - TRIES)


def _doubled(pauses: tuple[int, int], times: int) -> int:
    first, longest = pauses
    return int(min(first * 2 ** min(max(times, 0), 20), longest))


def _past(now: int, moment: int) -> int:
    """A moment that has been; 0 for one that the clock, which was put back, has yet to reach: it is due at once."""
    return moment if moment <= now else 0


def is_out(row: JobRow, now: int) -> bool:
    """Whether somebody is at it, or it lies in the queue, or should."""
    if row.held:
        return True
    begun = row.attempts and row.started_ms >= row.sent_ms  # by somebody who did not live to end it
    return bool(row.sent_ms) and not begun and 0 <= now - row.sent_ms < SEND_AGAIN


def _chosen(waiting: list[Job], out: list[Job], room: int) -> list[Job]:
    """As many as there is room for: by lane, then owner by owner, then what is due longest.

    Old mail takes half of the room at most, however much there is of it; and as long as some is waiting one place is
    kept for it, so that it comes to an end.
    """
    lanes = Counter(job.lane for job in out)
    most_old = max(1, room // 2) - lanes[Lane.BACKFILL]
    old = _within(_fair([job for job in waiting if job.lane is Lane.BACKFILL], out), out)
    kept = int(room > 1 and bool(old) and not lanes[Lane.BACKFILL])
    free = room - len(out)
    others = _fair([job for job in waiting if job.lane is not Lane.BACKFILL], out)
    places = {job.budget for job in old} - {job.budget for job in out if job.lane is Lane.BACKFILL}
    new = _within(others, out, places)[: max(free - kept, 0)]
    return new + _within(old, [*out, *new])[: max(min(free - len(new), most_old), 0)]


def _within(jobs: Iterable[Job], out: Iterable[Job], places: Collection[str] = ()) -> list[Job]:
    """Without those of whose budget as many are under way as it bears; one less of those that keep a place free."""
    at_once, found = Counter(job.budget for job in out), list[Job]()
    for job in jobs:
        most = AT_ONCE.get(job.row.name.partition(":")[0])
        if not job.budget or most is None or at_once[job.budget] < most - (job.budget in places):
            at_once[job.budget] += 1
            found.append(job)
    return found


def _fair(jobs: list[Job], out: list[Job]) -> list[Job]:
    """By lane; within a lane every owner in turn, whoever has most out comes last; an owner's own by due time."""
    turns = Counter(job.owner for job in out)
    placed: list[tuple[Lane, int, int, str, Job]] = []
    for job in sorted(jobs, key=lambda job: (job.lane, job.due_ms, job.row.id)):
        placed.append((job.lane, turns[job.owner], job.due_ms, job.row.id, job))
        turns[job.owner] += 1
    return [entry[-1] for entry in sorted(placed, key=lambda entry: entry[:-1])]
