"""Who follows the fake as Google's guides say ends with what it has, whatever happens, also between two pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.peers.google import World
from tests.peers.google.asking import CALENDAR, CONTACTS, MAIL
from tests.peers.google.dispatch import Request, api
from tests.peers.google.faults import meanwhile
from tests.peers.google.sample import hour, mail

Act: TypeAlias = Callable[[str, World, int], None]
FIELDS = {"personFields": "names,metadata", "requestSyncToken": "true", "pageSize": 2}
SCOPES = ("gmail.readonly", "calendar.readonly", "contacts.readonly")


class Follower:
    """Keeps what it was shown. `sync` follows the guides to the letter and knows nothing of the fake."""

    def __init__(self, world: World) -> None:
        self.world, self.kept = world, dict[str, Any]()
        self.cursor = ""
        world.quota.limits = dict.fromkeys(world.quota.limits, 1 << 40)
        world.oauth.lifetime = 1 << 40
        self._headers = {"authorization": f"Bearer {world.grant(*SCOPES).access}"}

    def ask(self, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
        answer = api(self.world, Request("GET", f"{path}?{urlencode(query, doseq=True)}", self._headers, b""))
        return answer.status, json.loads(answer.body)

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]] | None:
        """None: the cursor is no longer known."""
        shown: list[dict[str, Any]] = []
        while not shown or shown[-1].get("nextPageToken"):
            more = {"pageToken": shown[-1]["nextPageToken"]} if shown else {}
            status, body = self.ask(path, **query, **more)
            if status in (400, 404, 410):
                return None
            assert status == 200, body
            shown.append(body)
        return shown


class OfMail(Follower):
    def sync(self) -> None:
        pages = self.pages(f"{MAIL}/history", startHistoryId=self.cursor, maxResults=2) if self.cursor else None
        if pages is None:
            self._everything()
            return
        for record in (each for page in pages for each in page.get("history", [])):
            for kind in ("messagesAdded", "labelsAdded", "labelsRemoved"):
                self.kept |= {e["message"]["id"]: set(e["message"].get("labelIds", [])) for e in record.get(kind, [])}
            for entry in record.get("messagesDeleted", []):
                self.kept.pop(entry["message"]["id"], None)
        self.cursor = pages[-1]["historyId"]

    def _everything(self) -> None:
        self.cursor, self.kept = self.ask(f"{MAIL}/profile")[1]["historyId"], {}
        for page in self.pages(f"{MAIL}/messages", maxResults=2, includeSpamTrash="true") or []:
            for each in page.get("messages", []):
                status, body = self.ask(f"{MAIL}/messages/{each['id']}", format="minimal")
                if status == 200:
                    self.kept[each["id"]] = set(body.get("labelIds", []))


class OfMeetings(Follower):
    def sync(self) -> None:
        pages = self.pages(CALENDAR, syncToken=self.cursor, maxResults=2) if self.cursor else None
        if pages is None:
            self.kept, pages = {}, self.pages(CALENDAR, maxResults=2) or []
        for event in (each for page in pages for each in page["items"]):
            self.kept.pop(event["id"], None)
            if event["status"] != "cancelled" or "recurringEventId" in event:
                self.kept[event["id"]] = (event["status"], event["etag"])
        self.cursor = pages[-1]["nextSyncToken"]

    def series(self) -> dict[str, Any]:
        """Without what belongs to a series that is gone."""
        return {name: kept for name, kept in self.kept.items() if kept[0] != "cancelled" or self._series_of(name)}

    def _series_of(self, name: str) -> bool:
        status, _ = self.kept.get(name.rpartition("_")[0], ("cancelled", ""))
        return bool(status != "cancelled")


class OfPeople(Follower):
    def sync(self) -> None:
        pages = self.pages(CONTACTS, syncToken=self.cursor, **FIELDS) if self.cursor else None
        if pages is None:
            self.kept, pages = {}, self.pages(CONTACTS, **FIELDS) or []
        for person in (each for page in pages for each in page.get("connections", [])):
            for name in (person["resourceName"], *person["metadata"].get("previousResourceNames", [])):
                self.kept.pop(name, None)
            if not person["metadata"].get("deleted"):
                self.kept[person["resourceName"]] = person["etag"]
        self.cursor = pages[-1]["nextSyncToken"]


def pick(names: Iterable[str], number: int) -> str:
    known = sorted(names)
    return known[number % len(known)]


def on_mail(kind: str, world: World, number: int) -> None:
    box = world.mail()
    world.clock.advance(1)
    if kind == "new" or not box.messages:
        box.add(mail(len(box.records)))
    elif kind == "gone":
        box.remove(pick(box.messages, number))
    elif kind == "expire":
        world.expire_history()
    else:
        to_bin = (["TRASH"], ["INBOX"]) if number % 2 else (["INBOX"], ["TRASH"])
        box.label(pick(box.messages, number), *to_bin)


def on_meetings(kind: str, world: World, number: int) -> None:
    calendar = world.calendar()
    living = [event for event in calendar.events.values() if event["status"] != "cancelled"]
    masters = [event["id"] for event in living if event.get("recurrence")]
    singles = [event["id"] for event in living if "recurringEventId" not in event]
    if kind == "expire":
        world.expire_sync_tokens()
    elif kind == "changed" and singles:
        calendar.put(id=pick(singles, number), summary=str(number))
    elif kind == "gone" and singles:
        calendar.cancel(pick(singles, number))
    elif kind in ("instance", "off") and masters:
        start = f"2026-09-2{number % 4 + 1}T10:00:00+02:00"
        status = "confirmed" if kind == "instance" else "cancelled"
        calendar.instance(pick(masters, number), start, summary=str(number), status=status)
    else:
        rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=5"]} if number % 2 else {}
        calendar.put({**hour("2026-09-21", 10), **rule})


def on_people(kind: str, world: World, number: int) -> None:
    rows = world.contacts().connections
    if kind == "expire":
        world.clock.advance(86_400 * (number % 9))
    elif kind == "new" or not rows.kept:
        world.person(f"Person {number}", f"p{number}@example.org")
    elif kind == "gone":
        rows.remove(pick(rows.kept, number))
    elif kind == "renamed":
        rows.rename(pick(rows.kept, number), f"people/c{rows.sequence}")
    else:
        world.person(f"Other {number}", resource=pick(rows.kept, number))


def acts(*kinds: str) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """What happens, to which, and at which page of the next sync; 0: ahead of it."""
    act = st.tuples(st.sampled_from([*kinds, "sync"]), st.integers(0, 50), st.sampled_from([0, 0, 1, 2, 2, 3, 4]))
    return st.lists(act, min_size=4, max_size=25)


def follow(follower: OfMail | OfMeetings | OfPeople, act: Act, script: Iterable[tuple[str, int, int]]) -> None:
    world = follower.world
    for number in range(8):
        act("new", world, number)
    for kind, number, page in script:
        if kind == "sync":
            follower.sync()
        elif page:
            world.faults.add("*.list", meanwhile(partial(act, kind, world, number)), {page})
        else:
            act(kind, world, number)
    world.faults.clear()
    follower.sync()


@settings(max_examples=60)
@given(acts("new", "new", "gone", "label", "expire"))
@example([("gone", 7, 2), ("sync", 0, 0)])  # of a mail that the first page showed
def test_mail(script: list[tuple[str, int, int]]) -> None:
    follower = OfMail(World())
    follow(follower, on_mail, script)
    assert follower.kept == {name: each.labels for name, each in follower.world.mail().messages.items()}


@settings(max_examples=60)
@given(acts("new", "new", "changed", "gone", "instance", "off", "expire"))
def test_meetings(script: list[tuple[str, int, int]]) -> None:
    follower = OfMeetings(World())
    follow(follower, on_meetings, script)
    events = follower.world.calendar().events
    living = {name for name, event in events.items() if event["status"] != "cancelled"}
    off = {name for name, e in events.items() if e["status"] == "cancelled" and e.get("recurringEventId") in living}
    assert follower.series() == {name: (events[name]["status"], events[name]["etag"]) for name in living | off}


@settings(max_examples=60)
@given(acts("new", "new", "changed", "gone", "renamed", "expire"))
def test_people(script: list[tuple[str, int, int]]) -> None:
    follower = OfPeople(World())
    follow(follower, on_people, script)
    assert follower.kept == {name: each["etag"] for name, each in follower.world.contacts().connections.kept.items()}
