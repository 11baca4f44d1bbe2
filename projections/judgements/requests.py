"""What waits for the owner and for others, as it is told (F8): every request, its state, and by when it is due."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from projections.counting import AWAY_MS
from projections.intervals import DAY_MS, Span
from projections.judgements import asked
from projections.judgements.correspondence import MAIL_DAYS
from projections.judgements.invited import Invitation, read_invitations
from projections.latency import LIKELY, MOST_DAYS, WORLD_LIKELY_MS, WORLD_MEDIAN_MS, Wait, clamped, usual
from projections.requests import ANSWERED, DEFERRED, ME, NOTHING, OPEN, REDIRECTED, Asked
from projections.workhours import Hours, WorkingTime

MARKED = "request.marked.v1"
AHEAD_DAYS = 400  # the clock's end: nothing is expected later
DELEGATED = "delegated"
WAITS = ("open", "undelivered")


class Mark(NamedTuple):
    """The owner's last word on one thing."""

    at_ms: int
    word: str
    until_ms: int | None
    position: int


class Usual(NamedTuple):
    """How long one side usually takes to answer the other, in ms of working time; `answered` of `asked` were."""

    median_ms: float
    likely_ms: float
    asked: int
    answered: int


class Row(NamedTuple):
    """One request as it stands. `person`: whoever is not the owner; `expected_ms`: None where nothing is due."""

    kind: str  # mail, invitation
    person: int
    subject: str
    since_ms: int
    state: str
    why: str
    expected_ms: int | None
    late: bool
    closed_ms: int | None
    evidence: list[int]
    request: Asked | None
    invitation: Invitation | None


def read_marks(conn: sqlite3.Connection, as_of_ms: int, *, asks: bool = False) -> dict[int, Mark]:
    """Position -> the last word on it: of requests, or of the ledger of asks."""
    rows = conn.execute(
        "SELECT position, at_ms, payload FROM decision WHERE type = ? AND at_ms <= ? AND undone_by = 0 "
        "ORDER BY at_ms, position",
        (MARKED, as_of_ms),
    )
    found = {}
    for position, at_ms, payload in rows:
        said = json.loads(payload)
        if said["word"].startswith("ask=") == asks:
            found[said["position"]] = Mark(at_ms, said["word"], said.get("until_ms"), position)
    return found


