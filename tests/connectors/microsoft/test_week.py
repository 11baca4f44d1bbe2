"""A week in which everything happens gives the same minutes through Graph, day by day, as its end does from files.

The files are written here by hand, from what the week comes to, and know nothing of the fake.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.microsoft.account import MicrosoftAccount
from connectors.microsoft.scopes import Feature
from connectors.sync.loop import sync
from connectors.sync.provider import InMemory
from events.log import Log, open_log
from tests.connectors.microsoft.worlds import client, signed_in
from tests.home import Home, vevent
from tests.peers.graph import Graph
from tests.peers.graph.calendars import Event
from tests.peers.graph.diary import at, attendee
from tests.peers.graph.recurrence import weekly

ME = "me@example.com"
DAY = timedelta(days=1).total_seconds()
WANTED = (Feature.WORDS, Feature.CALENDAR)
ACCEPTED = {"response": "accepted", "time": "2026-09-01T08:00:00Z"}


def mail(number: int, sender: str, to: str, date: str, words: int, *headers: str) -> bytes:
    """A message that says so many words."""
    lines = [
        f"From: {sender}", f"To: {to}", f"Date: {date}", f"Subject: Words {number}",
        f"Message-ID: <w{number}@x.example>", *headers, "", " ".join(["word"] * words), "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


MAILS = {
    "ann": mail(1, "ann@example.org", ME, "Mon, 21 Sep 2026 08:00:00 +0000", 120),
    "to ann": mail(2, ME, "ann@example.org", "Mon, 21 Sep 2026 09:00:00 +0000", 80, "In-Reply-To: <w1@x.example>"),
    "bob": mail(3, "bob@example.org", ME, "Mon, 21 Sep 2026 10:00:00 +0000", 300),
    "to carl": mail(4, ME, "carl@example.org", "Wed, 23 Sep 2026 09:30:00 +0200", 45),
    "gil": mail(5, "gil@example.org", ME, "Fri, 25 Sep 2026 07:15:00 +0000", 60),
}


class Week:
    """One person's mailbox, day by day; what happens on a day stands in the method of its name."""

    def __init__(self, graph: Graph) -> None:
        self.world, self.box, self.diary = graph.world, graph.world.mail(), graph.world.calendar()
        self.project = self.box.new_folder("Project")
        self.ann = self.box.add("inbox", MAILS["ann"], read=True)
        self.box.add("sentitems", MAILS["to ann"], read=True)
        self.bob = self.box.add(self.project, MAILS["bob"], read=True)
        put = self.diary.put
        self.planning = put(
            "Planning", at("2026-08-03T10:00"), uid="planning@x", repeat=weekly(count=10),
            attendees=["ann@example.org", "bob@example.org"],
        )  # fmt: skip
        self.standup = put(
            "Standup", at("2026-08-04T09:00"), at("2026-08-04T09:30"), uid="standup@x", repeat=weekly(count=10),
            attendees=["carl@example.org"],
        )  # fmt: skip
        self.review = self._invited("Review", "2026-10-01T13:00", "2026-10-01T14:30", "dora@example.org", "review@x")
        self.board = self._invited("Board", "2026-10-02T15:00", "2026-10-02T16:00", "eve@example.org", "board@x")
        self.party = self._invited("Party", "2026-09-30T18:00", "2026-09-30T20:00", "hal@example.org", "party@x")
        self.call = put("Call", at("2026-09-29T09:00"), uid="call@x", attendees=["fay@example.org"])
        self.lecture = put("Lecture", at("2025-03-10T10:00"), uid="lecture@x", attendees=["gil@example.org"])
        self.early = put("Early", at("2026-09-10T08:00"), uid="early@x", attendees=["ida@example.org"])

    def tuesday(self) -> None:
        """A meeting of a series is moved to another day, another one far back; one is declined."""
        self.diary.change_occurrence(self.planning, "2026-09-07", start=at("2026-09-09T16:00"))
        self.diary.change_occurrence(self.planning, "2026-09-14", start=at("2026-07-07T10:00"))
        self.diary.decline(self.review)

    def wednesday(self) -> None:
        """One of a series is deleted, of which no delta tells; one leaves every window; a folder has another name."""
        self.diary.delete_occurrence(self.planning, "2026-09-28")
        self.diary.decline(self.board)
        self.diary.move_out_of_window(self.call)
        self.box.rename_folder(self.project, "Client")
        self.box.add("sentitems", MAILS["to carl"], read=True)

    def thursday(self) -> None:
        """A series moves as a whole, the past is edited, and the mailbox goes to another server."""
        self.diary.change(self.standup, start=at("2026-08-04T14:00"), end=at("2026-08-04T14:45"))
        self.diary.change(self.lecture, start=at("2025-03-10T10:00"), end=at("2025-03-10T12:30"))
        self.box.move(self.ann, self.project)
        self.world.move_mailbox()

    def friday(self) -> None:
        """What was declined is accepted after all, what was accepted is called off, a meeting goes into the past."""
        self.diary.accept_after_all(self.review)
        self.diary.cancel(self.party)
        self.diary.change(self.early, start=at("2024-05-06T08:00"))
        self.box.add("inbox", MAILS["gil"], read=True)
        self.box.move(self.bob, "inbox")

    def _invited(self, subject: str, start: str, end: str, host: str, uid: str) -> Event:
        guests = [ME, host]
        made = self.diary.put(
            subject, at(start), at(end), uid=uid, organizer=host, attendees=guests, responseStatus=ACCEPTED
        )
        made.body["attendees"] = [{**attendee(one, "accepted"), "status": ACCEPTED} for one in guests]
        return made


