"""Recurring events expanded as the server does for singleEvents=true and events.instances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

Json = dict[str, Any]
MOST = 730  # occurrences of a series that has no end


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def written(moment: datetime, like: Json) -> Json:
    """EventDateTime in the shape of another."""
    if "date" in like:
        return {"date": moment.date().isoformat()}
    name = like.get("timeZone")
    local = moment.astimezone(zone(name)) if name else moment
    return {"dateTime": local.isoformat(), **({"timeZone": name} if name else {})}


def stamp(moment: datetime) -> str:
    """The end of an occurrence's id: 20261005T130000Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def begins(event: Json, time_zone: str) -> datetime:
    """All-day events begin at midnight UTC: only their order matters here."""
    return _moment(event["start"], time_zone)


def ends(event: Json, time_zone: str) -> datetime:
    return _moment(event["end"], time_zone)


def expand(master: Json, time_zone: str) -> Iterator[Json]:
    """Instances with id, recurringEventId and originalStartTime, without the exceptions."""
    length = ends(master, time_zone) - begins(master, time_zone)
    for number, moment in enumerate(_starts(master, time_zone)):
        if number >= MOST:
            return
        start, end = written(moment, master["start"]), written(moment + length, master["start"])
        shown = {name: value for name, value in master.items() if name != "recurrence"}
        day = "date" in master["start"]
        tail = moment.strftime("%Y%m%d") if day else stamp(moment)
        yield {**shown, "id": f"{master['id']}_{tail}", "recurringEventId": master["id"],
               "originalStartTime": start, "start": start, "end": end}  # fmt: skip


def _starts(master: Json, time_zone: str) -> Iterator[datetime]:
    start = master["start"]
    if "date" in start:
        first = datetime.combine(date.fromisoformat(start["date"]), datetime.min.time())
    else:
        first = datetime.fromisoformat(start["dateTime"]).astimezone(zone(start.get("timeZone") or time_zone))
    rules = rrulestr("\n".join(master["recurrence"]), dtstart=first, forceset=True)
    assert isinstance(rules, rruleset)
    for each in rules:
        yield each if each.tzinfo else each.replace(tzinfo=UTC)


def _moment(point: Json, time_zone: str) -> datetime:
    if "date" in point:
        return datetime.combine(date.fromisoformat(point["date"]), datetime.min.time(), UTC)
    moment = datetime.fromisoformat(point["dateTime"])
    return moment if moment.tzinfo else moment.replace(tzinfo=zone(point.get("timeZone") or time_zone))


def overlaps(event: Json, time_zone: str, after: datetime | None, before: datetime | None) -> bool:
    """Ends behind `after` and begins ahead of `before`; of a series: one of its occurrences does."""
    if "start" not in event:
        return True
    shown = expand(event, time_zone) if event.get("recurrence") else iter([event])
    for each in shown:
        begun, ended = begins(each, time_zone), ends(each, time_zone)
        if (after is None or ended > after) and (before is None or begun < before):
            return True
    return False