class Requests:
    """All requests of the two years until `as_of_ms`, and what is usual between the owner and each person.

    `only`: those on the threads of these people, of the last half year; of everybody else nothing is known then.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        hours: Hours,
        zone: ZoneInfo,
        as_of_ms: int,
        *,
        only: Collection[int] | None = None,
        index: sqlite3.Connection | None = None,
    ) -> None:
        """`index`: of `projections.judgements.request_index`; it makes no difference but to the time this takes."""
        self.as_of_ms = as_of_ms
        self._conn = conn
        self._absent = _absences(conn, as_of_ms)
        own = self._absent.pop(0, [])
        since = as_of_ms - (MAIL_DAYS + 1) * DAY_MS
        self.clock = WorkingTime(hours, zone, since, as_of_ms + AHEAD_DAYS * DAY_MS, own)
        self.marks = read_marks(conn, as_of_ms)
        self.requests, self._bounced = asked.read(conn, as_of_ms, self.marks, only, index)
        self._marked = {one.first for one in self.requests if self._mark(one.mail_ids())} if self.marks else set()
        self._known: dict[tuple[int, bool], Usual] = {}
        self._waits: dict[bool, dict[int, list[Wait]]] = {True: {}, False: {}}
        self._mails: dict[bool, list[Asked]] = {True: [], False: []}
        self._measure()
        self._everybody = {to_me: self._population(to_me=to_me) for to_me in (True, False)}

    @cached_property
    def between(self) -> dict[tuple[int, int], list[Asked]]:
        """(asker, asked) -> their requests, in the order of time."""
        found: dict[tuple[int, int], list[Asked]] = {}
        for one in self.requests:
            found.setdefault((one.asker, one.asked), []).append(one)
        return found

    def effective_ms(self, person: int, since_ms: int, until_ms: int) -> int:
        """Working time between two instants, on which neither side was away."""
        return self.clock.between(since_ms, until_ms, self._absent.get(person, ()))

    def _measure(self) -> None:
        """Tell mails to me from others; how long each answer took, or was waited for until now, by who is not me."""
        before, absent, bounced = self.clock.before, self._absent, self._bounced
        now = before(self.as_of_ms)
        for one in self.requests:
            to_me = one.asked == ME
            self._mails[to_me].append(one)
            if one.first in bounced:
                continue
            person = one.asker if to_me else one.asked
            if person in absent:
                until = self.as_of_ms if one.closed_ms is None else one.closed_ms
                waited = self.effective_ms(person, one.since_ms, until)
            else:
                waited = (now if one.closed_ms is None else before(one.closed_ms)) - before(one.since_ms)
            if waited:
                self._waits[to_me].setdefault(person, []).append((waited, one.state in (ANSWERED, DEFERRED)))

    def _population(self, *, to_me: bool) -> Usual:
        return self._usual(
            [wait for waits in self._waits[to_me].values() for wait in waits], WORLD_MEDIAN_MS, WORLD_LIKELY_MS
        )

    def _usual(self, waits: Sequence[Wait], median_ms: float, likely_ms: float) -> Usual:
        most = clamped(float("inf"), self.clock.day_ms)
        median, likely = usual(waits, (0.5, LIKELY), (median_ms, likely_ms), most)
        return Usual(median, likely, len(waits), sum([done for _, done in waits]))

    def everybody(self, *, to_me: bool) -> Usual:
        """How long the owner takes to answer anybody (`to_me`), or anybody to answer the owner."""
        return self._everybody[to_me]

    def usual(self, person: int, *, to_me: bool) -> Usual:
        """How long the owner takes to answer this person (`to_me`), or this person to answer the owner."""
        known = self._known.get((person, to_me))
        if known is None:
            everybody = self._everybody[to_me]
            waits = self._waits[to_me].get(person, ())
            known = self._known[person, to_me] = self._usual(waits, everybody.median_ms, everybody.likely_ms)
        return known

    def expected_ms(self, person: int, since_ms: int, *, to_me: bool) -> int:
        """By when an answer to what was asked at `since_ms` may be expected."""
        work = clamped(self.usual(person, to_me=to_me).likely_ms, self.clock.day_ms)
        return self.clock.after(since_ms, work, self._absent.get(person, ()))

    def inbox(self) -> list[Row]:
        """Everything that was asked of the owner, in mail and by invitation, in every state."""
        return self.rows(self.mails(to_me=True)) + self.invitations

    def waiting(self) -> list[Row]:
        """Everything that the owner asked of others in mail, in every state."""
        return self.rows(self.mails(to_me=False))

    def mails(self, *, to_me: bool) -> list[Asked]:
        """What was asked in mail, in the order of time."""
        return self._mails[to_me]

    def rows(self, some: Iterable[Asked]) -> list[Row]:
        return [self._row(one) for one in some]

    def waits(self, *, to_me: bool) -> list[Asked]:
        """Those of `mails` that wait for an answer: what their rows would tell, at a tenth of the price."""
        marked = self._marked
        return [
            one
            for one in self.mails(to_me=to_me)
            if (
                self._row(one).state in WAITS
                if one.state == DEFERRED or one.first in marked
                else one.state == OPEN and not (to_me and one.thrown)
            )
        ]

    @cached_property
    def invitations(self) -> list[Row]:
        """What was asked of the owner by invitation."""
        return [self._invited(one) for one in read_invitations(self._conn, self.as_of_ms, MAIL_DAYS)]

    def _put_off_until(self, one: Asked) -> int | None:
        """When an answer that only said "later" is due."""
        if one.state != DEFERRED or one.closed_ms is None:
            return None
        person = one.asker if one.asked == ME else one.asked
        return self.clock.after(one.closed_ms, MOST_DAYS * self.clock.day_ms, self._absent.get(person, ()))

    def _mark(self, positions: Iterable[int]) -> Mark | None:
        said = [self.marks[position] for position in positions if position in self.marks]
        return max(said, key=lambda mark: (mark.at_ms, mark.position), default=None)

    def _row(self, one: Asked) -> Row:
        to_me = one.asked == ME
        person = one.asker if to_me else one.asked
        bounced = None if to_me else self._bounced.get(one.first)
        state, why, closed = _told(one)
        due = self._put_off_until(one)
        if due is not None and (due <= self.as_of_ms or not to_me):
            state = OPEN
        if bounced is not None and state == OPEN:
            state, why = "undelivered", "it came back: nobody got it"
        mark = self._mark(one.mail_ids()) if one.first in self._marked else None
        if mark is not None:
            state, why, closed, due = _by_mark(mark, one, (state, why, closed), self.as_of_ms)
        evidence = one.positions() + [position for position in (bounced, mark and mark.position) if position]
        if state != OPEN:
            due = None
        elif due is None:
            due = self.expected_ms(person, one.since_ms, to_me=to_me)
        return Row(
            "mail", person, one.subject, one.since_ms, state, why, due, due is not None and due < self.as_of_ms,
            closed, sorted({*evidence}), one, None,
        )  # fmt: skip

    def _invited(self, one: Invitation) -> Row:
        state, why, closed = one.state(self.as_of_ms)
        due = None
        mark = self._mark([one.position])
        if mark is not None:
            state, why, closed, due = _by_mark(mark, None, (state, why, closed), self.as_of_ms)
        if state != OPEN:
            due = None
        elif due is None:
            due = min(self.expected_ms(one.person, one.since_ms, to_me=True), one.start_ms)
        evidence = [one.position] + ([mark.position] if mark else [])
        return Row(
            "invitation", one.person, one.title, one.since_ms, state, why, due,
            due is not None and due < self.as_of_ms, closed, evidence, None, one,
        )  # fmt: skip


def _absences(conn: sqlite3.Connection, as_of_ms: int) -> dict[int, list[Span]]:
    """person.id -> when they were away, 0 the owner; who is away now will be for a week, as far as is known now."""
    found: dict[int, list[Span]] = {}
    sql = "SELECT person, since_ms, until_ms FROM absence WHERE person = 0 OR since_ms <= ?"
    for person, since, until in conn.execute(sql, (as_of_ms,)):
        found.setdefault(person, []).append((since, until if not person or until <= as_of_ms else since + AWAY_MS))
    return found


_WORDS: Mapping[str, str] = {
    OPEN: "no answer yet",
    ANSWERED: "answered in mail",
    DEFERRED: "the answer was: later",
    REDIRECTED: "passed on to somebody else",
    NOTHING: "nothing is asked any more",
}
# Only of what the owner was asked: what others said to the owner stands in the ledger of asks.
_SAID: Mapping[str, tuple[str, str]] = {
    "no": ("declined", "your answer was: no"),
    "yes": ("accepted", "your answer was: yes"),
}
Told = tuple[str, str, int | None]


def _told(one: Asked) -> Told:
    """(state, why, since when) by the mails alone."""
    to_me = one.asked == ME
    if one.state == OPEN and to_me and one.thrown:
        return NOTHING, "you threw it away", None
    if one.state == ANSWERED and to_me and one.by_says in _SAID:
        return *_SAID[one.by_says], one.closed_ms
    why = _WORDS[one.state]
    if one.state == NOTHING and one.by is not None:
        why = "closed by who asked" if one.by_sender == one.asker else "another of those asked answered"
    return one.state, why, one.closed_ms


def _by_mark(mark: Mark, one: Asked | None, before: Told, as_of_ms: int) -> tuple[str, str, int | None, int | None]:
    """(state, why, since when, due) by the owner's word; what was written after `open` or `deferred` outranks it."""
    word = mark.word
    if one is not None and word in (OPEN, DEFERRED) and one.last_ms is not None and one.last_ms > mark.at_ms:
        return ANSWERED, _WORDS[ANSWERED], one.last_ms, None
    if word == DEFERRED and mark.until_ms is not None and mark.until_ms <= as_of_ms:
        return OPEN, "deferred until then", None, mark.until_ms
    if word == DELEGATED:
        return OPEN, "delegated: only your word ends it", None, None
    if word == OPEN:
        return OPEN, "open by your word", None, None
    del before
    return word, "by your word", mark.at_ms, None
