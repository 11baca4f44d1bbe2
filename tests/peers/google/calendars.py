"""Calendars and their events, with what each change left behind."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from typing import Any

from tests.peers.google.clock import Clock
from tests.peers.google.occurrences import stamp, written, zone

Json = dict[str, Any]
DETAILS = frozenset({"owner", "writer", "writerWithoutPrivateAccess", "reader"})


class Calendar:
    """`roles`: address → accessRole. `changed`: event → number of its last change. `exceptions_first`: the order of
    listings; else oldest change first."""

    def __init__(self, identity: str, owner: str, clock: Clock, *, summary: str = "", time_zone: str = "UTC") -> None:
        self.id, self.owner, self._clock = identity, owner, clock
        self.summary, self.time_zone = summary or identity, time_zone
        self.roles = {owner: "owner"}
        self.events: dict[str, Json] = {}
        self.changed: dict[str, int] = {}
        self.forgotten: set[str] = set()
        self.sequence = self.generation = 0
        self.exceptions_first = False

    def put(self, event: Json | None = None, **fields: Any) -> Json:
        """Make or change an event; what is not given stays, or gets what Google would write. The whole event."""
        given = {**(event or {}), **fields}
        identity = given.get("id") or _identity(self.id, self.sequence)
        now = self._clock.rfc3339()
        kept = self.events.get(identity, {})
        fresh: Json = {
            "kind": "calendar#event", "id": identity, "status": "confirmed", "created": now,
            "creator": {"email": self.owner},
            "htmlLink": f"https://www.google.com/calendar/event?eid={identity}", "sequence": 0,
            "organizer": {"email": self.id, **({} if self.id == self.owner else {"displayName": self.summary})},
            "iCalUID": f"{identity}@google.com", "reminders": {"useDefault": True}, "eventType": "default",
        }  # fmt: skip
        made = {**fresh, **kept, **given, "updated": now}
        if "start" in made:
            made.setdefault("end", made["start"])
        return self._keep(made)

    def cancel(self, identity: str, *, exceptions: bool = True) -> None:
        """Deleted: a tombstone stays. `exceptions`: those of a series leave tombstones of their own too."""
        below = [each["id"] for each in self.events.values() if each.get("recurringEventId") == identity]
        self._keep({**self.events[identity], "status": "cancelled", "updated": self._clock.rfc3339()})
        if exceptions:
            for each in below:
                self._keep({**self.events[each], "status": "cancelled"})

    def instance(self, master: str, start: str, /, **changes: Any) -> Json:
        """Change one occurrence. `start`: when it begins by the series' rules, ISO with offset, or a date."""
        series = self.events[master]
        when = _point(start, series["start"])
        begun, ended = _moment(series["start"]), _moment(series["end"])
        end = written(_moment(when) + (ended - begun), series["start"])
        inherited = {name: value for name, value in series.items() if name not in ("recurrence", "id", "created")}
        tail = when["date"].replace("-", "") if "date" in when else stamp(_moment(when))
        identity = f"{master}_{tail}"
        own = self.events.get(identity, {})
        fresh = {"start": when, "end": end, "id": identity, "recurringEventId": master, "originalStartTime": when}
        return self.put({**inherited, **fresh, **own, **changes})

    def cancel_instance(self, master: str, start: str) -> Json:
        return self.instance(master, start, status="cancelled")

    def split(self, master: str, start: str, until: str, /, **changes: Any) -> Json:
        """This and following: the old series ends, a new one begins. `until`: UNTIL of the old, 20261001T000000Z."""
        series = self.events[master]
        rule = next(line for line in series["recurrence"] if line.startswith("RRULE"))
        others = [line for line in series["recurrence"] if line != rule]
        self.put(id=master, recurrence=[*others, f"{rule};UNTIL={until}"])
        begin = _point(start, series["start"])
        length = _moment(series["end"]) - _moment(series["start"])
        uid = series["iCalUID"].replace("@", f"_R{stamp(_moment(begin)).removesuffix('Z')}@")
        fresh = {"start": begin, "end": written(_moment(begin) + length, series["start"]), "recurrence": [rule]}
        base = {name: value for name, value in series.items() if name != "created"}
        identity = f"{master}_R{stamp(_moment(begin)).removesuffix('Z')}"
        return self.put({**base, **fresh, "id": identity, "iCalUID": uid, **changes})

    def move(self, identity: str, other: Calendar) -> Json:
        """The id stays; the old calendar keeps a tombstone that says nothing but the id."""
        moved = self.events[identity]
        self.cancel(identity)
        return other.put({**moved, "organizer": {"email": other.id}})

    def forget(self, identity: str) -> None:
        """The tombstone too disappears: nobody is told of it any more."""
        del self.events[identity], self.changed[identity]
        self.forgotten.add(identity)

    def share(self, address: str, role: str) -> None:
        """Give access or change it; sync tokens of the calendar die."""
        self.roles[address] = role
        self.generation += 1

    def expire_sync_tokens(self) -> None:
        self.generation += 1

    def _keep(self, event: Json) -> Json:
        self.sequence += 1
        event["etag"] = f'"{int(self._clock.now() * 1000)}{self.sequence:03}"'
        self.events[event["id"]] = event
        self.changed[event["id"]] = self.sequence
        return event


def _identity(calendar: str, number: int) -> str:
    """26 letters of base32hex, as Google makes them."""
    digest = int.from_bytes(hashlib.sha256(f"{calendar} {number}".encode()).digest()[:17], "big")
    letters = "0123456789abcdefghijklmnopqrstuv"
    return "".join(letters[digest >> 5 * place & 31] for place in range(26))


def _point(start: str, like: Json) -> Json:
    """A start in the shape of the series' own: `date`, or `dateTime` with its zone."""
    return written(_moment({"date" if "date" in like else "dateTime": start}), like)


def _moment(point: Json) -> datetime:
    if "date" in point:
        return datetime.combine(date.fromisoformat(point["date"]), datetime.min.time(), UTC)
    moment = datetime.fromisoformat(point["dateTime"])
    return moment if moment.tzinfo else moment.replace(tzinfo=zone(point.get("timeZone", "UTC")))
