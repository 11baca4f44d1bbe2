"""One owner, from what the database and the owner's files say to what is to be planned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from amity import subscribing
from amity.accounts import Account as Connected
from amity.due import Wish, next_due_ms
from connectors.sync import lease
from events.jobs import JobRow
from events.positions import AccountRow
from events.standing import Standing
from events.subscriptions import Subscription, is_alive
from workers import plan
from workers.plan import PROJECT, PULL, PUSH, REPORT, Account, Push, Report, State, Views

NEVER = 1 << 62

Key = tuple[str, str]  # kind and name of a job


class Said(NamedTuple):
    """What an owner's files say. `changed_ms`: of each source, when its options or its secret last changed.

    `budgets`: of each source, what its provider counts it together with. `place`: where providers tell of news
    (`subscribing.mark_of`); "" where they are not asked to.
    """

    accounts: Sequence[Connected]
    wish: Wish
    changed_ms: Mapping[str, int]
    settings_ms: int
    place: str = ""
    budgets: Mapping[str, str] = MappingProxyType({})

    def telling(self) -> list[Connected]:
        """The accounts whose providers are asked to tell."""
        return [one for one in self.accounts if self.place and one.kind in subscribing.KINDS]


def wanted(said: Said) -> set[Key]:
    """The jobs that an owner is to have."""
    pulls = {(PULL, one.source) for one in said.accounts}
    pushes = {(PUSH, one.source) for one in said.telling()}
    return pulls | pushes | {(PROJECT, "")} | ({(REPORT, "")} if said.wish.ways else set())


def gone(rows: Collection[Key], said: Said) -> list[Key]:
    """Jobs of accounts that were disconnected, or whose providers need not tell of news any more."""
    return [key for key in rows if key[0] in {PULL, PUSH} and key not in wanted(said)]


def found_of(owner: str, said: Said, held: Standing, now: int, *, behind: bool) -> tuple[State, int]:
    """What is to be planned, and until when time alone makes it nothing else. Every wanted job has its row."""
    rows = {(row.kind, row.name): _alive(row) for row in held.jobs}
    stand, unfinished = dict(held.accounts), set(held.unfinished)
    read = [
        _account(owner, one, rows[PULL, one.source], stand, said)._replace(unfinished=one.source in unfinished)
        for one in said.accounts
    ]
    reports = _reports(owner, said, held, rows, now)
    state = State(
        _seldom(read, held.subscriptions, now) if said.place else read,
        [Views(owner, rows[PROJECT, ""], behind, said.settings_ms)],
        reports,
        pushes=_pushes(said, held.subscriptions, {one.job.name: one for one in read}, rows),
    )
    if any(row.held for row in held.jobs):
        return state, now  # who holds it may die at any time
    moments = [one.due_ms for one in reports] + [one.expires_ms for one in held.subscriptions if one.expires_ms > now]
    return state, min(moments, default=NEVER)


def _account(owner: str, account: Connected, row: JobRow, stand: Mapping[str, AccountRow], said: Said) -> Account:
    own, budget = stand.get(account.source, AccountRow()), said.budgets.get(account.source, "")
    return Account(
        owner, row, plan.EVERY.get(account.kind, plan.EVERY_OTHER), own.state, own.not_before_ms, own.ended_ms,
        changed_ms=said.changed_ms[account.source], budget=budget,
        budget_ms=stand[budget].not_before_ms if budget in stand else 0,
    )  # fmt: skip


def _reports(owner: str, said: Said, held: Standing, rows: Mapping[Key, JobRow], now: int) -> list[Report]:
    if not said.wish.ways:
        return []
    soonest = next_due_ms(now, said.wish, {(one.period, one.way): one for one in held.deliveries})
    return [] if soonest is None else [Report(owner, rows[REPORT, ""], soonest)]


def _pushes(
    said: Said, told: Sequence[Subscription], read: Mapping[str, Account], rows: Mapping[Key, JobRow]
) -> list[Push]:
    found = []
    for one in said.telling():
        account = read[one.source]
        if account.ended_ms and account.state != "needs_sign_in":
            own = (row for row in told if row.source == one.source)
            renewals = [row.renew_ms if row.place == said.place else 1 for row in own]  # where it changed: at once
            soonest = min(renewals, default=0)
            not_before = max(account.not_before_ms, account.budget_ms)
            found.append(Push(account.owner, rows[PUSH, one.source], soonest, not_before))
    return found


def _seldom(read: Sequence[Account], told: Sequence[Subscription], now: int) -> list[Account]:
    """Accounts of which all is told of need not be asked so often."""
    found = []
    for account in read:
        own = [one for one in told if one.source == account.job.name]
        alive = own and all(is_alive(one, now) for one in own)
        found.append(account._replace(every_ms=max(account.every_ms, plan.EVERY_TOLD)) if alive else account)
    return found


def _alive(row: JobRow) -> JobRow:
    """A holder that has certainly ended holds nothing."""
    return row._replace(held=False) if row.held and lease.is_dead(row.holder) else row
