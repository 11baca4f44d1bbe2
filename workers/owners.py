"""What the planner knows of all owners: from a database in one question, from files when they change.

An owner of whom nothing has changed is not looked at again: the plan is made of what was found before. So a look at a
thousand idle owners costs one question and some thousand `stat`.
"""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from sqlalchemy import Connection

from amity import accounts, delivery, freshness, wiring
from amity.accounts import Account
from amity.due import NOTHING, Wish
from amity.home import Home
from amity.sync import budget_of
from events import jobs, standing
from events.errors import AmityError, UsageError
from events.log import Log
from events.standing import Standing
from events.subscriptions import Subscription
from workers.owner import Said, found_of, gone, wanted
from workers.plan import Job, State
from workers.telling import tell, where

_OPEN = 64  # logs in files of their own that are kept open: each is three files
_SETTLED_NS = 100_000_000  # ours: a file that was changed so lately may change once more and look no newer

_Mark = tuple[int, int, int]  # of a file: when it was changed (ns), its size, its number; zeros where there is none
_NOTHING: _Mark = (0, 0, 0)


class _Files(NamedTuple):
    """The files that an answer depends on; of a write-ahead log that is empty it does not matter whether it is there.

    `secrets`: of the accounts, in their order. `code`: which program folds.
    """

    settings: _Mark = _NOTHING
    accounts: _Mark = _NOTHING
    tokens: _Mark = _NOTHING
    views: _Mark = _NOTHING
    views_wal: _Mark = _NOTHING
    log: _Mark = _NOTHING
    log_wal: _Mark = _NOTHING
    secrets: tuple[_Mark, ...] = ()
    code: str = ""

    def newest_ns(self) -> int:
        return max(mark[0] for mark in (*self[:7], *self.secrets))

    def of_settings(self) -> object:
        """What decides what an owner wants."""
        return self.settings, self.accounts, self.tokens, self.secrets

    def of_views(self) -> object:
        """What decides whether read models are up to date, beside the end of the log."""
        return self.settings, self.views, self.views_wal, self.code


class _Known(NamedTuple):
    """What was found of an owner, from what, and between which times nothing but a change makes it anything else."""

    files: _Files
    settled: bool
    document: str
    since_ms: int
    until_ms: int
    said: Said
    held: Standing
    behind: bool
    found: State

    def is_still_so(self, files: _Files, document: str, now: int) -> bool:
        same = self.settled and document == self.document and files == self.files
        return same and self.since_ms <= now < self.until_ms


