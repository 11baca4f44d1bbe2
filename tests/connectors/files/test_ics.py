"""Calendar files: every real one, damaged copies, hostile ones; and the occurrences that two engines agree on."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from connectors.files import ics
from connectors.files.ics import read
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent
from events.vocabulary import MeetingObserved
from projections.recurrence import Expansion, Occurrence, expand
from tests.cliffs import no_cliff

ITEMS = (b"BEGIN:VEVENT", b"BEGIN:VTODO", b"BEGIN:VJOURNAL", b"BEGIN:VFREEBUSY", b"BEGIN:VAVAILABILITY")


def read_bytes(data: bytes, where: str = "a.ics") -> list[Item]:
    return list(read(io.BytesIO(data), source="files:test", where=where))


def meetings(items: Iterable[Item]) -> list[MeetingObserved]:
    return [cast("MeetingObserved", item.payload) for item in items if isinstance(item, NewEvent)]


def expansions(items: Iterable[Item], until: datetime) -> Iterator[Expansion]:
    by_uid: dict[str, list[MeetingObserved]] = defaultdict(list)
    for meeting in meetings(items):
        by_uid[meeting.uid].append(meeting)
    for entries in by_uid.values():
        yield expand(entries, floating=UTC, until_ms=int(until.timestamp() * 1000))


def as_listed(at: Occurrence, since: datetime, until: datetime) -> tuple[str, str, int] | None:
    """[UID, start, seconds] as the expectations have it; None outside the window of local dates."""
    zone = UTC if at.payload.zone in {"", "custom", "UTC"} else ZoneInfo(at.payload.zone)
    start, end = (datetime.fromtimestamp(ms / 1000, zone) for ms in (at.start_ms, at.end_ms))
    local_start, local_end = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
    if local_start >= until or not (local_end > since or local_start == local_end >= since):
        return None
    form = "%Y%m%d" if at.all_day else "%Y%m%dT%H%M%S" if not at.payload.zone else "%Y%m%dT%H%M%SZ"
    uid = "" if at.payload.uid.startswith("no-uid:") else at.payload.uid
    return uid, start.astimezone(UTC).strftime(form), (at.end_ms - at.start_ms) // 1000


def test_the_occurrences_that_two_engines_agree_on(shared_data: Path) -> None:
    """All 5,927 occurrences of 101 calendars with their lengths, and none beside them: there is nothing to explain.

    How that came about, where the engines surprise: a date as UNTIL of a timed rule means its midnight; a rule that
    ended before its start leaves nothing, not even the start; a changed instance of an earlier SEQUENCE than that of a
    series that no longer has it is gone.
    """
    agreed = json.loads((shared_data / "ics" / "expected_occurrences.json").read_text())["agreed"]
    found: Counter[tuple[str, str, str, int]] = Counter()
    expected: Counter[tuple[str, str, str, int]] = Counter()
    for name, case in agreed.items():
        since, until = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in case["window"])
        items = read_bytes((shared_data / "ics" / name).read_bytes(), name)
        expected.update((name, *occurrence) for occurrence in case["occurrences"])
        for expansion in expansions(items, until + timedelta(2)):
            listed = (as_listed(at, since, until) for at in expansion.occurrences)
            found.update((name, *at) for at in listed if at)
    assert sum(expected.values()) == 5927
    assert (expected - found, found - expected) == (Counter(), Counter())


def calendars(shared_data: Path) -> list[Path]:
    paths = sorted(path for path in (shared_data / "ics").rglob("*") if path.suffix in {".ics", ".txt"})
    assert len(paths) > 240
    return paths


def test_every_component_of_every_real_file_is_accounted_for(shared_data: Path) -> None:
    count: Counter[str] = Counter()
    for path in calendars(shared_data):
        data = path.read_bytes()
        begun = Counter(line.strip().upper() for line in data.replace(b"\r", b"\n").split(b"\n"))
        items = read_bytes(data, path.name)
        assert len(items) == sum(begun[mark] for mark in ITEMS), path.name
        count.update(type(item).__name__ for item in items)
        for problem in (item for item in items if isinstance(item, Problem)):
            file, _, line = problem.where.rpartition(":")
            assert file == path.name
            assert data.replace(b"\r\n", b"\n").split(b"\n")[int(line) - 1].upper().startswith(b"BEGIN:VEVENT")
            assert "DTSTART" in problem.why
    assert count == {"NewEvent": 1334, "Problem": 73, "Skipped": 43}


def damaged(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        line = lines[at]
        cut = chance.randrange(len(line) + 1)
        lines[at] = chance.choice([
            b"", line * 2, line[:cut], line[:cut] + bytes([chance.randrange(256)]) + line[cut:], lines[other],
            line.replace(b"20", b"99"), line.replace(b":", b";"), line.replace(b"0", b""), line.upper().lower(),
        ])  # fmt: skip
    return b"".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_copies_crash_nothing_and_cost_only_what_is_damaged(shared_data: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  repeatable damage
    until = datetime(2029, 1, 1, tzinfo=UTC)
    for path in calendars(shared_data):
        data = path.read_bytes()
        if not data or len(data) > 60_000:
            continue
        items = read_bytes(damaged(data, chance), path.name)
        assert len(items) >= len(read_bytes(data)) - 8
        for expansion in expansions(items, until):
            assert all(at.end_ms >= at.start_ms for at in expansion.occurrences)


@pytest.mark.parametrize(
    ("name", "entries", "days"), [("white-s.ics", 635, 26), ("white-s.with-repeat-parents.ics", 662, 27)]
)
def test_a_real_calendar_of_two_years(shared_data: Path, name: str, entries: int, days: int) -> None:
    items = read_bytes((shared_data / "email-enron-owners" / "calendar" / name).read_bytes())
    assert len(meetings(items)) == len(items) == entries
    found = [meeting for meeting in meetings(items) if meeting.days]
    assert len(found) == days


def test_the_minutes_of_a_real_calendar(shared_data: Path) -> None:
    items = read_bytes((shared_data / "email-enron-owners" / "calendar" / "white-s.ics").read_bytes())
    found = [at for one in expansions(items, datetime(2029, 1, 1, tzinfo=UTC)) for at in one.occurrences]
    assert sum(at.end_ms - at.start_ms for at in found if not at.all_day) == 49_742 * 60_000


def calendar(*entries: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\n{head}{''.join(entries)}END:VCALENDAR\r\n".encode()


def vevent(uid: str, *lines: str) -> str:
    texts = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTART:20260901T100000Z", *lines, "END:VEVENT"]
    return "".join(f"{text}\r\n" for text in texts)


def test_a_broken_entry_leaves_its_neighbours() -> None:
    broken = vevent("b").replace("END:VEVENT\r\n", "")
    items = read_bytes(calendar(vevent("a"), broken, vevent("c"), "BEGIN:VTODO\r\nEND:VTODO\r\n"))
    assert [meeting.uid for meeting in meetings(items)] == ["a", "c"]
    assert items[1] == Problem("a.ics:6", "this calendar entry cannot be read: its END is missing; export it again")
    assert items[3] == Skipped("not_a_meeting")


def test_answers_are_no_meetings() -> None:
    assert read_bytes(calendar(vevent("a"), head="METHOD:REPLY\r\n")) == [Skipped("reply")]


def test_the_name_of_a_calendar_may_be_folded_and_else_is_the_files() -> None:
    (named,) = meetings(read_bytes(calendar(vevent("a"), head="X-WR-CALNAME:Pro\r\n duct\r\n")))
    (other,) = meetings(read_bytes(calendar(vevent("a")), "/home/ana/Work.ics"))
    assert (named.calendar, other.calendar) == ("Product", "Work")


def test_a_file_under_another_name_says_nothing_new() -> None:
    revisions = {
        item.revision for name in ("a.ics", "b.ics") for item in read_bytes(calendar(vevent("a")), name)
        if isinstance(item, NewEvent)
    }  # fmt: skip
    assert len(revisions) == 1


def test_a_zone_may_be_defined_behind_its_entries() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Office\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    entry = vevent("a").replace("DTSTART:20260901T100000Z", "DTSTART;TZID=Office:20260901T100000")
    for order in ((zone, entry), (entry, zone)):
        (meeting,) = meetings(read_bytes(calendar(*order)))
        assert (meeting.zone, [minutes for _, minutes in meeting.offsets]) == ("custom", [180])
    (unknown,) = meetings(read_bytes(calendar(entry)))
    assert unknown.zone == ""


def test_entries_that_wait_for_a_zone_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics, "DEFERRED_BYTES", 200)
    entries = [vevent(f"u{i}").replace("DTSTART:", "DTSTART;TZID=Nowhere:").replace("0Z", "0") for i in range(9)]
    assert sorted(meeting.uid for meeting in meetings(read_bytes(calendar(*entries)))) == [f"u{i}" for i in range(9)]


class Endless(io.RawIOBase):
    """A calendar that is made while it is read."""

    def __init__(self, entries: int) -> None:
        texts = (vevent(f"u{i}", f"SUMMARY:Meeting {i}", "DTEND:20260901T110000Z") for i in range(entries))
        self._chunks = (text.encode() for text in texts)

    def read(self, _size: int = -1, /) -> bytes:
        return b"".join(islice(self._chunks, 500))


def peak_of(entries: int) -> int:
    stream = cast("io.BufferedReader", Endless(entries))
    tracemalloc.start()
    assert sum(1 for _ in read(stream, source="files:test", where="a.ics")) == entries
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_file() -> None:
    """H10 in small, since tracing is slow: nothing of an entry stays."""
    assert peak_of(500) < 4 << 20
    assert peak_of(4000) < 4 << 20


@pytest.mark.parametrize(
    "lines",
    [
        ["ATTENDEE:mailto:p@x.org"] * 200_000,
        ["RDATE:" + ",".join(["20260901T100000Z"] * 3000)] * 20,
        ["RRULE:FREQ=SECONDLY"] * 5000,
        ["SUMMARY:" + "x" * 3_000_000],
        ["SUMMARY:a", *[" b"] * 300_000],
        ["X" + ";A=B" * 15_000 + ":v"] * 30,
        ["BEGIN:VALARM"] * 10_000,
        ["CATEGORIES:" + "a," * 30_000] * 30,
        ["EXDATE;TZID=Europe/Berlin:" + "20260901T100000," * 4000] * 20,
        ['ORGANIZER;CN="' + "x" * 60_000 + '":mailto:' + "a" * 60_000],
        ["DTSTART:" + "9" * 60_000, "DURATION:P" + "9" * 60_000 + "D", "SEQUENCE:" + "9" * 60_000],
    ],
)  # fmt: skip
def test_no_entry_takes_long(lines: list[str]) -> None:
    data = calendar(vevent("hostile", *lines), vevent("neighbour"))
    with no_cliff():
        items = read_bytes(data)
    assert meetings(items)[-1].uid == "neighbour"
