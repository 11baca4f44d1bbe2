"""The qualifying contacts of each person (F6), as far as a rhythm and its evidence need them.

Kept in `rhythm` over all time; where some of it is later than the instant that is asked of, read from `touch`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from projections.cadence import EPISODE_GAP_DAYS as APART_DAYS
from projections.cadence import GAPS_KEPT, GAPS_NEEDED, Rhythm, episode_starts, gaps, rhythm, rhythm_of
from projections.intervals import DAY_MS

RECENT = 4 * GAPS_KEPT  # contacts looked at first: mostly enough for twelve gaps
RECENT_DAYS = 730  # or those of so many days
EVIDENCE = GAPS_NEEDED + 1  # the last contacts, cited for a rhythm


class Contact(NamedTuple):
    """One person's last contact, the gaps before it, and where the latest are in the log.

    `gaps`: comma-separated milliseconds between the last episodes, at most twelve, oldest first: text, since most are
    never looked at. `positions`: comma-separated, in order of time; empty for who was named and never met, who is
    counted from the first sign of them. `tau` and `own`: of the rhythm that the gaps alone make, if they make one.
    """

    person: int
    last_ms: int
    kind: str
    gaps: str = ""
    positions: str = ""
    tau: float | None = None
    own: float | None = None

    def rhythm(self) -> Rhythm | None:
        """That of the gaps alone."""
        return None if self.tau is None or self.own is None else rhythm_of(self.tau, self.own)

    def gap_days(self) -> list[float]:
        return [gap / DAY_MS for gap in map(int, self.gaps.split(","))] if self.gaps else []

    def evidence(self) -> list[int]:
        """The log positions of the last contacts."""
        return sorted({int(part) for part in self.positions.split(",") if part})


# One row a person: text is a third of the price of a row per contact, and mostly its end is all one needs.
_TOUCHES = """
SELECT person, max(at_ms), kind, group_concat(at_ms), group_concat(position) FROM touch
WHERE qualifying = 1 AND at_ms <= :as_of {only} GROUP BY person"""

_KEPT = """
SELECT person, last_ms, kind, gaps, positions, tau, own FROM rhythm
WHERE last_ms <= :as_of AND ({own} OR person IN (SELECT value FROM json_each(:known))) {only}"""
_LATER = """
SELECT person, {own} FROM rhythm
WHERE last_ms > :as_of AND ({own} OR person IN (SELECT value FROM json_each(:known))) {only}"""
_ONLY = "AND person IN (SELECT value FROM json_each(:only))"
_SILENT = "(:as_of - last_ms) / 86400000.0 >= tau"  # null without a rhythm of one's own
# No rhythm is shorter than what parts two episodes: whoever was in touch since then need not be counted.
_QUIET = f"""NOT EXISTS (SELECT 1 FROM touch WHERE touch.person = rhythm.person AND qualifying = 1
    AND at_ms BETWEEN :as_of - {round(APART_DAYS * DAY_MS)} AND :as_of)"""
_MAYBE = f"SELECT person FROM rhythm WHERE CASE WHEN last_ms <= :as_of THEN {_SILENT} ELSE {_QUIET} END"


def maybe_silent(conn: sqlite3.Connection, as_of_ms: int, known: Iterable[int]) -> set[int]:
    """Of whom `read_contacts` may tell where it is asked for the `silent`, and a few more; found in 2 ms."""
    return {*known, *(person for (person,) in conn.execute(_MAYBE, {"as_of": as_of_ms}))}


def recent_gaps(times: str) -> list[int]:
    """Milliseconds of the last twelve gaps between episodes, of comma-separated instants in ms, sorted."""
    if not times:
        return []
    parts = times.rsplit(",", RECENT)
    if len(parts) > RECENT:
        starts = episode_starts(list(map(int, parts[1:])))[1:]  # the first of them may have begun earlier
        if len(starts) > GAPS_KEPT:
            return gaps(starts)
        parts = times.split(",")
    return gaps(episode_starts(list(map(int, parts))))


def from_touches(conn: sqlite3.Connection, as_of_ms: int, only: Collection[int] | None = None) -> Iterator[Contact]:
    """Of everybody, or of `only` these, from their contacts until `as_of_ms`."""
    condition, about = _bound(as_of_ms, only)
    for person, last_ms, kind, times, positions in conn.execute(_TOUCHES.format(only=condition), about):
        yield _told(person, last_ms, kind, recent_gaps(times), positions)


def _told(person: int, last_ms: int, kind: str, found: Sequence[int], positions: str) -> Contact:
    latest = ",".join(positions.rsplit(",", EVIDENCE)[-EVIDENCE:])
    one = Contact(person, last_ms, kind, ",".join(map(str, found)), latest)
    usual = rhythm(one.gap_days())
    return one if usual is None else one._replace(tau=usual.tau, own=usual.own)


def _from_recent(conn: sqlite3.Connection, as_of_ms: int, only: Collection[int]) -> Iterator[Contact]:
    """The same of `only` these, whose older contacts are read only where those of two years make too few gaps."""
    condition, about = _bound(as_of_ms, only)
    about["since"] = as_of_ms - RECENT_DAYS * DAY_MS
    left = set(only)
    sql = _TOUCHES.format(only=f"{condition} AND at_ms > :since")
    for person, last_ms, kind, times, positions in conn.execute(sql, about):
        starts = episode_starts(list(map(int, times.split(","))))[1:]  # the first of them may have begun earlier
        if len(starts) > GAPS_KEPT:
            left.discard(person)
            yield _told(person, last_ms, kind, gaps(starts), positions)
    if left:
        yield from from_touches(conn, as_of_ms, left)


def read_contacts(
    conn: sqlite3.Connection,
    as_of_ms: int,
    known: Mapping[int, float],
    only: Collection[int] | None = None,
    *,
    silent: bool,
) -> tuple[list[Contact], set[int]]:
    """Of those with a rhythm of their own and of `known`; or of these among `only`. And whose are left out unread.

    `known`: by person, what their usual distance is at least, in days. `silent`: whoever is in touch may be left out,
    which is whose last contact is less than the usual distance ago.
    """
    condition, about = _bound(as_of_ms, only)
    about["known"] = json.dumps(list(known))
    own, quiet = (_SILENT, _QUIET) if silent else ("tau IS NOT NULL", "1")
    found = [*map(Contact._make, conn.execute(_KEPT.format(own=own, only=condition), about))]
    rows = conn.execute(_LATER.format(own=quiet, only=condition), about).fetchall()
    later = {person for person, is_quiet in rows if is_quiet or known[person] <= APART_DAYS}
    if later:
        found += _from_recent(conn, as_of_ms, later)
    return found, {person for person, _ in rows} - later


def _bound(as_of_ms: int, only: Collection[int] | None) -> tuple[str, dict[str, object]]:
    return "" if only is None else _ONLY, {"as_of": as_of_ms, "only": json.dumps(None if only is None else list(only))}
