"""Whatever is done to calendars and whenever they are read: at the end the log says what the calendars say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import Log, open_log
from tests.connectors.google.calendar_world import account
from tests.connectors.google.told import ME, Shown, occurrences, run
from tests.contracts.connector import Interrupted, Killed
from tests.peers.google import Google, serving
from tests.peers.google.calendars import Calendar
from tests.peers.google.faults import cut, empty_page, error, html, reset, truncated
from tests.peers.google.occurrences import expand
from tests.peers.google.sample import guests

BOSS, CLUB = "boss@example.com", "club@group.calendar.google.com"
BERLIN = ZoneInfo("Europe/Berlin")
WEEKS = 5
FAULTS = (
    cut(300), reset(900), truncated(60), html(), error(503, "backendError"), error(403, "rateLimitExceeded"),
    error(429, "rateLimitExceeded", retry_after="90"), error(410, "fullSyncRequired"), empty_page(),
)  # fmt: skip
KILLED = 22  # from this number on, of 30
Json: TypeAlias = dict[str, Any]
Step: TypeAlias = tuple[str, int, int]
# What may be done to a calendar; the numbers choose the entry, and where or when.
ACTS = (
    "single", "series", "days", "change", "move_instance", "cancel_instance", "decline_instance", "decline", "split",
    "delete", "to_other_calendar", "sync", "sync", "expire", "flip", "shorten",
)  # fmt: skip


def point(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.isoformat(), "timeZone": "Europe/Berlin"}


def hour(begin: datetime) -> Json:
    return {"start": point(begin), "end": point(begin + timedelta(hours=1))}


class Edited:
    """Two calendars of one person, edited by one number after the other."""

    def __init__(self, google: Google) -> None:
        self.world = google.world
        self.world.quota.limits = dict.fromkeys(self.world.quota.limits, 1 << 30)
        self.calendars = [self.world.calendar(), self.world.new_calendar(CLUB, summary="Club")]

    def act(self, name: str, one: int, other: int) -> None:
        self.world.clock.advance(60)
        begin = datetime(2031, 10, 1, 9, tzinfo=BERLIN) + timedelta(days=one % 7, hours=other % 6)
        calendar = self.calendars[other % 2]
        both = guests(ME, BOSS)
        if name == "single":
            calendar.put(summary="Single", attendees=both, **hour(begin))
        elif name == "series":
            rule = f"RRULE:FREQ=WEEKLY;COUNT={WEEKS}"
            calendar.put(summary="Series", attendees=both, recurrence=[rule], **hour(begin))
        elif name == "days":
            date = {"start": {"date": begin.date().isoformat()}, "end": {"date": str(begin.date() + timedelta(days=1))}}
            calendar.put(summary="Days", recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={WEEKS}"], **date)
        elif name == "flip":
            calendar.exceptions_first = not calendar.exceptions_first
        elif name == "expire":
            self.world.expire_sync_tokens()
        else:
            self._edit(name, one, other)

    def _edit(self, name: str, one: int, other: int) -> None:
        """Change something that is there."""
        series = [(c, e) for c, e in self._alive() if e.get("recurrence")]
        some = series if name in ("move_instance", "cancel_instance", "decline_instance", "split", "shorten") else [
            (c, e) for c, e in self._alive() if "recurringEventId" not in e
        ]  # fmt: skip
        if not some:
            return
        calendar, event = some[one % len(some)]
        edit: Callable[[Calendar, Json, int], object] = getattr(self, f"_{name}")
        edit(calendar, event, other)

    def _alive(self) -> Iterator[tuple[Calendar, Json]]:
        for calendar in self.calendars:
            for event in list(calendar.events.values()):
                if event["status"] != "cancelled":
                    yield calendar, event

    def _change(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.put(id=event["id"], summary=f"Changed {number}", sequence=event["sequence"] + 1)

    def _delete(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.cancel(event["id"])
        if number % 3 == 0:  # after so long that every token died as well
            calendar.forget(event["id"])
            calendar.expire_sync_tokens()

    def _decline(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.put(id=event["id"], attendees=answered("declined" if number % 2 else "accepted"))

    def _to_other_calendar(self, calendar: Calendar, event: Json, _: int) -> None:
        calendar.move(event["id"], self.calendars[1 - self.calendars.index(calendar)])

    def _shorten(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.put(id=event["id"], recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={1 + number % WEEKS}"])
        self._drop_exceptions(calendar, event["id"])

    def _move_instance(self, calendar: Calendar, event: Json, number: int) -> None:
        start = self._nth(event, number)
        if "date" in event["start"]:
            return
        calendar.instance(event["id"], start, **hour(datetime.fromisoformat(start) + timedelta(hours=number % 30)))

    def _cancel_instance(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.cancel_instance(event["id"], self._nth(event, number))

    def _decline_instance(self, calendar: Calendar, event: Json, number: int) -> None:
        calendar.instance(event["id"], self._nth(event, number), status="confirmed", attendees=answered("declined"))

    def _split(self, calendar: Calendar, event: Json, number: int) -> None:
        """This and following; from the first on it is all of them."""
        rule, count = event["recurrence"][0], len(list(expand(event, "Europe/Berlin")))
        if "date" in event["start"] or "UNTIL" in rule or "_R" in event["id"] or count == 1:
            return
        start = self._nth(event, 1 + number % (count - 1))
        calendar.put(id=event["id"], recurrence=["RRULE:FREQ=WEEKLY"])
        begin = datetime.fromisoformat(start)
        until = (begin - timedelta(seconds=1)).astimezone(ZoneInfo("UTC")).strftime("%Y%m%dT%H%M%SZ")
        made = calendar.split(event["id"], start, until, summary="Following")
        calendar.put(id=made["id"], recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
        self._drop_exceptions(calendar, event["id"])

    @staticmethod
    def _drop_exceptions(calendar: Calendar, series: str) -> None:
        """Of instances that the series has no more, as Google does it."""
        left = {one["id"] for one in expand(calendar.events[series], "Europe/Berlin")}
        for one in list(calendar.events.values()):
            if one.get("recurringEventId") == series and one["id"] not in left:
                calendar.put(id=one["id"], status="cancelled")

    def _nth(self, event: Json, number: int) -> str:
        shown = list(expand(event, "Europe/Berlin"))
        start = shown[number % len(shown)]["start"]
        return str(start.get("date") or start["dateTime"])

    def shows(self) -> set[Shown]:
        """What the calendars show, by an engine of their own."""
        found = set()
        for calendar, event in self._alive():
            if "recurringEventId" in event and self._ended(calendar, event["recurringEventId"]):
                continue
            instances = [event]
            if event.get("recurrence"):
                instances = [one for one in expand(event, "Europe/Berlin") if one["id"] not in calendar.events]
            found |= {shown(one) for one in instances}
        return found

    @staticmethod
    def _ended(calendar: Calendar, series: str) -> bool:
        return series not in calendar.events or calendar.events[series]["status"] == "cancelled"


def answered(answer: str) -> list[Json]:
    return [{"email": ME, "responseStatus": answer}, *guests(BOSS)]


def shown(event: Json) -> Shown:
    begin, end = _seconds(event["start"]), _seconds(event["end"])
    answers = [one["responseStatus"] for one in event.get("attendees", []) if one["email"] == ME]
    mine = event["organizer"]["email"] == ME
    answer = answers[0] if answers else "organizer"
    return Shown(event["iCalUID"], begin, end, "organizer" if mine and answer == "accepted" else answer)


def _seconds(point: Json) -> int:
    if "date" in point:
        return int(datetime.fromisoformat(f"{point['date']}T00:00:00+00:00").timestamp())
    return int(datetime.fromisoformat(point["dateTime"]).timestamp())


def troubled(google: Google, log: Log, page: int, one: int, other: int) -> None:
    """A run in which perhaps answers are cut off or refused, or the program is killed."""
    faults = google.world.faults
    if other < len(FAULTS):
        faults.add("calendar.*", FAULTS[other], calls={2 + one % 5})
    connector = account(google, page)
    try:
        run(Interrupted(connector, one % 3) if other >= KILLED else connector, log, google.world.clock)
    except Killed:
        connector.close()
    finally:
        faults.clear()


STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=25
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.sampled_from([1, 2, 5, 100]))
def test_the_log_says_what_the_calendars_say(steps: list[Step], page: int) -> None:
    with serving() as google, TemporaryDirectory() as folder:
        edited = Edited(google)
        log, fresh = (open_log(f"sqlite:///{Path(folder)}/{name}.db") for name in ("log", "fresh"))
        try:
            for name, one, other in steps:
                if name == "sync":
                    troubled(google, log, page, one, other)
                else:
                    edited.act(name, one, other)
            google.world.clock.advance(600)  # whoever asked to be left alone is
            for _ in range(2):  # so much may be gone that it is believed only the second time
                assert run(account(google, page), log, google.world.clock).state == "ok"
            assert occurrences(log) == edited.shows()
            assert run(account(google, 7), fresh, google.world.clock).state == "ok"
            assert occurrences(fresh) == edited.shows()
        finally:
            log.close()
            fresh.close()
