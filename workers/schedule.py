"""The planner's loop body: what the database knows, planned (workers.plan), and sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from amity import accounts, delivery, subscribing, wiring
from amity.due import NOTHING, Wish, next_due_ms
from amity.home import Home
from connectors.sync import lease
from events import deliveries, jobs, positions, subscriptions
from events.errors import AmityError, UsageError
from events.jobs import JobRow
from events.log import Log
from workers import metrics, plan
from workers.plan import PROJECT, PULL, PUSH, REPORT, SECOND, Account, Job, Push, Report, State, Views
from workers.telling import tell, where

Send = Callable[[Job], object]
_UNFINISHED = text(
    "SELECT DISTINCT source FROM sync_streams"
    " WHERE owner = :owner AND state = 'ok' AND (page <> '' OR completed_ms = 0)"
)
_LOOK = 5 * SECOND  # how often the database is looked at for what others did: an import, a new account, a hint


class _Known(NamedTuple):
    """The accounts of a home, as long as their file is the same."""

    changed_ns: int
    accounts: Sequence[accounts.Account]


class Scheduler:
    """Looks, plans and sends. Any number of them may do so for the same owners: each turn is sent by one of them."""

    def __init__(self, homes: Callable[[], Sequence[Home]], send: Send, *, room: int, place: str = "") -> None:
        """`place`: where providers tell of news (`subscribing.mark_of`); "" where they are not asked to."""
        self._homes, self._send, self._room, self._place = homes, send, room, place
        self.told: dict[str, Sequence[subscriptions.Subscription]] = {}  # by owner, as it was last looked
        self._logs: dict[str, Log] = {}
        self._known: dict[str, _Known] = {}
        self._wishes: dict[str, tuple[int, Wish]] = {}
        self.seen = metrics.Look()
        self.out = self.due = 0  # jobs under way, and those that are due, when it was last looked

    def tick(self, now: int) -> int:
        """Send what is due and has room; milliseconds until it is worth looking again."""
        homes = {home.owner: home for home in self._homes()}
        for owner in self._logs.keys() - homes.keys():
            self._logs.pop(owner).close()
        state = State(room=self._room)
        for home in homes.values():
            try:
                found = self._look(home, now)
            except AmityError as error:  # one owner's broken home, or a database that is away for a while
                tell("unfit", {"error": type(error).__name__, "where": where(error)}, logging.ERROR)
                self._let_go(home.owner)
            else:
                state = State(
                    [*state.accounts, *found.accounts], [*state.views, *found.views],
                    [*state.reports, *found.reports], state.room, [*state.pushes, *found.pushes],
                )  # fmt: skip
        chosen = plan.plan(now, state)
        for job in chosen:
            self._dispatch(job, now)
        listed = list(plan.schedule(now, state))
        self.out = sum(plan.is_out(job.row, now) for job in listed)
        self.due = sum(job.due_ms <= now for job in listed)
        self.seen = metrics.look(now, state, listed)
        self._note(listed, now)
        soonest = plan.next_due(now, state)
        return _LOOK if soonest is None else max(min(soonest - now, _LOOK), 0)

    def close(self) -> None:
        for owner in list(self._logs):
            self._let_go(owner)

    def _let_go(self, owner: str) -> None:
        log = self._logs.pop(owner, None)
        if log is not None:
            log.close()

    def _log(self, home: Home) -> Log:
        if home.owner not in self._logs:
            self._logs[home.owner] = wiring.open_home(home)
        return self._logs[home.owner]

    def _look(self, home: Home, now: int) -> State:
        log = self._log(home)
        known = self._accounts(home)
        wanted = {(PULL, account.source) for account in known} | {(PROJECT, "")}
        told = self._told_of(log)
        telling = [account for account in known if self._place and account.kind in subscribing.KINDS]
        wanted |= {(PUSH, account.source) for account in telling}
        wish = self._wish(home)
        wanted |= {(REPORT, "")} if wish.ways else set()
        with log.reading() as connection:
            rows = jobs.rows(connection, log.owner)
            stand = positions.accounts(connection, log.owner)
            unfinished = set(connection.scalars(_UNFINISHED, {"owner": log.owner}))
        if wanted - rows.keys() or _gone(rows, wanted):
            with log.writing() as connection:
                rows = _renewed(connection, log.owner, rows, wanted)
        found = [
            _account(home, account, rows[PULL, account.source], stand, unfinished=account.source in unfinished)
            for account in known
        ]
        read = {one.job.name: one for one in found if one.ended_ms and one.state != "needs_sign_in"}
        pushes = [self._pushed(read[one.source], rows[PUSH, one.source]) for one in telling if one.source in read]
        found = [_seldom(one, told, now) for one in found] if told else found
        behind = not wiring.is_fresh(log, home)
        return State(
            found,
            [Views(log.owner, _alive(rows[PROJECT, ""]), behind, _changed_ns(home.settings) // 1_000_000)],
            self._reports(log, wish, rows, now),
            pushes=pushes,
        )

    def _told_of(self, log: Log) -> Sequence[subscriptions.Subscription]:
        if not self._place:
            return ()
        with log.reading() as connection:
            found = self.told[log.owner] = subscriptions.rows(connection, log.owner)
        return found

    def _pushed(self, account: Account, row: JobRow) -> Push:
        own = [one for one in self.told[account.owner] if one.source == row.name]
        renewals = [one.renew_ms if one.place == self._place else 1 for one in own]  # where it changed: at once
        return Push(account.owner, _alive(row), min(renewals, default=0), account.not_before_ms)

    def _reports(self, log: Log, wish: Wish, rows: dict[tuple[str, str], JobRow], now: int) -> Sequence[Report]:
        if not wish.ways:
            return []
        with log.reading() as connection:
            soonest = next_due_ms(now, wish, deliveries.deliveries(connection, log.owner))
        return [] if soonest is None else [Report(log.owner, _alive(rows[REPORT, ""]), soonest)]

    def _wish(self, home: Home) -> Wish:
        """What the settings want delivered; nothing where they hold a mistake, which whoever folds will tell of."""
        changed = _changed_ns(home.settings)
        known = self._wishes.get(home.owner)
        if known is None or known[0] != changed:
            try:
                wish = delivery.wish_of(home)[0]
            except UsageError:
                wish = NOTHING
            known = self._wishes[home.owner] = (changed, wish)
        return known[1]

    def known_accounts(self) -> list[tuple[Home, Sequence[accounts.Account]]]:
        """Whose accounts there were, when it was last looked."""
        return [(home, self._known[home.owner].accounts) for home in self._homes() if home.owner in self._known]

    def _accounts(self, home: Home) -> Sequence[accounts.Account]:
        changed = _changed_ns(home.accounts)
        known = self._known.get(home.owner)
        if known is None or known.changed_ns != changed:
            known = self._known[home.owner] = _Known(changed, accounts.read(home))
        return known.accounts

    def _dispatch(self, job: Job, now: int) -> None:
        log = self._logs[job.owner]
        with log.writing() as connection:
            ours = jobs.send(connection, job.owner, job.row, now)
        if ours:
            try:
                self._send(job)
            except Exception as error:  # noqa: BLE001  brokers raise what their libraries raise; it is sent again later
                tell("unsent", {"job": job.row.id, "error": type(error).__name__, "where": where(error)}, logging.ERROR)

    def _note(self, listed: Collection[Job], now: int) -> None:
        """Store when jobs will be done next, as far as that has changed: `amity status` tells of it."""
        new: dict[str, list[tuple[str, int]]] = {}
        for job in listed:
            stored = job.row.due_ms
            overdue = stored and stored <= now and job.due_ms <= now
            if not overdue and abs(job.due_ms - stored) > SECOND:
                new.setdefault(job.owner, []).append((job.row.id, job.due_ms))
        for owner, due in new.items():
            with self._logs[owner].writing() as connection:
                jobs.plan(connection, owner, due)


def _gone(rows: Collection[tuple[str, str]], wanted: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Jobs of accounts that were disconnected, or whose providers need not tell of news any more."""
    return [key for key in rows if key[0] in {PULL, PUSH} and key not in wanted]


