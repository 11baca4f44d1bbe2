"""Read models grown event by event are those built at once, byte for byte, whatever came in whatever order."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import codec
from events.envelope import NewEvent, revision_of, stream_of
from events.log import open_log
from events.vocabulary import (
    Attendee,
    ContactObserved,
    ContactWithdrawn,
    DecisionUndone,
    Mailbox,
    MeetingMarked,
    MeetingObserved,
    MeetingWithdrawn,
    MessageObserved,
    NoteAdded,
    Payload,
    PeopleMerged,
    PeopleSplit,
    PersonPlaced,
    SyncCompleted,
)  # fmt: skip
from projections import base
from projections.rules import Goal, Rules

ME = ("me@x.org", "me@corp.com")
OTHERS = ("ana@y.org", "ana.ruiz@home.net", "bo@y.org", "cy@z.org", "dev@lists.org", "room1@x.org", "no-reply@shop.com")
NAMES = ("", "Ana Ruiz", "Bo Lind", "Cy Young")
START = 1_788_256_800_000  # 2026-09-01T10:00Z
HOUR = 3_600_000
RULES = Rules(
    timezone="Europe/Helsinki",
    addresses=ME,
    goals=(
        Goal("launch", weight=0.6, match=("launch", "label:v2"), people={"ana@y.org": 1.0}),
        Goal("growth", match=("deep work",), solo=True),
    ),
)
boxes = st.builds(Mailbox, st.sampled_from(OTHERS + ME), st.sampled_from(NAMES))
instants = st.integers(0, 12 * 24).map(lambda quarter: START + quarter * HOUR // 4 + 7 * HOUR)
identifiers = st.sampled_from([f"{i}@x" for i in range(8)])
mails = st.builds(
    MessageObserved,
    source=st.sampled_from(["files:a", "files:b"]),
    message_id=st.one_of(st.just(""), identifiers),
    sent_ms=st.one_of(st.none(), instants, instants, instants),
    sender=st.one_of(boxes, st.just(Mailbox(ME[0]))),
    actor=st.one_of(st.none(), st.none(), boxes),
    reply_to=st.lists(boxes, max_size=1).map(tuple),
    to=st.lists(boxes, min_size=1, max_size=3).map(tuple),
    cc=st.lists(boxes, max_size=2).map(tuple),
    unlisted=st.sampled_from([0, 0, 0, 20]),
    subject=st.sampled_from(["Launch", "Re: Launch", "Re: Words", "Words", "Fwd: Words", "", "Deep work"]),
    references=st.lists(identifiers, max_size=2).map(tuple),
    words=st.integers(0, 400),
    body=st.sampled_from(["", "aa", "bb"]),
    kind=st.sampled_from(["", "", "", "list", "bulk", "automatic", "out_of_office"]),
    list_id=st.sampled_from(["", "dev.lists.org", "Dev <Dev.lists.org>"]),
    seen=st.sampled_from([None, True, False]),
    box=st.sampled_from(["", "inbox", "sent", "trash", "spam", "draft"]),
    labels=st.sampled_from([(), (), ("v2",)]),
    asks=st.booleans(),
)
guests = st.builds(
    Attendee,
    st.sampled_from(OTHERS + ME),
    st.sampled_from(NAMES),
    st.sampled_from(["accepted", "declined", "needs-action", "tentative", ""]),
    st.sampled_from(["", "", "", "room", "group"]),
)
days = st.integers(1, 12).map(lambda day: f"2026-09-{day:02d}")
hours = st.sampled_from(["T08:00:00", "T09:00:00", "T09:30:00", "T23:30:00"])
meetings = st.builds(
    lambda day, hour, **more: MeetingObserved(start=day + hour, **more),
    days,
    hours,
    source=st.sampled_from(["files:a", "files:b", "caldav:work", "ics:team"]),
    uid=st.sampled_from(["u1", "u2", "u3"]),
    instance=st.sampled_from(["", "", "", "2026-09-02T09:00:00"]),
    instance_zone=st.just("Europe/Helsinki"),
    zone=st.sampled_from(["Europe/Helsinki", "UTC"]),
    seconds=st.sampled_from([0, 1800, 3600, 5400, 9 * 3600]),
    rules=st.sampled_from([(), (), ("FREQ=DAILY;COUNT=4",), ("FREQ=WEEKLY",)]),
    title=st.sampled_from(["Launch", "Talk", "Deep work", "Busy"]),
    status=st.sampled_from(["", "", "confirmed", "tentative", "cancelled"]),
    busy=st.sampled_from(["", "", "", "free", "oof"]),
    organizer=st.one_of(st.none(), boxes, st.just(Mailbox(ME[0]))),
    attendees=st.lists(guests, max_size=4, unique_by=lambda guest: guest.address).map(tuple),
    hidden=st.sampled_from([False, False, False, True]),
    kind=st.sampled_from(["", "", "", "focus", "out_of_office"]),
    sequence=st.integers(0, 2),
)
addresses = st.lists(st.sampled_from(OTHERS), min_size=1, max_size=2, unique=True).map(tuple)
positions = st.integers(1, 12)
others = st.one_of(
    st.builds(ContactObserved, source=st.sampled_from(["files:c", "carddav:home", "carddav:work"]),
              uid=st.sampled_from(["c1", "c2"]), name=st.sampled_from(NAMES[1:]), addresses=addresses,
              labels=st.sampled_from([(), ("Family",)])),
    st.builds(ContactWithdrawn, source=st.sampled_from(["carddav:home", "carddav:work"]),
              uid=st.sampled_from(["c1", "c2"])),
    st.builds(MeetingWithdrawn, source=st.sampled_from(["files:a", "caldav:work", "ics:team"]),
              uid=st.sampled_from(["u1", "u2"]), instance=st.sampled_from(["", "2026-09-02T09:00:00"]),
              instance_zone=st.just("Europe/Helsinki")),
    st.builds(MeetingMarked, position=positions,
              word=st.sampled_from(["attended", "no-show", "ignore", "goal=launch", "goal=growth"])),
    st.builds(NoteAdded, addresses=addresses, text=st.just("coffee"), minutes=st.sampled_from([0.0, 30.0])),
    st.builds(PersonPlaced, addresses=addresses, place=st.sampled_from(["goal", "goal", "own-sake", "max"]),
              goal=st.just("launch"), max_minutes_week=st.just(60.0)),
    st.builds(PeopleMerged, first=addresses, second=addresses),
    st.builds(PeopleSplit, address=st.sampled_from(OTHERS), others=addresses),
    st.builds(DecisionUndone, position=positions),
    st.builds(SyncCompleted, source=st.just("files:a"), seen=st.integers(0, 9)),
)  # fmt: skip
payloads = st.one_of(mails, mails, meetings, meetings, others)


def event(payload: Payload, number: int) -> NewEvent:
    """What an importer would append; the stream of a mail is its text, so that some are seen twice."""
    if isinstance(payload, MessageObserved):
        sender = payload.sender.address if payload.sender else ""
        stream = stream_of(payload.sent_ms, "message", sender, payload.subject, str(payload.words % 7))
    elif isinstance(payload, MeetingObserved | MeetingWithdrawn):
        stream = stream_of(0, "meeting", payload.uid, payload.instance)
    elif isinstance(payload, ContactObserved | ContactWithdrawn):
        stream = stream_of(0, "contact", payload.uid)
    else:
        stream = stream_of(0, "decision", str(number))
    return NewEvent(stream, revision_of(codec.encode(payload)), START + number * HOUR, payload)


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in the order in which the file has them."""
    with closing(sqlite3.connect(path)) as db:
        names = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return {name: db.execute(f"SELECT * FROM {name}").fetchall() for name, _ in names.fetchall()}


