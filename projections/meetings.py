"""Meetings: every occurrence of every entry, who is in it, and whether it counts by F1.

What other meetings of the day make of it (shares, duplicates) is the ledger's to say.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, cast

import msgspec

from events import codec
from events.clocks import clock_of, wall_of
from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, Policy, Verdict, judge
from projections.decisions import Mark, marks
from projections.intervals import DAY_MS, day_of
from projections.invitations import seldom_answered
from projections.projection import Projection
from projections.store import EARLIEST_MS, LATEST_MS, NEVER_MS, Store, insert_rows, key_of
from projections.timeline import Learned, Standing, stand

HORIZON_YEARS = 3  # endless series are followed to the end of the year after next
AFTER_MS = 1_200_000  # a mail that is sent this long after a meeting may have been begun within it
AWAY_DAYS = 2 * 366  # of an out-of-office entry; a longer one is a mistake
SERIES_MS = 28 * DAY_MS  # a series is an initiative once in this time (F7)
ANSWERS = frozenset({"accepted", "declined", "tentative", "delegated"})
SOLO = frozenset({"solo", "focus"})
CHUNK = 500
FULL = 5_000  # rows in memory, at most about

_SIGHTINGS = "SELECT uid, position, recorded_ms, type, payload FROM meeting_sighting {among} ORDER BY uid, position"
_KNOWN = "SELECT address, mine, coalesce(kind, 'person'), person FROM address a LEFT JOIN person p ON p.id = a.person"
_AMONG = "WHERE uid IN (SELECT value FROM json_each(?))"


class Meetings(Projection):
    """`occurrence` and `attendance`."""

    name = "meetings"
    version = 3
    after = ("sightings", "identity", "decisions")
    tables = """
