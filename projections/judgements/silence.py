"""Everybody's rhythm beside the silence since the last contact (F6): what `neglected` and `fading` judge."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from projections.cadence import Rhythm, Standing, rhythm, rhythm_of, standing, state
from projections.intervals import DAY_MS, Span
from projections.judgements.contact import Contact, read_contacts
from projections.judgements.pauses import Pauses, booked_meetings, waiting_since
from projections.judgements.wants import Wants, accepted

LONG = frozenset({"overdue", "dormant"})


class Silence(NamedTuple):
    """One person's rhythm and standing, and the word for it."""

    contact: Contact
    usual: Rhythm
    now: Standing
    gaps: list[float]
    state: str
    tau: float  # of the rhythm before anything was accepted

    @property
    def person(self) -> int:
        return self.contact.person

    @property
    def level(self) -> float:
        """Elapsed by the rhythm before anything was accepted."""
        return self.now.elapsed / self.tau

    @property
    def plain(self) -> Standing:
        """Beside that rhythm: what was called fine takes away its own alert and changes nothing else."""
        return standing(rhythm_of(self.tau, self.usual.own), self.gaps, self.now.elapsed)

    @property
    def is_long(self) -> bool:
        """Whether it would be a flag had nothing been called fine."""
        word = state(self.plain, explicit=self.usual.explicit)
        return self.state in {"ok", "due", *LONG} and word in LONG


def _contacts(
    conn: sqlite3.Connection, wants: Wants, as_of_ms: int, only: Collection[int] | None, *, silent: bool
) -> list[Contact]:
    found, in_touch = read_contacts(conn, as_of_ms, wants.known, only, silent=silent)
    missing = wants.known.keys() - {one.person for one in found} - in_touch
    return found + _unmet(conn, missing if only is None else missing & set(only), as_of_ms)


def _unmet(conn: sqlite3.Connection, missing: set[int], as_of_ms: int) -> list[Contact]:
    """Those without any contact, counted from the first sign of them, else from where the records begin."""
    if not missing:
        return []
    rows = conn.execute(
        "SELECT id, coalesce(first_ms, (SELECT min(first_ms) FROM person)) FROM person "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(missing)),),
    )
    return [Contact(person, first, "") for person, first in rows if first is not None and first <= as_of_ms]


def _plain(contact: Contact, wants: Wants) -> Rhythm | None:
    """The rhythm before anything was accepted."""
    person = contact.person
    if person in wants.target or person in wants.tier_days:
        found = rhythm(contact.gap_days(), wants.target.get(person), wants.tier_days.get(person))
    else:
        found = contact.rhythm()
    return None if found is None or found.tau <= 0 else found


def usual_days(
    conn: sqlite3.Connection, wants: Wants, as_of_ms: int, only: Collection[int] | None = None
) -> dict[int, float]:
    """`Silence.tau` of everybody with a rhythm, or of `only` these."""
    contacts = _contacts(conn, wants, as_of_ms, only, silent=False)
    return {one.person: usual.tau for one in contacts if (usual := _plain(one, wants)) is not None}


class _Judge:
    """Everything that the standing of one person depends on."""

    def __init__(self, conn: sqlite3.Connection, wants: Wants, as_of_ms: int) -> None:
        self.conn, self.wants, self.as_of_ms = conn, wants, as_of_ms
        self.pauses = Pauses(conn, as_of_ms)
        self.booked = booked_meetings(conn, as_of_ms)
        self.fine = accepted(conn, "neglected", as_of_ms)
        self.waiting: dict[int, int] = {}

    def silences(self, contacts: Iterable[Contact]) -> list[Silence]:
        """Of those who have a rhythm. Whose answer is waited for is asked once, of all who may need the excuse."""
        found = [one for one in map(self._silence, contacts) if one is not None]
        silent = [one.person for one in found if one.state != "ok" and one.contact.kind == "out"]
        self.waiting = waiting_since(self.conn, silent, self.as_of_ms)
        perhaps = {*self.pauses.snoozed, *self.waiting, *self.booked}
        return [self._excused(one) if one.person in perhaps and one.state != "ok" else one for one in found]

    def _silence(self, contact: Contact) -> Silence | None:
        plain = _plain(contact, self.wants)
        if plain is None:
            return None
        usual = self._raised(contact.person, plain)
        own_gaps = contact.gap_days()
        now = standing(usual, own_gaps, self._elapsed(contact))
        return Silence(contact, usual, now, own_gaps, state(now, explicit=usual.explicit), plain.tau)

    def _excused(self, one: Silence) -> Silence:
        """The same with the days taken off that do not count, and the word for what keeps it from being a flag."""
        word, paused = self._suppression(one.contact, one.usual)
        now = standing(one.usual, one.gaps, self._elapsed(one.contact, paused)) if paused else one.now
        return one._replace(now=now, state=word or state(now, explicit=one.usual.explicit))

    def _raised(self, person: int, usual: Rhythm) -> Rhythm:
        """What the owner called fine is the rhythm from then on."""
        fine = self.fine.get(person)
        if fine is None or fine.level <= 1:
            return usual
        return usual._replace(tau=usual.tau * fine.level)

    def _elapsed(self, contact: Contact, paused: Sequence[Span] = ()) -> float:
        since_ms = contact.last_ms
        return (self.as_of_ms - since_ms - self.pauses.paused_ms(contact.person, since_ms, paused)) / DAY_MS

    def _suppression(self, contact: Contact, usual: Rhythm) -> tuple[str, list[Span]]:
        """The word for what keeps a silence from being a flag, "" for none, and the spans that do not count."""
        paused = list(self.pauses.snoozed.get(contact.person, ()))
        waiting = self.waiting.get(contact.person)
        if waiting is not None:
            paused.append((waiting, self.as_of_ms))
        booked = self.booked.get(contact.person)
        if self.pauses.is_snoozed(contact.person):
            return "snoozed", paused
        if booked is not None and booked - self.as_of_ms <= usual.tau / 2 * DAY_MS:
            return "booked", paused
        return "waiting" if waiting is not None else "", paused


def silences(
    conn: sqlite3.Connection,
    wants: Wants,
    as_of_ms: int,
    only: Collection[int] | None = None,
    *,
    silent: bool = False,
    long: bool = False,
) -> list[Silence]:
    """Of everybody with a rhythm, or of `only` these; `silent`: of those alone whose state is not ok.

    `long`: nobody is wanted whose silence is shorter than usual, whatever was called fine; few of them are in it.
    """
    found = _Judge(conn, wants, as_of_ms).silences(_contacts(conn, wants, as_of_ms, only, silent=silent or long))
    return [one for one in found if one.state != "ok"] if silent else found
