"""The meetings, blocks and notes of some days: loaded together, then entered day by day."""

from __future__ import annotations

from collections import defaultdict
from zoneinfo import ZoneInfo

import msgspec

from projections import day as pure
from projections.attribution import MEANINGFUL
from projections.day import Held
from projections.goals import Assignment, Subject, assign
from projections.intervals import MINUTE_MS, Span, clip, day_of, day_start, union_ms
from projections.schema import BROADCAST, GROUP, NOBODY, UNASSIGNED
from projections.subjects import bare
from projections.work import NO_GOAL, NO_REPLY, Day, Work

RECURRING_MAX = 3  # others: sitting in the same large series is not keeping in touch (F6, ours)
_OCCURRENCES = """
SELECT id, start_ms, end_ms, tier, title, calendar, labels, n, verdict, position, marked, recurring, organizer, mine,
    booked, opens FROM occurrence
WHERE verdict IN ('', 'solo', 'focus') AND day BETWEEN ? AND ? AND start_ms < ? ORDER BY start_ms, id"""
_GUESTS = """
SELECT occurrence, address_id, kind FROM attendance
WHERE takes_part AND occurrence IN (SELECT value FROM json_each(?)) ORDER BY occurrence, address_id"""
_AWAY = "SELECT start_ms, end_ms, all_day FROM occurrence WHERE away AND start_ms < ? AND end_ms > ?"
_NOTES = "SELECT id, at_ms, day, person, minutes, goal FROM note WHERE day BETWEEN ? AND ? AND at_ms < ? ORDER BY id"


class _Meeting(msgspec.Struct, gc=False):
    id: int
    start_ms: int
    end_ms: int
    tier: int
    title: str
    calendar: str
    labels: str
    n: int
    verdict: str
    position: int
    marked: str
    recurring: bool
    organizer: int
    mine: bool
    booked: bool
    opens: bool