def grown(folder: Path, runs: Sequence[Sequence[Payload]], rules: Rules = RULES) -> tuple[Path, Path]:
    """Views grown run by run, and views built at once from the same log."""
    log = open_log(f"sqlite:///{folder}/amity.db")
    base.catch_up(log, folder / "grown.db", rules)
    number = 0
    for run in runs:
        new = [event(payload, number + at) for at, payload in enumerate(run)]
        number += len(run)
        log.append(new, recorded_ms=START + number * 12 * HOUR)
        base.catch_up(log, folder / "grown.db", rules)
    base.rebuild(log, folder / "built.db", rules)
    log.close()
    return folder / "grown.db", folder / "built.db"


def assert_same(first: Path, second: Path) -> None:
    left, right = dump(first), dump(second)
    assert left.keys() == right.keys()
    for table in left:
        assert left[table] == right[table], table


@settings(max_examples=120)
@given(st.lists(st.lists(payloads, min_size=1, max_size=5), min_size=1, max_size=6))
def test_grown_is_built(runs: list[list[Payload]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert_same(*grown(Path(folder), runs))


@settings(max_examples=40)
@given(st.lists(payloads, min_size=3, max_size=20), st.integers(1, 4))
def test_batches_do_not_matter(events: list[Payload], size: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        first, _ = grown(folder, [events])
        patch.setattr(base, "BATCH", size)
        log = open_log(f"sqlite:///{folder}/amity.db")
        base.rebuild(log, folder / "small.db", RULES)
        log.close()
        assert_same(first, folder / "small.db")


@settings(max_examples=60)
@given(st.lists(st.lists(payloads, min_size=1, max_size=5), min_size=1, max_size=5))
def test_the_parts_add_up(runs: list[list[Payload]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, _ = grown(Path(folder), runs)
        assert dump(path)["trouble"] == []