class Owners:
    """All owners of a planner, and the way to their logs. `place`: see `workers.owner.Said`."""

    def __init__(self, place: str = "") -> None:
        self._place = place
        self._homes: dict[str, Home] = {}
        self._paths: dict[str, list[str]] = {}
        self._known: dict[str, _Known] = {}
        self._logs: dict[str, Log] = {}  # by address

    def look(self, homes: Iterable[Home], now: int) -> State:
        """All that is to be planned; of an owner about whom nothing can be learned now, nothing is."""
        self._homes = {home.owner: home for home in homes}
        self._forget()
        code, began = freshness.code_mark(), time.time_ns() - _SETTLED_NS
        files = {owner: self._files_of(home, code) for owner, home in self._homes.items()}
        for owner, document in self._documents(files, now).items():
            known = self._known.get(owner)
            if known is None or not known.is_still_so(files[owner], document, now):
                with _surviving():
                    self._known[owner] = self._anew(owner, files[owner], document, now, began)
        found = [one.found for one in self._known.values()]
        return State(
            [account for one in found for account in one.accounts], [views for one in found for views in one.views],
            [report for one in found for report in one.reports], pushes=[push for one in found for push in one.pushes],
        )  # fmt: skip

    def accounts(self) -> list[tuple[Home, Sequence[Account]]]:
        """Whose accounts there were, when it was last looked."""
        return [(home, self._known[owner].said.accounts) for owner, home in self._homes.items() if owner in self._known]

    def told(self) -> dict[str, Sequence[Subscription]]:
        """What providers were asked to tell of, by owner, likewise."""
        return {owner: known.held.subscriptions for owner, known in self._known.items()}

    def take(self, chosen: Sequence[Job], now: int) -> list[Job]:
        """Those turns that no other planner has taken: they are ours to send."""
        ours: set[str] = set()
        for some in self._by_database(chosen):
            with _surviving(), self._log_of(self._homes[some[0].owner]).writing() as connection:
                ours |= standing.send(connection, [(job.owner, job.row) for job in some], now)
        return [job for job in chosen if job.row.id in ours]

    def note(self, due: Sequence[Job]) -> None:
        """Store when jobs will be done next."""
        for some in self._by_database(due):
            with _surviving(), self._log_of(self._homes[some[0].owner]).writing() as connection:
                standing.plan(connection, [(job.owner, job.row.id, job.due_ms) for job in some])

    def close(self) -> None:
        for log in self._logs.values():
            log.close()
        self._logs.clear()

    def _documents(self, files: Mapping[str, _Files], now: int) -> dict[str, str]:
        """What the databases say of each owner; a file that has not changed says what it said. Forgets who fails."""
        found: dict[str, str] = {}
        asked: dict[str, list[Home]] = defaultdict(list)
        for owner, home in self._homes.items():
            known = self._known.get(owner)
            if known and not home.log_url and known.is_still_so(files[owner], known.document, now):
                found[owner] = known.document
            else:
                asked[home.url()].append(home)
        for url, homes in asked.items():
            try:
                with self._asking(homes[0]) as connection:
                    found |= standing.of(connection, [home.owner for home in homes], now)
            except AmityError as error:  # one owner's broken file, or a database that is away for a while
                _unfit(error)
                self._let_go(url)
                for home in homes:
                    self._known.pop(home.owner, None)
        return found

    def _anew(self, owner: str, files: _Files, document: str, now: int, began_ns: int) -> _Known:
        """Looked at again, but for what stands in files that have not changed."""
        home, before = self._homes[owner], self._known.pop(owner, None)
        settled = before is not None and before.settled
        if before is not None and settled and before.files.of_settings() == files.of_settings():
            said = before.said
        else:
            connected = accounts.read(home)
            files = files._replace(secrets=tuple(_mark(one.password_file) for one in connected))
            said = _said(home, connected, files, self._place)
        held = self._with_jobs(home, said, standing.read(document), now)
        same = before is not None and settled and before.held.head == held.head
        if before is not None and same and before.files.of_views() == files.of_views():
            behind = before.behind
        else:
            behind = not wiring.is_fresh(home, held.head, files.code)
        found, until = found_of(owner, said, held, now, behind=behind)
        return _Known(files, files.newest_ns() < began_ns, document, now, until, said, held, behind, found)

    def _with_jobs(self, home: Home, said: Said, held: Standing, now: int) -> Standing:
        """The same, when every job that is wanted has its row and no other."""
        rows = {(row.kind, row.name) for row in held.jobs}
        new, old = wanted(said) - rows, gone(rows, said)
        if not new and not old:
            return held
        with self._log_of(home).writing() as connection:
            jobs.add(connection, home.owner, sorted(new))
            jobs.drop(connection, home.owner, old)
            return standing.read(standing.of(connection, [home.owner], now)[home.owner])

    def _files_of(self, home: Home, code: str) -> _Files:
        paths = self._paths.get(home.owner)
        if paths is None:
            views, log = str(home.views), str(home.log)
            own = (str(home.settings), str(home.accounts), str(home.folder / "tokens"))
            paths = self._paths[home.owner] = [*own, views, f"{views}-wal", log, f"{log}-wal"]
        settings, stored, tokens, views_db, views_wal, log_db, log_wal = map(_mark, paths)
        known = self._known.get(home.owner)
        secrets = tuple(_mark(one.password_file) for one in known.said.accounts) if known else ()
        rest = _filled(views_wal), log_db, _filled(log_wal)
        return _Files(settings, stored, tokens, views_db, *rest, secrets, code)

    def _by_database(self, some: Iterable[Job]) -> list[list[Job]]:
        found: dict[str, list[Job]] = defaultdict(list)
        for job in some:
            found[self._homes[job.owner].url()].append(job)
        return list(found.values())

    def _log_of(self, home: Home) -> Log:
        url = home.url()
        if url not in self._logs:
            if len(self._logs) >= _OPEN:
                self._let_go(next(iter(self._logs)))
            self._logs[url] = wiring.open_home(home)
        log = self._logs[url]
        return log if log.owner == home.owner else log.of(home.owner)

    def _asking(self, home: Home) -> AbstractContextManager[Connection]:
        """A server keeps what a question is made of only if that is committed; in a file nobody is to wait for us."""
        log = self._log_of(home)
        return log.writing() if home.log_url else log.reading()

    def _let_go(self, url: str) -> None:
        log = self._logs.pop(url, None)
        if log is not None:
            log.close()

    def _forget(self) -> None:
        """Owners who were removed."""
        for owner in self._paths.keys() - self._homes.keys():
            del self._paths[owner]
            self._known.pop(owner, None)
        for url in self._logs.keys() - {home.url() for home in self._homes.values()}:
            self._let_go(url)


@contextmanager
def _surviving() -> Iterator[None]:
    """One owner's trouble, or a database that is away for a while, keeps nobody from looking again."""
    try:
        yield
    except AmityError as error:
        _unfit(error)


def _unfit(error: AmityError) -> None:
    tell("unfit", {"error": type(error).__name__, "where": where(error)}, logging.ERROR)


def _said(home: Home, connected: Sequence[Account], files: _Files, place: str) -> Said:
    changed = max(files.accounts[0], files.tokens[0])
    own = zip(connected, files.secrets, strict=True)
    changed_ms = {one.source: max(changed, secret[0]) // 1_000_000 for one, secret in own}
    budgets = {one.source: budget_of(one) for one in connected}
    return Said(connected, _wish_of(home), changed_ms, files.settings[0] // 1_000_000, place, budgets)


def _wish_of(home: Home) -> Wish:
    """What the settings want delivered; nothing where they hold a mistake, which whoever folds will tell of."""
    try:
        return delivery.wish_of(home)[0]
    except UsageError:
        return NOTHING


def _mark(path: str) -> _Mark:
    try:
        found = os.stat(path)  # noqa: PTH116  a Path for each of ten thousand files takes longer than the question
    except OSError:
        return _NOTHING
    return found.st_mtime_ns, found.st_size, found.st_ino


def _filled(mark: _Mark) -> _Mark:
    return mark if mark[1] else _NOTHING