class Meetings:
    """The occurrences that touch the days `first` to `last`; nothing of at or after `until_ms` has happened."""

    def __init__(self, work: Work, first: int, last: int, until_ms: int) -> None:
        self._work = work
        self._until_ms = until_ms
        rows = work.db.execute(_OCCURRENCES, (first - 2, last + 2, until_ms))
        self._meetings = {row[0]: _Meeting(*row) for row in rows}
        self._guests: dict[int, list[tuple[int, str]]] = defaultdict(list)
        ids = msgspec.json.encode(sorted(one.id for one in self._meetings.values() if not one.verdict)).decode()
        for occurrence, address, kind in work.db.execute(_GUESTS, (ids,)):
            self._guests[occurrence].append((work.person[address], kind))
        self._goals: dict[int, Assignment] = {}
        every = [self._held(one) for one in self._meetings.values()]
        self._copies = pure.duplicates(every)
        self.held = [one for one in every if one.id not in self._copies and self._on_clock(one)]
        self._by_day: dict[int, list[_Meeting]] = defaultdict(list)
        self._held_by_day: dict[int, list[Held]] = defaultdict(list)
        for one in self._meetings.values():
            for day in _days(one.start_ms, one.end_ms, work.zone):
                self._by_day[day].append(one)
        for held in self.held:
            for day in _days(held.start_ms, held.end_ms, work.zone):
                self._held_by_day[day].append(held)
        bounds = day_start(last + 3, work.zone), day_start(first - 2, work.zone)
        self._away_rows = work.db.execute(_AWAY, bounds).fetchall()
        self.away: list[Span] = [(start, min(end, until_ms)) for start, end, _ in self._away_rows]
        self._clocks: dict[int, pure.Clock] = {}
        self._notes = work.db.execute(_NOTES, (first, last, until_ms)).fetchall()

    def _held(self, one: _Meeting) -> Held:
        people = frozenset(person for person, _ in self._guests.get(one.id, ()))
        end_ms = min(one.end_ms, self._until_ms)
        return Held(one.id, one.start_ms, end_ms, one.tier, bare(one.title)[0], people, bool(one.verdict), one.position)

    def _on_clock(self, held: Held) -> bool:
        """Blocks of my own count only where a solo goal claims them."""
        return not held.alone or bool(self._solo_goal(self._meetings[held.id]))

    def _solo_goal(self, one: _Meeting) -> str:
        shares = self._goal(one).shares
        return next((slug for slug in shares if slug in self._work.book.solo), "")

    def _goal(self, one: _Meeting) -> Assignment:
        found = self._goals.get(one.id)
        if found is None:
            people = {person: 1 / one.n for person, kind in self._guests.get(one.id, ()) if kind == "person"}
            subject = Subject(
                one.title, one.calendar, tuple(msgspec.json.decode(one.labels)), one.marked, people=people,
                n=one.n, alone=bool(one.verdict),
            )  # fmt: skip
            found = self._goals[one.id] = assign(self._work.book, subject)
        return found

    def clock(self, day: int) -> pure.Clock:
        found = self._clocks.get(day)
        if found is None:
            span = day_start(day, self._work.zone), min(day_start(day + 1, self._work.zone), self._until_ms)
            found = self._clocks[day] = pure.clock(self._held_by_day.get(day, ()), self.away, span)
        return found

    def enter(self, day: Day) -> None:
        """Enter all meetings, blocks and notes of a day."""
        clock = self.clock(day.day)
        day.sums.meeting, day.sums.solo = clock.meeting, clock.alone
        day.sums.conflict, day.sums.ooo = clock.conflict, clock.away
        day.sums.day_off = any(
            all_day and start < day.span[1] and end > day.span[0] for start, end, all_day in self._away_rows
        )
        for one in self._by_day.get(day.day, ()):
            minutes = clock.minutes.get(one.id, 0.0)
            if one.verdict:
                self._enter_block(day, one, minutes)
            elif one.id not in self._copies:
                self._enter_meeting(day, one, minutes)
            day.occurrences.append(self._update(one))
        self._enter_notes(day)

    def _enter_block(self, day: Day, one: _Meeting, minutes: float) -> None:
        at_ms = max(one.start_ms, day.span[0])
        if goal := self._solo_goal(one):
            day.spend(("solo", one.id, at_ms, at_ms), NOBODY, {goal: 1.0}, minutes)

    def _enter_meeting(self, day: Day, one: _Meeting, minutes: float) -> None:
        goal = self._goal(one)
        at_ms = max(one.start_ms, day.span[0])
        if one.n > MEANINGFUL:
            day.spend(("meeting", one.id, at_ms, at_ms), BROADCAST, goal.shares, minutes)
            day.sums.broadcast += minutes
            return
        each = minutes / one.n
        seen: set[int] = set()
        for person, kind in self._guests.get(one.id, ()):
            if kind == "group":
                shares = {UNASSIGNED: 1.0} if goal.source == "people" else goal.shares
                day.spend(("meeting", one.id, at_ms, at_ms), GROUP, shares, each)
            elif person not in seen:
                seen.add(person)
                day.spend(("meeting", one.id, at_ms, at_ms), person, goal.of(person), each, minutes)
        if one.start_ms >= day.span[0] and self._total(one):
            for person in seen:
                self._meet(day, one, person)

    def _meet(self, day: Day, one: _Meeting, person: int) -> None:
        starts = ""
        if one.opens and one.mine:
            starts = "theirs" if one.booked else "mine"
        elif one.opens and self._work.person.get(one.organizer) == person:
            starts = "theirs"
        qualifying = 1 if one.n <= (RECURRING_MAX if one.recurring else MEANINGFUL) else 0
        day.encounters[person, one.id, "meeting"] = (
            person, day.day, one.start_ms, one.id, "meeting", one.n, qualifying, starts, NO_REPLY, one.position,
        )  # fmt: skip

    def _enter_notes(self, day: Day) -> None:
        for id_, at_ms, on_day, person, minutes, goal in self._notes:
            word = self._work.marks.get(id_, "")
            if on_day != day.day or word == "ignore":
                continue
            mark = word.removeprefix("goal=") if word.startswith("goal=") else goal
            found = assign(self._work.book, Subject(mark=mark, people={person: 1.0}, n=1))
            day.spend(("note", id_, at_ms, at_ms), person, found.shares or NO_GOAL, minutes, minutes)
            day.sums.note += minutes
            day.sums.meeting += minutes
            day.encounters[person, id_, "note"] = (person, day.day, at_ms, id_, "note", 1, 1, "", NO_REPLY, id_)

    def _total(self, one: _Meeting) -> float:
        """Minutes over all the days that the occurrence touches."""
        first, total = one.start_ms, 0.0
        day = day_of(one.start_ms, self._work.zone)
        while first < min(one.end_ms, self._until_ms):
            total += self.clock(day).minutes.get(one.id, 0.0)
            day += 1
            first = day_start(day, self._work.zone)
        return total

    def _update(self, one: _Meeting) -> tuple[object, ...]:
        if one.id in self._copies:
            return 0, "duplicate", 0.0, "", "", one.id
        total, goal = self._total(one), self._goal(one)
        name = max(goal.shares, key=lambda slug: (goal.shares[slug], slug))
        if one.verdict and not self._solo_goal(one):
            return 0, one.verdict, 0.0, "", "", one.id
        return 1, "" if total else self._nothing(one), total, name, goal.source, one.id

    def _nothing(self, one: _Meeting) -> str:
        """Why something that counts earned nothing."""
        if one.end_ms <= one.start_ms:
            return "zero_length"
        free = one.end_ms - one.start_ms - union_ms(clip(self.away, one.start_ms, one.end_ms))
        return "ooo" if free < MINUTE_MS / 60 else "outranked"


def _days(start_ms: int, end_ms: int, zone: ZoneInfo) -> range:
    """The local days that an occurrence touches; one without length touches the day it stands on."""
    return range(day_of(start_ms, zone), day_of(max(start_ms, end_ms - 1), zone) + 1)