CREATE TABLE invitation(                        -- meetings to which others invited the owner
    uid TEXT PRIMARY KEY, start TEXT NOT NULL, answered INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE unfollowed(                        -- series whose rule could not be followed to its end, and why
    uid TEXT NOT NULL, why TEXT NOT NULL, position INTEGER NOT NULL, start_ms INTEGER, day INTEGER,
    title TEXT NOT NULL, private INTEGER NOT NULL);
"""

    def settle(self) -> None:
        store = self.store
        horizon = _horizon(store.now_ms)
        words = self._marks()
        self._note_invitations()
        every = self._changed("horizon", str(horizon))
        every |= self._changed("policy", msgspec.json.encode(self._policy()).decode())
        policy = Policy(*msgspec.json.decode(store.meta("policy") or "[false,false]"))
        for uids in [None] if every or store.fresh else _chunks(sorted(store.dirty_uids)):
            self._replace(uids, policy, words, horizon)

    def _changed(self, key: str, value: str) -> bool:
        """Store what all meetings depend on; tell whether it was another before."""
        if self.store.meta(key) == value:
            return False
        self.store.set_meta(key, value)
        return True

    def _policy(self) -> Policy:
        """The attendance policy, with `auto` decided by how often past invitations were answered, a series once."""
        if self.store.rules.attendance != "auto":
            return Policy(inclusive=self.store.rules.attendance == "inclusive")
        store = self.store
        return Policy(small=seldom_answered(store.db, store.now_ms if store.as_of_ms == NEVER_MS else store.as_of_ms))

    @cached_property
    def _lookup(self) -> Callable[[str], Known]:
        """What is known of an address once everybody is resolved."""
        return _Lookup(self.store).__getitem__

    def _note_invitations(self) -> None:
        """Keep which meetings others invited me to, and whether I answered."""
        store, rows = self.store, []
        if store.rules.attendance != "auto":
            return
        for uids in [None] if store.fresh else _chunks(sorted(store.dirty_uids)):
            for uid, history in _histories(store, uids):
                last = _newest(history)
                known = self._lookup
                if last and not (last.organizer and known(last.organizer.address).mine) and len(last.attendees) > 1:
                    lines = {guest.answer for guest in last.attendees if known(guest.address).mine}
                    if lines:
                        rows.append((uid, _start_utc(last, store), not lines.isdisjoint(ANSWERS)))
        if not store.fresh:
            store.select_in("DELETE FROM invitation WHERE uid IN (SELECT value FROM json_each(?))", store.dirty_uids)
        store.db.executemany("INSERT INTO invitation VALUES (?, ?, ?)", rows)

    def _marks(self) -> dict[str, list[tuple[str, Mark]]]:
        """The owner's words, by uid, each with the instance that was marked ("" for a master)."""
        store = self.store
        spoken = marks(store)
        positions = {mark.position for mark in spoken} | store.marked
        sql = (
            "SELECT position, uid, coalesce(json_extract(payload, '$.instance'), '') FROM meeting_sighting "
            "WHERE position IN (SELECT value FROM json_each(?))"
        )
        where = {position: (uid, instance) for position, uid, instance in store.select_in(sql, positions)}
        store.dirty_uids.update(where[position][0] for position in store.marked if position in where)
        found: dict[str, list[tuple[str, Mark]]] = {}
        for mark in spoken:
            if mark.position in where:
                uid, instance = where[mark.position]
                found.setdefault(uid, []).append((instance, mark))
        return found

    def _replace(
        self, uids: Sequence[str] | None, policy: Policy, words: dict[str, list[tuple[str, Mark]]], horizon: int
    ) -> None:
        """Compute the occurrences of these meetings anew, of all for None."""
        store, db = self.store, self.store.db
        self._remove(uids)
        rows: list[tuple[Any, ...]] = []
        guests: list[tuple[Any, ...]] = []
        for uid, history in _histories(store, uids):
            lookup = self._lookup
            if len(rows) > FULL:
                _write(db, rows, guests)
            standing, problems = stand(history, lookup, floating=store.zone, until_ms=horizon)
            self._note_unfollowed(uid, history, standing, problems)
            opened, spoken, secret = -SERIES_MS, words.get(uid, []), _secret(history)
            for one in standing:
                start_ms = one.occurrence.start_ms
                opens = len(standing) == 1 or start_ms - opened >= SERIES_MS
                opened = start_ms if opens else opened
                mark = _word(spoken, one, goal=False)
                length = one.occurrence.end_ms - start_ms
                verdict = judge(one.occurrence.payload, length, lookup, policy, mark)
                if not EARLIEST_MS <= start_ms < LATEST_MS:
                    verdict = verdict._replace(reason="no_date", away=False)
                row = _row(store, uid, one, verdict, secret, opens=opens, goal=_word(spoken, one, goal=True))
                rows.append(row)
                guests.extend(
                    (row[0], store.addresses[guest.address].id, guest.answer, guest.kind, int(guest.takes_part))
                    for guest in verdict.guests
                )
                self._mark_days(one, verdict)
        _write(db, rows, guests)

    def _remove(self, uids: Sequence[str] | None) -> None:
        store, db = self.store, self.store.db
        if store.fresh:
            return
        among = "1" if uids is None else "uid IN (SELECT value FROM json_each(?))"
        old = f"SELECT start_ms, end_ms FROM occurrence WHERE (verdict IN ('', 'solo', 'focus') OR away) AND {among}"
        values = () if uids is None else (msgspec.json.encode(uids).decode(),)
        for start_ms, end_ms in db.execute(old, values).fetchall():
            store.touch_days(start_ms, min(end_ms + AFTER_MS, start_ms + AWAY_DAYS * DAY_MS))
        ids = f"SELECT id FROM occurrence WHERE {among}"
        db.execute(f"DELETE FROM attendance WHERE occurrence IN ({ids})", values)
        db.execute(f"DELETE FROM occurrence WHERE {among}", values)
        db.execute(f"DELETE FROM unfollowed WHERE {among}", values)

    def _note_unfollowed(
        self, uid: str, history: Sequence[Learned], standing: Sequence[Standing], problems: Sequence[str]
    ) -> None:
        """A series that is followed in part is said to be: its missing minutes must not look like free time."""
        last = _newest(history)
        if not problems or last is None:
            return
        first_ms = standing[0].occurrence.start_ms if standing else None
        day = None if first_ms is None else day_of(first_ms, self.store.zone)
        told = (history[-1].position, first_ms, day, last.title, last.private)
        self.store.db.executemany(
            "INSERT INTO unfollowed VALUES (?, ?, ?, ?, ?, ?, ?)", [(uid, why, *told) for why in problems]
        )

    def _mark_days(self, one: Standing, verdict: Verdict) -> None:
        if not verdict.reason or verdict.reason in SOLO or verdict.away:
            at = one.occurrence
            self.store.touch_days(at.start_ms, min(at.end_ms + AFTER_MS, at.start_ms + AWAY_DAYS * DAY_MS))


def _write(db: sqlite3.Connection, rows: list[tuple[Any, ...]], guests: list[tuple[Any, ...]]) -> None:
    insert_rows(db, "occurrence", sorted(rows))
    insert_rows(db, "attendance", sorted(guests))
    rows.clear()
    guests.clear()


class _Lookup(dict[str, Known]):
    """What is known of an address; one that nobody has resolved is a stranger."""

    def __init__(self, store: Store) -> None:
        rows = store.db.execute(_KNOWN)
        super().__init__((address, Known(bool(mine), kind, person)) for address, mine, kind, person in rows)
        self._store = store

    def __missing__(self, address: str) -> Known:
        found = self[address] = Known(self._store.addresses.is_mine(address), "person", 0)
        return found


def _newest(history: Sequence[Learned]) -> MeetingObserved | None:
    """The newest sighting of the meeting itself; a changed instance speaks for a series of which no more is known."""
    seen = [one.payload for one in history if isinstance(one.payload, MeetingObserved)]
    return max(enumerate(seen), key=lambda at: (not at[1].instance, at[0]))[1] if seen else None


def _start_utc(meeting: MeetingObserved, store: Store) -> str:
    """Its start as text that sorts; invitations are past or not by the instant, wherever they were sent from."""
    if not meeting.start:
        return ""
    at_ms = clock_of(meeting.zone, meeting.offsets, store.zone).to_ms(wall_of(meeting.start))
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%S")


def _horizon(now_ms: int) -> int:
    year = datetime.fromtimestamp(now_ms / 1000, UTC).year
    return int(datetime(year + HORIZON_YEARS, 1, 1, tzinfo=UTC).timestamp()) * 1000


def _histories(store: Store, uids: Sequence[str] | None) -> Iterator[tuple[str, list[Learned]]]:
    values = () if uids is None else (msgspec.json.encode(uids).decode(),)
    cursor = store.db.execute(_SIGHTINGS.format(among="" if uids is None else _AMONG), values)
    for uid, rows in groupby(cursor, key=lambda row: row[0]):
        yield (
            uid,
            [
                Learned(
                    position, recorded, cast("MeetingObserved | MeetingWithdrawn", codec.decode(wire, text.encode()))
                )
                for _, position, recorded, wire, text in rows
            ],
        )


def _chunks(uids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (uids[at : at + CHUNK] for at in range(0, len(uids), CHUNK))


def _word(spoken: list[tuple[str, Mark]], one: Standing, *, goal: bool) -> str:
    """The last word of the owner on an occurrence: of what became of it, or (`goal`) of what it was for."""
    at = one.occurrence
    for instance, mark in reversed(spoken):
        meant = (
            mark.start_ms in (at.start_ms, at.original_ms)
            if mark.start_ms is not None
            else instance == at.payload.instance
        )
        if meant and mark.word.startswith("goal=") == goal:
            return mark.word
    return ""


def occurrence_id(uid: str, original_ms: int) -> int:
    """53 bits of a hash: whole in a JSON number."""
    return key_of(f"{uid}\0{original_ms}") >> 10


def _secret(history: Sequence[Learned]) -> frozenset[str]:
    """The titles that some sighting of a meeting called private: a changed instance or a copy may not say so."""
    seen = (one.payload for one in history)
    return frozenset(one.title for one in seen if isinstance(one, MeetingObserved) and one.private)


def _row(
    store: Store, uid: str, one: Standing, verdict: Verdict, secret: frozenset[str], *, opens: bool, goal: str
) -> tuple[Any, ...]:
    at, meeting = one.occurrence, one.occurrence.payload
    organizer = store.addresses[meeting.organizer.address].id if meeting.organizer and meeting.organizer.address else 0
    reason = verdict.reason or ("" if at.end_ms > at.start_ms else "zero_length")
    return (
        occurrence_id(uid, at.original_ms), uid, at.original_ms, at.start_ms, at.end_ms, int(at.all_day),
        store.day(at.start_ms), meeting.title, int(meeting.private or meeting.title in secret), meeting.calendar,
        msgspec.json.encode(sorted(meeting.labels)).decode() if meeting.labels else "[]",
        1 if meeting.rules or meeting.instance or meeting.extra else 0,
        int(verdict.mine), organizer, int(meeting.booked), verdict.answer, verdict.tier, verdict.n,
        0 if verdict.reason else 1, reason, one.flag, 0.0, "", "", one.position, verdict.reason, int(opens),
        int(verdict.away), goal.removeprefix("goal="),
    )  # fmt: skip


PROJECTION = Meetings
