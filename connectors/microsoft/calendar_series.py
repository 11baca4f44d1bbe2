"""A series of Outlook's: its rule, held to the occurrences that Outlook shows, and its changed instances. Pure.

What the rule gives and Outlook does not show was deleted, of which no delta tells; what Outlook shows and the rule does
not give is kept as a date of its own: so both come to the same, in zones too that only Outlook knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from connectors import ical_values as values
from connectors.errors import ItemMalformed
from connectors.microsoft.calendar_entry import (
    Around,
    Entry,
    Instance,
    length_of,
    observed,
    original_of,
    start_of,
    zone_of,
)
from connectors.microsoft.calendar_rule import Recurrence, days, is_known, rule
from connectors.zones import ZULU, Zone
from events.vocabulary import MeetingObserved

_DAY = timedelta(days=1)


class Shown(NamedTuple):
    """What Outlook shows of a series: its master, and every instance that begins before `until` (an instant)."""

    master: Entry
    instances: Sequence[Entry]
    until: datetime


def said(shown: Shown, around: Around, where: str) -> list[MeetingObserved]:
    """The series and its changed instances. Raises ItemMalformed where its start, or an instance's, is none."""
    master = shown.master
    zone = zone_of(master)
    start = start_of(master, zone)
    whole = observed(master, around, where)
    changes = [(one, original_of(one, zone, start)) for one in shown.instances if one.type == "exception"]
    plain = [(one, original_of(one, zone, start)) for one in shown.instances if one.type == "occurrence"]
    there = {_key(at): _value(at, start) for _, at in plain if at is not None}
    longer = {_key(at): _period(one, at) for one, at in plain if at is not None and _differs(one, at, whole)}
    rules = _rules(master.recurrence, start)
    given = {_key(at): at for at in _given(master.recurrence if rules else None, start, shown.until)}
    known = [(one, at) for one, at in changes if at is not None]
    left = {key: at for key, at in given.items() if key not in there and key not in {_key(at) for _, at in known}}
    changed = [*known, *_nearest([one for one, at in changes if at is None], left, zone)]
    kept = {_key(at) for _, at in changed}
    whole = msgspec.structs.replace(
        whole,
        rules=rules,
        extra=tuple({**there, **longer}[key] for key in sorted((there.keys() - given.keys()) | longer.keys())),
        skipped=tuple(_value(given[key], start) for key in sorted(given.keys() - there.keys() - kept)),
    )
    parts = (observed(one, around, f"{where}/{at.text}", Instance(at, whole.uid)) for one, at in changed)
    return [whole, *parts]


def _nearest(
    unsure: Sequence[Entry], left: dict[int, values.Stamp], zone: Zone
) -> Iterator[tuple[Entry, values.Stamp]]:
    """Which those are that do not say it: the nearest dates of the rule on which nothing takes place.

    Raises ItemMalformed where there is none.
    """
    for one in sorted(unsure, key=lambda one: _key(start_of(one, zone))):
        at = _key(start_of(one, zone))
        if not left:
            raise ItemMalformed("a changed instance of this series does not say which it is; look at it in Outlook")
        yield one, left.pop(min(left, key=lambda key: abs(key - at)))


def _rules(recurrence: Recurrence | None, start: values.Stamp) -> tuple[str, ...]:
    return (rule(recurrence, start),) if recurrence and is_known(recurrence) else ()


def _given(recurrence: Recurrence | None, start: values.Stamp, until: datetime) -> Iterator[values.Stamp]:
    """Where the rule has it, up to `until`; the start is always among them (RFC 5545, 3.8.5.3)."""
    end = int(until.timestamp())
    if start.instant() < end:
        yield start
    if recurrence is None:
        return
    last = until.astimezone(UTC).date() + 2 * _DAY
    for day in days(recurrence, date.fromisoformat(start.text[:10]), last):
        at = values.stamp(f"{day}{start.text[10:]}", start.zone)
        if at.instant() < end:
            yield at


def _key(at: values.Stamp) -> int:
    return at.instant()


def _differs(one: Entry, at: values.Stamp, whole: MeetingObserved) -> bool:
    """Whether it lasts longer or shorter than the series: one that lasts over the change of the clocks may."""
    return not at.is_date and length_of(one, at).seconds != whole.seconds


def _period(one: Entry, at: values.Stamp) -> str:
    """Its start and end, which the payload has among its dates."""
    end = at._replace(wall=at.instant() + length_of(one, at).seconds, zone=ZULU)
    return f"{values.in_utc(at)}Z/{values.in_utc(end)}Z"


def _value(at: values.Stamp, start: values.Stamp) -> str:
    """As a list beside the start has it."""
    here = at.is_date or (at.zone == start.zone and at.zone != ZULU)
    return at.text if here else f"{values.in_utc(at)}Z"
