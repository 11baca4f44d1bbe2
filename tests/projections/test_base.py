"""The run around the projections: what it folds, when it builds anew, and what readers see meanwhile."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import projections
from events.envelope import NewEvent, stream_of
from events.log import Log, open_log
from events.vocabulary import Attendee, Mailbox, MeetingMarked, MeetingObserved, MessageObserved, NoteAdded
from projections import base, ledger
from projections.projection import discover
from projections.query import daily_rows, ledger_rows, open_views
from projections.rules import Rules
from tests.projections.test_incremental import dump

RULES = Rules(addresses=("me@x.org",))
NINE = 1_788_253_200_000  # 2026-09-01T09:00Z, a Tuesday
HOUR = 3_600_000
TODAY = 739_860


def meeting(uid: str, start: str, *others: str) -> NewEvent:
    guests = tuple(Attendee(other, "", "accepted") for other in others)
    organizer = Mailbox("me@x.org")
    payload = MeetingObserved(
        source="t", uid=uid, start=start, zone="UTC", seconds=3600, title=uid, organizer=organizer, attendees=guests
    )
    return NewEvent(stream_of(0, uid), 1, NINE, payload)


def mail(number: int, at_ms: int, sender: str, to: str, *references: str, seen: bool = True) -> NewEvent:
    payload = MessageObserved(
        source="t", message_id=f"{number}@x", sent_ms=at_ms, sender=Mailbox(sender), to=(Mailbox(to),),
        subject="Words", words=119, seen=seen, references=references,
    )  # fmt: skip
    return NewEvent(stream_of(at_ms, str(number)), 1, at_ms, payload)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return open_log(f"sqlite:///{tmp_path}/amity.db")


def test_the_present_cuts_its_day(log: Log, tmp_path: Path) -> None:
    """At 09:30 the meeting of nine has taken half an hour; what begins later is a plan, and so is later mail."""
    log.append([
        meeting("a", "2026-09-01T09:00:00", "ana@y.org"),
        meeting("b", "2026-09-01T11:00:00", "bo@y.org"),
        meeting("y", "2026-08-31T11:00:00", "bo@y.org"),
        mail(1, NINE + 3 * HOUR, "ana@y.org", "me@x.org"),
    ])  # fmt: skip
    base.catch_up(log, tmp_path / "views.db", RULES)
    db = open_views(tmp_path / "views.db")
    half = NINE + HOUR // 2
    rows = list(ledger_rows(db, TODAY - 1, TODAY + 1, half, RULES))
    assert [(row.day, row.minutes) for row in rows] == [(TODAY - 1, 60.0), (TODAY, 30.0)]
    sums = dict(daily_rows(db, TODAY - 1, TODAY + 1, half, RULES))
    assert tuple(sums[TODAY])[:2] == (30.0, 0.0)  # type: ignore[arg-type]
    assert sum(row.minutes for row in ledger_rows(db, TODAY, TODAY + 1, NINE + 9 * HOUR, RULES)) > 120
    assert list(ledger_rows(db, TODAY, TODAY + 1, NINE - HOUR * 24, RULES)) == []


def test_an_answer_makes_an_unread_mail_count_from_then_on(log: Log, tmp_path: Path) -> None:
    log.append([
        mail(1, NINE, "ana@y.org", "me@x.org", seen=False),
        mail(2, NINE + 26 * HOUR, "me@x.org", "ana@y.org", "1@x"),
    ])  # fmt: skip
    base.catch_up(log, tmp_path / "views.db", RULES)
    db = open_views(tmp_path / "views.db")
    assert list(ledger_rows(db, TODAY, TODAY + 1, NINE + 25 * HOUR, RULES)) == []
    assert len(list(ledger_rows(db, TODAY, TODAY + 1, NINE + 50 * HOUR, RULES))) == 1


def test_decisions_after_as_of_and_events_after_known_at_are_left_out(log: Log, tmp_path: Path) -> None:
    log.append([meeting("a", "2026-09-01T09:00:00", "ana@y.org")])
    position = log.append(
        [NewEvent(stream_of(0, "d"), None, NINE + 9 * HOUR, MeetingMarked(position=1, word="no-show"))]
    ).last_position
    log.append([NewEvent(stream_of(0, "n"), None, NINE, NoteAdded(addresses=("bo@y.org",), text="call", minutes=15))])

    def minutes(as_of_ms: int | None = None, known_at: int | None = None) -> float:
        base.catch_up(log, tmp_path / "cut.db", RULES, as_of_ms=as_of_ms, known_at=known_at)
        found = sqlite3.connect(tmp_path / "cut.db").execute("SELECT total(minutes) FROM ledger").fetchone()
        return float(found[0])

    assert minutes() == 15
    assert minutes(as_of_ms=NINE + HOUR) == 75
    assert minutes(known_at=position) == 0
    assert minutes(known_at=1) == 60


@pytest.mark.parametrize(
    "other", [Rules(timezone="Asia/Tokyo", addresses=("me@x.org",)), Rules(addresses=("ana@y.org",))]
)
def test_other_rules_build_anew(log: Log, tmp_path: Path, other: Rules) -> None:
    log.append([meeting("a", "2026-09-01T23:30:00", "ana@y.org")])
    base.catch_up(log, tmp_path / "views.db", RULES)
    base.catch_up(log, tmp_path / "views.db", other)
    base.rebuild(log, tmp_path / "built.db", other)
    assert dump(tmp_path / "views.db") == dump(tmp_path / "built.db")


def test_nothing_new_leaves_the_file_alone(log: Log, tmp_path: Path) -> None:
    log.append([meeting("a", "2026-09-01T09:00:00", "ana@y.org")])
    base.catch_up(log, tmp_path / "views.db", RULES)
    before = (tmp_path / "views.db").read_bytes()
    base.catch_up(log, tmp_path / "views.db", RULES)
    assert (tmp_path / "views.db").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"not a database at all"])
def test_a_damaged_file_comes_back(log: Log, tmp_path: Path, damage: bytes) -> None:
    log.append([meeting("a", "2026-09-01T09:00:00", "ana@y.org")])
    (tmp_path / "views.db").write_bytes(damage)
    base.catch_up(log, tmp_path / "views.db", RULES)
    assert len(dump(tmp_path / "views.db")["ledger"]) == 1


def test_a_run_that_breaks_leaves_the_run_before(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash while settling: neither tables nor checkpoint have moved, and the next run does all of it."""
    log.append([meeting("a", "2026-09-01T09:00:00", "ana@y.org")])
    base.catch_up(log, tmp_path / "views.db", RULES)
    before = dump(tmp_path / "views.db")
    log.append([meeting("b", "2026-09-02T09:00:00", "ana@y.org")])

    def broken(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger.Ledger, "settle", broken)
        with pytest.raises(KeyboardInterrupt):
            base.catch_up(log, tmp_path / "views.db", RULES)
        assert dump(tmp_path / "views.db") == before
        with pytest.raises(KeyboardInterrupt):
            base.rebuild(log, tmp_path / "views.db", RULES)
        assert dump(tmp_path / "views.db") == before
    base.catch_up(log, tmp_path / "views.db", RULES)
    assert len(dump(tmp_path / "views.db")["ledger"]) == 2