def _renewed(
    connection: Connection, owner: str, rows: dict[tuple[str, str], JobRow], wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], JobRow]:
    jobs.add(connection, owner, sorted(wanted - rows.keys()))
    jobs.drop(connection, owner, _gone(rows, wanted))
    return jobs.rows(connection, owner)


def _account(
    home: Home, account: accounts.Account, row: JobRow, stand: dict[str, positions.AccountRow], *, unfinished: bool
) -> Account:
    said = stand.get(account.source, positions.AccountRow())
    paths = [home.accounts, home.folder / "tokens", *([Path(account.password_file)] if account.password_file else [])]
    return Account(
        home.owner, _alive(row), plan.EVERY.get(account.kind, plan.EVERY_OTHER), said.state, said.not_before_ms,
        said.ended_ms, unfinished, max(map(_changed_ns, paths)) // 1_000_000,
    )  # fmt: skip


def _seldom(account: Account, told: Sequence[subscriptions.Subscription], now: int) -> Account:
    """An account of which all is told of need not be asked so often."""
    own = [one for one in told if one.source == account.job.name]
    alive = own and all(subscriptions.is_alive(one, now) for one in own)
    return account._replace(every_ms=max(account.every_ms, plan.EVERY_TOLD)) if alive else account


def _alive(row: JobRow) -> JobRow:
    """A holder that has certainly ended holds nothing."""
    return row._replace(held=False) if row.held and lease.is_dead(row.holder) else row


def _changed_ns(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
