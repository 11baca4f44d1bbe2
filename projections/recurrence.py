"""The occurrences of one calendar entry: what its rules, additions, exclusions and changed instances come to.

Pure: payloads in, occurrences out. Rules are expanded in wall time (`events.clocks`), so that a weekly meeting keeps
its hour when the clocks change; lengths are exact seconds. The cost of a series is bounded by counted steps, not by
the processor's clock: the same payloads always give the same occurrences.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from typing import NamedTuple

import msgspec

from events.clocks import DAY, FIRST_WALL, LAST_WALL, Clock, clock_of, wall_of
from events.vocabulary import MeetingObserved
from projections import rrule
from projections.rrule_days import Budget, BudgetSpentError
from projections.rrule_walls import walls

INSTANCES = 10_000  # facts/trust.md H8: a series may have this many; 27 years of every day
STEPS = 60_000  # 100 ms of the slowest kind of rule, with room; a real series of 20 years takes 10,000 at most
YEARS_BACK = 60  # an endless series that is older begins here


class Occurrence(NamedTuple):
    """One taking place of a meeting, [start_ms, end_ms).

    `original_ms` is where the series had it before it was moved: its identity. `payload` is the observation that
    describes it: the master, or the changed instance, which may be a cancelled one (`status` "cancelled").
    """

    original_ms: int
    start_ms: int
    end_ms: int
    all_day: bool
    payload: MeetingObserved


class Expansion(NamedTuple):
    """The occurrences, by start, and a sentence for each thing about the series that could not be followed."""

    occurrences: list[Occurrence]
    problems: list[str]


def expand(
    entries: Sequence[MeetingObserved],
    *,
    floating: tzinfo,
    until_ms: int,
    instances: int = INSTANCES,
    steps: int = STEPS,
) -> Expansion:
    """All occurrences of one UID.

    `entries` are all observations of it, masters and changed instances, in the order in which the log learned them; of
    the same instance the one with the highest (sequence, modified_ms, place in the order) counts. `floating` is the
    owner's zone: all-day entries begin at its midnight. Rules are followed up to `until_ms` (exclusive); single
    meetings, additions and changed instances have no such limit. Of a rule with more than `instances` occurrences the
    last ones stay; one that repeats within the day is then refused and leaves its start.
    """
    problems: list[str] = []
    master, changed = _latest(entries, floating)
    whole = _Series(master, floating, _Limits(until_ms, instances, Budget(steps)), problems) if master else None
    occurrences = {at.original_ms: at for at in whole.occurrences()} if whole else {}
    for exception in changed:
        if exception.this_and_future and whole is not None:
            _shift(occurrences, exception, whole, floating)
    for exception in changed:
        original = _original_ms(exception, whole, floating)
        key = _same_day(occurrences, exception, original, whole)
        # A series that was revised later and no longer has this instance has dropped its change, too.
        outdated = master is not None and exception.sequence < master.sequence and original < until_ms
        if key in occurrences or not outdated:
            occurrences[key] = _single(exception, key, floating)
    return Expansion(sorted(occurrences.values(), key=lambda at: (at.start_ms, at.original_ms)), problems)


def _latest(
    entries: Sequence[MeetingObserved], floating: tzinfo
) -> tuple[MeetingObserved | None, list[MeetingObserved]]:
    """The master that counts, and the changed instances that count, by instance."""
    best: dict[object, MeetingObserved] = {}
    for entry in sorted(entries, key=lambda entry: (entry.sequence, entry.modified_ms or 0)):
        key = instance_key(entry, floating)
        before = best.get(key)
        if before is not None and not entry.start:  # a cancellation need not repeat when it would have been
            best[key] = msgspec.structs.replace(before, status=entry.status, sequence=entry.sequence)
        else:
            best[key] = entry
    master = best.pop("", None)
    changed = sorted(best.values(), key=lambda entry: entry.instance)
    return (master if master is None or master.start else None), changed


def instance_key(entry: MeetingObserved, floating: tzinfo) -> object:
    """Which occurrence an entry speaks of, in whatever zone its source writes it; "" for a master."""
    if not entry.instance:
        return ""
    wall = wall_of(entry.instance)
    if _is_date(entry.instance):
        return ("date", wall)
    return clock_of(entry.instance_zone, entry.offsets, floating).to_ms(wall)


def _is_date(text: str) -> bool:
    return "T" not in text


class _Limits(NamedTuple):
    until_ms: int
    instances: int
    budget: Budget


class _Series:
    """One master with everything that its expansion needs."""

    def __init__(self, master: MeetingObserved, floating: tzinfo, limits: _Limits, problems: list[str]) -> None:
        self.master = master
        self.timed = not _is_date(master.start)
        self.clock = clock_of(master.zone if self.timed else "", master.offsets, floating)
        self.start = wall_of(master.start)
        self.stop = min(max(self.clock.to_wall(limits.until_ms) + DAY, FIRST_WALL), LAST_WALL)
        self.until_ms, self.instances, self.budget = limits
        self.problems = problems

    def occurrences(self) -> Iterator[Occurrence]:
        lengths: dict[int, int | None] = {} if self._ended_before_start() else {self.clock.to_ms(self.start): None}
        for value in self.master.rules:
            found = self._walls(value)
            lengths.update((at, None) for at in map(self.clock.to_ms, found) if at < self.until_ms)
        lengths.update(self._values(self.master.extra))
        for at in self._excluded(lengths):
            lengths.pop(at, None)
        for at, seconds in lengths.items():
            yield self._occurrence(at, seconds)

    def _ended_before_start(self) -> bool:
        """Clients leave such a rule behind when a series is cut before its first occurrence."""
        untils = [_part(value, "UNTIL") for value in self.master.rules]
        if not untils or not all(_wall(until) is not None for until in untils):
            return False
        return all(self._until(until) <= self.start for until in untils if not _is_date(until)) and all(
            wall_of(until) // DAY < self.start // DAY for until in untils if _is_date(until)
        )

    def _occurrence(self, at: int, seconds: int | None) -> Occurrence:
        if self.timed:
            length = self.master.seconds if seconds is None else seconds
            return Occurrence(at, at, _end(at, length, self.master.zone, self.clock), False, self.master)
        end = self.clock.to_ms(self.clock.to_wall(at) + max(self.master.days, 1) * DAY)
        return Occurrence(at, at, end, True, self.master)

    def _excluded(self, lengths: dict[int, int | None]) -> set[int]:
        excluded = {at for at, _ in self._values(value for value in self.master.skipped if not _is_date(value))}
        dates = {wall // DAY for wall in map(_wall, filter(_is_date, self.master.skipped)) if wall is not None}
        if dates:
            excluded.update(at for at in lengths if self.clock.to_wall(at) // DAY in dates)
        for value in self.master.skip_rules:
            excluded.update(map(self.clock.to_ms, self._walls(value)))
        return excluded

    def _values(self, values: Iterator[str] | Sequence[str]) -> Iterator[tuple[int, int | None]]:
        """(instant, length in seconds or None) of RDATE and EXDATE values; what cannot be read is a problem."""
        for value in values:
            start, _, end = value.partition("/")
            try:
                at = self._instant(start)
                yield at, (max(self._instant(end) - at, 0) // 1000 if end else None)
            except ValueError:
                self.problems.append(f"the date {value[:60]!r} cannot be read and is left out")

    def _instant(self, text: str) -> int:
        wall = wall_of(text.removesuffix("Z"))
        if not self.timed:
            return self.clock.to_ms(wall // DAY * DAY)
        if text.endswith("Z"):
            return wall * 1000
        return self.clock.to_ms(wall + self.start % DAY if _is_date(text) else wall)

    def _walls(self, value: str) -> list[int]:
        """The walls of one rule within its COUNT and UNTIL and our limits."""
        try:
            rule = rrule.parse(value)
            stop = min(self.stop, self._until(rule.until))
        except ValueError as error:
            self.problems.append(f"the rule {value[:80]!r} cannot be followed: {error}")
            return []
        endless = rule.instances is None
        begin = self.stop - YEARS_BACK * 366 * DAY if endless and rule.freq < rrule.HOURLY else None
        found: deque[int] = deque(maxlen=self.instances + 1)
        source = walls(rule, self.start, stop, self.budget, timed=self.timed, begin=begin)
        try:
            if rule.instances is not None:
                source = self._counted(source, rule.instances)
            if rule.freq > rrule.DAILY:
                source = islice(source, self.instances + 1)
            found.extend(source)
        except BudgetSpentError:
            self.problems.append(f"the rule {value[:80]!r} takes more steps than a series may and is followed in part")
            return [] if rule.freq > rrule.DAILY else list(found)
        return self._limited(found, value, rule.freq)

    def _counted(self, source: Iterator[int], instances: int) -> Iterator[int]:
        """At most `instances`; the start is the first of them even if it does not fit the (only) rule (3.8.5.3)."""
        taken = None if len(self.master.rules) == 1 else 0
        for wall in source:
            if taken is None:
                taken = 0 if wall == self.start else 1
            if taken >= instances:
                return
            taken += 1
            yield wall

    def _limited(self, found: deque[int], value: str, freq: int) -> list[int]:
        if len(found) <= self.instances:
            return list(found)
        if freq > rrule.DAILY:
            self.problems.append(f"the rule {value[:80]!r} repeats more than {self.instances} times and is refused")
            return []
        self.problems.append(f"the rule {value[:80]!r}: only the last {self.instances} occurrences are kept")
        return list(found)[1:]

    def _until(self, until: str) -> int:
        """The wall from which a rule has ended. UNTIL is inclusive.

        A date that bounds a timed rule means its midnight, as in the engines we compare with; the standard forbids it.
        """
        if not until:
            return self.stop
        wall = _wall(until)
        if wall is None:
            raise ValueError(f"UNTIL={until[:20]} is no date")
        if not self.timed:
            return wall // DAY * DAY + DAY
        return (self.clock.to_wall(wall * 1000) if until.endswith("Z") else wall) + 1


def _part(rule: str, name: str) -> str:
    return next((part[len(name) + 1 :] for part in rule.upper().split(";") if part.startswith(f"{name}=")), "")


def _wall(text: str) -> int | None:
    try:
        return wall_of(text.removesuffix("Z"))
    except ValueError:
        return None


def _original_ms(entry: MeetingObserved, series: _Series | None, floating: tzinfo) -> int:
    """The instant that a changed instance stands for; in an all-day series always the midnight of a day."""
    wall = wall_of(entry.instance)
    if series is not None and not series.timed:
        return series.clock.to_ms(wall // DAY * DAY)
    return clock_of(entry.instance_zone, entry.offsets, floating).to_ms(wall)


def _same_day(occurrences: dict[int, Occurrence], entry: MeetingObserved, original: int, series: _Series | None) -> int:
    """The key of what a changed instance replaces: some clients name only the day of a timed instance."""
    if series is None or original in occurrences or not series.timed or not _is_date(entry.instance):
        return original
    day = wall_of(entry.instance) // DAY
    return next((at for at in occurrences if series.clock.to_wall(at) // DAY == day), original)


def _single(entry: MeetingObserved, original: int, floating: tzinfo) -> Occurrence:
    """A changed instance by itself; a cancelled one that says nothing more is where it would have been."""
    start = entry.start or entry.instance
    zone = entry.zone if entry.start else entry.instance_zone
    wall = wall_of(start)
    if _is_date(start):
        clock = clock_of("", (), floating)
        return Occurrence(original, clock.to_ms(wall), clock.to_ms(wall + max(entry.days, 1) * DAY), True, entry)
    clock = clock_of(zone, entry.offsets, floating)
    at = clock.to_ms(wall)
    return Occurrence(original, at, _end(at, entry.seconds, zone, clock), False, entry)


def _end(at: int, seconds: int, zone: str, clock: Clock) -> int:
    """Lengths are exact, but of a floating entry nobody knew the zone when it was measured: by the wall."""
    return at + seconds * 1000 if zone else max(at, clock.to_ms(clock.to_wall(at) + seconds))


def _shift(occurrences: dict[int, Occurrence], entry: MeetingObserved, series: _Series, floating: tzinfo) -> None:
    """RANGE=THISANDFUTURE: this instance and all later ones get the change, moved by the same wall time."""
    original = _original_ms(entry, series, floating)
    moved = _single(entry, original, floating)
    clock = clock_of("" if moved.all_day else entry.zone, entry.offsets, floating)
    by = clock.to_wall(moved.start_ms) - series.clock.to_wall(original)
    keys = sorted(occurrences)
    for key in keys[bisect_right(keys, original - 1) :]:
        start = clock.to_ms(series.clock.to_wall(key) + by)
        length = moved.end_ms - moved.start_ms
        end = clock.to_ms(clock.to_wall(start) + max(entry.days, 1) * DAY) if moved.all_day else start + length
        occurrences[key] = Occurrence(key, start, end, moved.all_day, entry)