def test_every_projection_is_found_after_those_it_needs() -> None:
    found = [projection.name for projection in discover()]
    assert len(found) == len(set(found)) >= 12
    for projection in discover():
        assert all(found.index(name) < found.index(projection.name) for name in projection.after)


def test_no_projection_of_the_folder_is_overlooked() -> None:
    modules = [importlib.import_module(f"projections.{one.name}") for one in pkgutil.iter_modules(projections.__path__)]
    declared = {module.PROJECTION for module in modules if hasattr(module, "PROJECTION")}
    assert declared == set(discover())


def write_some(log: Log) -> None:
    for number in range(40):
        at_ms = NINE + number * HOUR
        log.append([
            meeting(f"m{number}", f"2026-09-0{1 + number % 9}T1{number % 7}:00:00", "ana@y.org"),
            mail(2 * number, at_ms, "ana@y.org", "me@x.org"),
            mail(2 * number + 1, at_ms + HOUR // 3, "me@x.org", "ana@y.org", f"{2 * number}@x"),
        ])  # fmt: skip


def test_views_that_grew_beside_the_log_are_those_built_from_it(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "STEP", 7)
    with base.Following(log, tmp_path / "views.db", RULES) as views:
        for position in (0, 3, 3, 60):
            while log.head() < position:
                write_some(log)
            views.step(log.head())
        write_some(log)
        views.finish()
    base.rebuild(log, tmp_path / "again.db", RULES)
    assert dump(tmp_path / "views.db") == dump(tmp_path / "again.db")
    assert sorted(path.name for path in tmp_path.glob("views.db-*")) == ["views.db-first-lock", "views.db-lock"]


def test_what_is_noted_of_views_is_there_as_soon_as_they_are(log: Log, tmp_path: Path) -> None:
    def noted() -> str:
        with closing(sqlite3.connect(tmp_path / "views.db")) as views:
            return str(views.execute("SELECT value FROM meta WHERE key = 'test.head'").fetchone()[0])

    with base.Following(log, tmp_path / "views.db", RULES) as one:
        write_some(log)
        with base.Following(log, tmp_path / "views.db", RULES) as other:
            other.finish(notes=lambda head: [("test.head", f"the other's {head}")])
        assert noted() == f"the other's {log.head()}"
        write_some(log)
        one.finish(notes=lambda head: [("test.head", str(head))])
    assert noted() == str(log.head())


def test_views_that_were_not_finished_are_thrown_away(log: Log, tmp_path: Path) -> None:
    write_some(log)
    with base.Following(log, tmp_path / "views.db", RULES) as views:
        views.step(log.head())
    assert not list(tmp_path.glob("views.db-first"))
    assert not (tmp_path / "views.db").exists()


def test_of_two_that_follow_one_builds_and_the_other_catches_up(log: Log, tmp_path: Path) -> None:
    with base.Following(log, tmp_path / "views.db", RULES) as one:
        write_some(log)
        with base.Following(log, tmp_path / "views.db", RULES) as other:
            other.step(log.head())
            other.finish()
        found = dump(tmp_path / "views.db")
        one.finish()
    assert dump(tmp_path / "views.db") == found