def hosted(*others: str) -> list[str]:
    return [f"ORGANIZER:mailto:{ME}", *(f"ATTENDEE:mailto:{one}@example.org" for one in others)]


def invited(host: str) -> list[str]:
    mine = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}"
    return [f"ORGANIZER:mailto:{host}@example.org", mine, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{host}@example.org"]


def berlin(moment: str) -> str:
    return f";TZID=Europe/Berlin:{moment}"


ENDED = [  # what stands in the calendar on Friday evening
    vevent(
        "planning@x", berlin("20260803T100000"), berlin("20260803T110000"), "RRULE:FREQ=WEEKLY;COUNT=10",
        "EXDATE;TZID=Europe/Berlin:20260928T100000", *hosted("ann", "bob"), title="Planning",
    ),
    vevent(
        "planning@x", berlin("20260909T160000"), berlin("20260909T170000"),
        "RECURRENCE-ID;TZID=Europe/Berlin:20260907T100000", *hosted("ann", "bob"), title="Planning",
    ),
    vevent(
        "planning@x", berlin("20260707T100000"), berlin("20260707T110000"),
        "RECURRENCE-ID;TZID=Europe/Berlin:20260914T100000", *hosted("ann", "bob"), title="Planning",
    ),
    vevent(
        "standup@x", berlin("20260804T140000"), berlin("20260804T144500"), "RRULE:FREQ=WEEKLY;COUNT=10",
        *hosted("carl"), title="Standup",
    ),
    vevent("review@x", berlin("20261001T130000"), berlin("20261001T143000"), *invited("dora"), title="Review"),
    vevent("lecture@x", berlin("20250310T100000"), berlin("20250310T123000"), *hosted("gil"), title="Lecture"),
    vevent("early@x", berlin("20240506T080000"), berlin("20240506T090000"), *hosted("ida"), title="Early"),
]  # fmt: skip


def home(folder: Path) -> Home:
    return Home(folder, zone="Europe/Berlin", addresses=(ME,))


def from_files(folder: Path) -> Home:
    made = home(folder)
    made.calendar(*ENDED)
    for name, raw in MAILS.items():
        made.bring(f"{name}.eml", raw.decode())
    return made


def read(graph: Graph, keeper: InMemory, log: Log) -> None:
    clock = graph.world.clock
    account = MicrosoftAccount(client(graph, keeper), WANTED, source="microsoft:work")
    try:
        result = sync(account, log, clock=clock.now, sleep=clock.advance, chance=lambda: 0.5)
    finally:
        account.close()
    assert (result.state, result.error) == ("ok", ""), result


def minutes(made: Home) -> list[dict[str, float]]:
    """By person, by day with its people, and of one's own clock."""
    return [made.minutes("person"), made.minutes("day"), made.minutes("day", measure="clock"), made.minutes("channel")]


@pytest.mark.parametrize("every_day", [True, False])
def test_a_week_in_which_everything_happens(
    graph: Graph,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    every_day: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr("events.log._now_ms", graph.world.clock.millis)  # what is recorded when decides what took place
    week, keeper, made = Week(graph), InMemory(signed_in(graph, *WANTED).secret), home(tmp_path / "graph")
    days: list[Callable[[], None]] = [week.tuesday, week.wednesday, week.thursday, week.friday]
    with open_log(f"sqlite:///{made.folder}/amity.db") as log:
        read(graph, keeper, log)
        for day in days:
            graph.world.clock.advance(DAY)
            day()
            if every_day:
                read(graph, keeper, log)
        read(graph, keeper, log)
        graph.world.clock.advance(DAY)
        read(graph, keeper, log)  # the past is followed once a day
    expected = minutes(from_files(tmp_path / "files"))
    assert sum(expected[0].values()) > 500
    assert minutes(made) == expected


def test_the_week_is_seen_as_it_was_before_it_went_on(graph: Graph, tmp_path: Path) -> None:
    """The comparison can fail: on Tuesday evening it is another week."""
    week, keeper, made = Week(graph), InMemory(signed_in(graph, *WANTED).secret), home(tmp_path / "graph")
    week.tuesday()
    with open_log(f"sqlite:///{made.folder}/amity.db") as log:
        read(graph, keeper, log)
    assert minutes(made) != minutes(from_files(tmp_path / "files"))
