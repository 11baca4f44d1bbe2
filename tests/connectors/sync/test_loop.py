"""The loop by examples: what it does when a source throttles, signs us out, loops, empties, or breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import CursorExpired, Refused, SignInNeeded, StreamEnded, TryLater
from connectors.files.unchanged import READERS
from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync import fold, known, lease
from connectors.sync import stream as stream_run
from connectors.sync.loop import sync
from connectors.sync.port import Held, Kind, Page, Position, Stream
from connectors.sync.progress import SyncProgress
from connectors.sync.result import SyncResult
from events import held, leases, positions
from events.codec import decode
from events.log import Log, open_log
from events.transfer import export_log, restore_log
from events.vocabulary import SyncCompleted, SyncFailed
from tests.contracts.living import facts, living

START = 1_800_000_000.0
SOURCE = "memory:test"


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []
        self.deadly = False

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.deadly:
            raise KeyboardInterrupt
        self.slept.append(seconds)
        self.now += seconds


class Home:
    """A log, a server with an inbox and a calendar, and a clock."""

    def __init__(self, log: Log) -> None:
        self.log, self.time, self.server = log, Time(), MemoryServer()
        self.server.make("inbox", Kind.MAIL)
        self.server.make("work", Kind.CALENDAR)

    def fill(self, box: str, many: int) -> list[str]:
        return [self.server.put(box, Entry(f"{box}-{number}", "one")) for number in range(many)]

    def sync(self, *, full: bool = False, progress: Callable[[SyncProgress], None] | None = None) -> SyncResult:
        return sync(
            MemoryConnector(self.server), self.log, full=full, progress=progress,
            clock=self.time, sleep=self.time.sleep, chance=lambda: 0.5,
        )  # fmt: skip

    def fail(self, request: int, error: Exception, times: int = 1) -> None:
        """Raise at the request with this number from now on (0: `streams`), so many times."""
        first = self.server.requests + 1 + request

        def raising(_: str) -> None:
            if first <= self.server.requests < first + times:
                raise error

        self.server.on_request = raising


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/amity.db") as log:
        yield log


@pytest.fixture
def home(log: Log) -> Home:
    return Home(log)


def states(result: SyncResult) -> dict[str, str]:
    return {one.stream: one.state for one in result.streams}


def test_every_run_is_a_fact_with_its_account(home: Home) -> None:
    home.fill("inbox", 4)
    home.server.put("inbox", Entry("draft", "one", skip="draft"))
    home.server.put("inbox", Entry("bad", "one", broken=True))
    home.sync()
    runs = [decode(one.type, one.data) for page in home.log.read() for one in page if one.type == SyncCompleted.wire]
    assert runs == [
        SyncCompleted(source="memory:test", stream="inbox", seen=6, stored=4, skipped={"draft": 1}, problems=1),
        SyncCompleted(source="memory:test", stream="work"),
    ]


def told(home: Home) -> list[object]:
    return [decode(one.type, one.data) for page in home.log.read() for one in page if one.type.startswith("sync.")]


def test_a_run_without_news_is_told_once_an_hour(home: Home) -> None:
    home.fill("inbox", 4)
    home.sync()
    known = told(home)
    home.sync()
    well = SyncCompleted(source="memory:test")
    assert told(home) == [*known, well]
    for _ in range(11):
        home.time.now += 300
        home.sync()
    assert told(home) == [*known, well]
    home.time.now += 300
    home.sync()
    assert told(home) == [*known, well, well]
    home.fill("inbox", 1)
    home.sync()
    assert told(home)[-1] == SyncCompleted(source="memory:test", stream="inbox", seen=1, duplicates=1)


def test_a_failure_that_goes_on_is_told_once_an_hour_and_its_end_at_once(home: Home) -> None:
    home.sync()
    known = len(told(home))
    home.fail(0, Refused("The door is shut"), times=14)
    for _ in range(13):
        home.sync()
        home.time.now += 300
    assert [type(one) for one in told(home)[known:]] == [SyncFailed, SyncFailed]
    home.server.on_request = lambda _: None
    home.sync()
    assert told(home)[known + 2 :] == [SyncCompleted(source="memory:test")]


def test_a_second_look_that_fails_withdraws_nothing(home: Home) -> None:
    first, *_ = home.fill("inbox", 4)
    home.sync()
    before = living(home.log, SOURCE)
    home.server.remove("inbox", first)
    home.fail(3, Refused("The door is shut"), times=99)
    assert home.sync().state == "failed"
    assert living(home.log, SOURCE) == before
    home.server.on_request = lambda _: None
    home.sync()
    assert len(living(home.log, SOURCE)) == len(before) - 1


def test_a_short_pause_is_kept_within_the_run(home: Home) -> None:
    home.fill("inbox", 4)
    home.fail(1, TryLater("The server is busy", 20))
    result = home.sync()
    assert (result.state, result.stored) == ("ok", 4)
    assert home.time.slept[0] >= 20


def test_a_long_pause_stops_the_account_and_is_remembered(home: Home) -> None:
    home.fill("inbox", 4)
    home.fail(1, TryLater("The server is busy", 3600))
    result = home.sync()
    assert result.state == "waiting"
    assert result.not_before_ms == (START + 3600) * 1000
    assert states(result) == {"inbox": "waiting", "work": "waiting"}
    asked = home.server.requests
    again = home.sync()
    assert (again.state, home.server.requests) == ("waiting", asked)
    assert "2027-01-15 09:00 UTC" in again.error
    home.time.now += 3600
    assert home.sync().state == "ok"


def test_a_limit_of_the_whole_project_holds_its_other_accounts_back_and_no_stranger(home: Home) -> None:
    home.fail(1, TryLater("The project's quota is used up", 3600, everyone=True))
    tools: dict[str, Any] = {"clock": home.time, "sleep": home.time.sleep, "chance": lambda: 0.5}

    def another(name: str, budget: str) -> SyncResult:
        connector = MemoryConnector(home.server, name)
        connector.source = f"memory:{name}"
        return sync(connector, home.log, budget=budget, **tools)

    assert another("first", "budget:one").state == "waiting"
    asked = home.server.requests
    second = another("second", "budget:one")
    assert (second.state, second.not_before_ms, home.server.requests) == ("waiting", (START + 3600) * 1000, asked)
    assert second.error.startswith("the provider of memory:second asked to be left alone until 2027-01-15 09:00")
    assert another("third", "budget:two").state == "ok"
    assert another("fourth", "").state == "ok"
    home.time.now += 3600
    assert another("second", "budget:one").state == "ok"


def test_a_limit_of_one_account_is_its_own(home: Home) -> None:
    home.fail(1, TryLater("You ask too often", 3600))
    tools: dict[str, Any] = {"clock": home.time, "sleep": home.time.sleep, "budget": "budget:one"}
    assert sync(MemoryConnector(home.server, "test"), home.log, **tools).state == "waiting"
    other = MemoryConnector(home.server, "other")
    other.source = "memory:other"
    assert sync(other, home.log, **tools).state == "ok"


def test_whoever_is_killed_in_a_pause_asks_no_earlier_the_next_time(home: Home) -> None:
    home.fail(0, TryLater("The server is busy", 50))
    home.time.deadly = True
    with pytest.raises(KeyboardInterrupt):
        home.sync()
    home.time.deadly = False
    home.sync()
    assert home.time.slept == [50]


def test_a_source_that_stays_away_fails_the_stream_and_the_next_goes_on(home: Home) -> None:
    home.fill("work", 2)
    home.fail(1, TryLater("The server does not answer"), times=6)
    result = home.sync()
    assert states(result) == {"inbox": "failed", "work": "ok"}
    assert result.state == "failed"
    assert result.streams[0].error == "The server does not answer; sync again later."
    assert len(home.time.slept) == 5


def test_signed_out_stops_the_account_in_a_state_of_its_own(home: Home) -> None:
    home.fail(1, SignInNeeded("memory:test refuses the password; connect it again."))
    result = home.sync()
    assert (result.state, result.error) == ("needs_sign_in", "memory:test refuses the password; connect it again.")
    assert home.server.requests == 2
    with home.log.reading() as connection:
        assert positions.account(connection, "me", "memory:test").state == "needs_sign_in"
    failed = [one for page in home.log.read() for one in page if one.type == SyncFailed.wire]
    assert len(failed) == 1


def test_refused_stops_the_account(home: Home) -> None:
    home.fail(0, Refused("This server is none of ours."))
    assert home.sync().state == "failed"
    assert home.server.requests == 1


def test_a_mistake_of_a_connector_costs_one_stream_and_quotes_nothing(home: Home) -> None:
    home.fill("work", 1)
    home.fail(1, ValueError("https://user:secret@example.org"))
    result = home.sync()
    assert states(result) == {"inbox": "failed", "work": "ok"}
    assert "secret" not in result.streams[0].error
    assert "ValueError" in result.streams[0].error


def test_a_cursor_that_expires_again_and_again_fails_in_a_sentence(home: Home) -> None:
    home.fill("inbox", 9)
    home.sync()
    home.fail(1, CursorExpired("The server forgot where we were."), times=2)
    result = home.sync()
    assert "for a full listing too" in result.streams[0].error
    assert states(result)["work"] == "ok"


def test_a_rejected_page_begins_the_run_again_from_its_cursor(home: Home) -> None:
    home.fill("inbox", 3)
    home.sync()
    home.fill("inbox", 9)
    home.fail(2, CursorExpired("This page is too old."))
    result = home.sync()
    assert result.state == "ok"
    assert result.seen == 3 + 9, "a page of changes, then all changes; a listing would have shown 12"


class Scripted(MemoryConnector):
    """Pages with nothing on them, in the states that are given."""

    def __init__(self, server: MemoryServer, states: Iterable[str]) -> None:
        super().__init__(server)
        self._states = states

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:  # noqa: ARG002  whatever is asked
        return (Page((), state=state) for state in self._states)


def test_the_same_page_twice_ends_the_stream(home: Home) -> None:
    for _ in range(2):
        result = sync(Scripted(home.server, "aba"), home.log)
        assert "the same page came twice" in result.streams[0].error


def test_endless_pages_of_nothing_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_run, "EMPTY_PAGES", 30)
    result = sync(Scripted(home.server, map(str, count())), home.log)
    assert "empty pages" in result.streams[0].error


def test_empty_pages_with_more_behind_them_are_normal(home: Home) -> None:
    class Sparse(MemoryConnector):
        def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
            for number in range(int(at.state or 0), 5):
                yield Page((), state=str(number + 1))
            yield from super().pull(stream, Position(at.cursor), held)

    home.fill("inbox", 2)
    assert sync(Sparse(home.server), home.log).stored == 2


def test_a_list_that_stops_is_resumed(home: Home) -> None:
    class Stopping(MemoryConnector):
        def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
            yield next(super().pull(stream, at, held))

    home.fill("inbox", 9)
    result = sync(Stopping(home.server), home.log, clock=home.time, sleep=home.time.sleep)
    assert (result.state, result.stored) == ("ok", 9)


def test_sudden_emptiness_is_believed_the_second_time(home: Home) -> None:
    items = home.fill("inbox", 5)
    home.sync()
    for item in items:
        home.server.remove("inbox", item)
    first = home.sync()
    assert (first.withdrawn, first.state) == (0, "ok")
    assert first.streams[0].warning.startswith("5 of 5 entries of 'Inbox' are suddenly gone")
    assert len(living(home.log, "memory:test")) == 5
    second = home.sync()
    assert (second.withdrawn, second.streams[0].warning) == (5, "")
    assert living(home.log, "memory:test") == {}


def test_a_server_that_was_empty_by_mistake_costs_nothing(home: Home) -> None:
    home.fill("inbox", 20)
    home.sync()
    before = facts(home.log)
    entries, home.server.boxes["inbox"].entries = home.server.boxes["inbox"].entries, {}
    home.server.expire("inbox")
    assert home.sync().streams[0].warning
    home.server.boxes["inbox"].entries = entries
    home.server.expire("inbox")
    result = home.sync()
    assert (facts(home.log), result.withdrawn, result.streams[0].warning) == (before, 0, "")


def test_while_one_stream_is_doubted_nothing_of_the_account_is_withdrawn(home: Home) -> None:
    home.server.make("home", Kind.CALENDAR)
    items = home.fill("work", 4)
    home.fill("home", 5)
    home.sync()
    home.server.put("home", home.server.remove("work", items[0]))
    entries, home.server.boxes["home"].entries = home.server.boxes["home"].entries, {}
    home.server.expire("home")
    assert home.sync().withdrawn == 0, "it went to where nothing is shown"
    home.server.boxes["home"].entries = entries
    home.server.expire("home")
    assert home.sync().withdrawn == 0
    assert len(living(home.log, "memory:test")) == 9


def test_less_than_half_is_doubted_and_a_handful_is_not(home: Home) -> None:
    items = home.fill("inbox", 12)
    home.sync()
    for item in items[:5]:
        home.server.remove("inbox", item)
    assert home.sync().withdrawn == 5
    for item in items[5:9]:
        home.server.remove("inbox", item)
    assert home.sync().withdrawn == 4


def test_a_stream_that_ends_is_withdrawn_by_a_second_run_only(home: Home) -> None:
    home.fill("work", 1)
    home.fill("inbox", 4)
    home.sync()
    box = home.server.boxes["work"]

    class Unshared(MemoryConnector):
        def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
            if stream.name == "work":
                raise StreamEnded("memory:test, 'Work': it is no longer shared with you.")
            return super().pull(stream, at, held)

    first = sync(Unshared(home.server), home.log)
    assert (states(first)["work"], first.withdrawn) == ("ended", 0)
    assert sync(Unshared(home.server), home.log).withdrawn == 1
    home.server.boxes["work"] = box
    assert home.sync().stored == 1, "shared again, it is told again"


def test_nothing_is_withdrawn_while_a_stream_fails(home: Home) -> None:
    items = home.fill("inbox", 6)
    home.sync()
    home.server.remove("inbox", items[0])
    home.fail(2, ValueError())
    assert home.sync().withdrawn == 0
    home.server.on_request = lambda _: None
    assert home.sync().withdrawn == 1


def test_a_changed_instance_that_vanishes_is_withdrawn(home: Home) -> None:
    entry = Entry("weekly", "one", others=(("2026-03-09T10:00:00", "moved"), ("2026-03-16T10:00:00", "cut")))
    item = home.server.put("work", entry)
    home.sync()
    home.server.put("work", entry._replace(others=entry.others[:1], version=2), item)
    assert home.sync().withdrawn == 1
    assert len(living(home.log, "memory:test")) == 2


def test_a_poison_item_is_counted_once_a_version_and_its_neighbours_go_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.fill("inbox", 2)
    item = home.server.put("inbox", Entry("bad", "one", broken=True))
    result = home.sync()
    assert (result.stored, len(result.streams[0].problems)) == (2, 1)
    before = facts(home.log)
    assert home.sync(full=True).streams[0].problems == []
    assert facts(home.log) == before
    with home.log.reading() as connection:
        assert [row[:2] for row in held.quarantined(connection, "me")] == [("memory:test", "inbox")]
    monkeypatch.setattr(known, "READERS", READERS + 1)
    monkeypatch.setattr(fold, "READERS", READERS + 1)
    assert len(home.sync(full=True).streams[0].problems) == 1, "a newer reader tries again"
    home.server.put("inbox", Entry("bad", "one", version=2), item)
    assert home.sync().stored == 1
    with home.log.reading() as connection:
        assert held.quarantined(connection, "me") == []


def test_after_a_restore_everything_is_known(home: Home, tmp_path: Path) -> None:
    home.fill("inbox", 5)
    items = home.fill("work", 5)
    home.sync()
    home.server.put("work", Entry("work-0", "two", version=2), items[0])
    home.sync()
    home.server.remove("work", items[1])
    home.sync()
    export_log(home.log, tmp_path / "export")
    with open_log(f"sqlite:///{tmp_path}/restored.db") as other:
        restore_log(other, tmp_path / "export")
        before = facts(other)
        home.log = other
        result = home.sync()
        assert (facts(other), result.stored, result.withdrawn) == (before, 0, 0)
        home.server.put("work", Entry("work-1", "one"))
        assert home.sync().stored == 1, "what was withdrawn and came back is told again"


def test_two_accounts_show_the_same_meeting_and_one_takes_it_away(home: Home) -> None:
    home.fill("work", 1)
    home.sync()
    other = sync(MemoryConnector(home.server, "other"), home.log)
    assert other.stored == 1, "each account's own sighting is in the log"
    home.server.remove("work", next(iter(home.server.boxes["work"].entries)))
    home.sync()
    assert len(living(home.log, "memory:other")) == 1


def test_a_mail_that_another_source_has_shown_is_a_duplicate(home: Home) -> None:
    home.fill("inbox", 3)
    home.sync()
    other = sync(MemoryConnector(home.server, "other"), home.log)
    assert (other.stored, other.streams[0].duplicates) == (0, 3)


def test_a_worker_that_comes_while_another_reads_does_nothing(home: Home) -> None:
    home.fill("inbox", 9)
    seen: list[SyncResult] = []

    def other(_: str) -> None:
        home.server.on_request = lambda _: None
        seen.append(home.sync())

    home.server.on_request = lambda name: other(name) if name.startswith("pull") else None
    result = home.sync()
    assert (result.state, result.stored) == ("ok", 9)
    assert (seen[0].state, seen[0].seen) == ("busy", 0)


def test_a_worker_that_was_overtaken_stores_nothing_more(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.fill("inbox", 9)
    monkeypatch.setattr(lease, "SECONDS", -1.0)  # over at once

    def other(_: str) -> None:
        home.server.on_request = lambda _: None
        assert home.sync().stored == 9

    home.server.on_request = lambda name: other(name) if name.startswith("pull") else None
    result = home.sync()
    assert (result.state, result.stored) == ("busy", 0)
    assert "another process has taken over" in result.error


def test_a_killed_workers_leases_are_free_at_once_on_its_own_machine(home: Home) -> None:
    holder = f"{lease._machine()}/{2**22 - 3}/abc"  # no process has this number: it is beyond the usual pid_max
    with home.log.writing() as connection:
        leases.acquire(
            connection, "me", "memory:test", ["inbox", "work"], holder=holder, seconds=1000, is_dead=lambda _: False
        )
    assert home.sync().state == "ok"
    elsewhere = "elsewhere-12345678/1/abc"
    with home.log.writing() as connection:
        leases.acquire(
            connection, "me", "memory:test", ["inbox"], holder=elsewhere, seconds=1000, is_dead=lambda _: False
        )
    assert states(home.sync()) == {"inbox": "busy", "work": "ok"}


def test_the_newest_of_every_stream_comes_first(home: Home) -> None:
    home.fill("inbox", 30)
    home.fill("work", 30)
    order: list[str] = []
    home.sync(progress=lambda one: order.append(one.title))
    assert order[:10] == ["Inbox"] * 5 + ["Work"] * 5
    assert order[10:] == ["Inbox"] * 5 + ["Work"] * 5


def test_stopped_early_in_each_run_every_stream_gets_on(home: Home) -> None:
    """And the one that was read to its end waits until the others are."""
    home.server.make("more", Kind.MAIL)
    for box, many in (("inbox", 90), ("work", 45), ("more", 3)):
        home.fill(box, many)
    runs: list[list[str]] = []
    while not runs or len(runs[-1]) == 6:
        seen: list[str] = []

        def stop(one: SyncProgress, seen: list[str] = seen) -> None:
            seen.append(one.title)
            if len(seen) == 6:
                raise KeyboardInterrupt

        with suppress(KeyboardInterrupt):
            home.sync(progress=stop)
        runs.append(seen)
        assert len(runs) < 20
    assert runs[0] == ["Inbox"] * 5 + ["Work"]
    assert runs[1][0] == "More", "never begun"
    assert [run[0] for run in runs[2:6]] == ["Inbox", "Work", "Inbox", "Work"], "whoever got least far"
    assert home.sync().state == "ok"


def test_progress_tells_how_far_and_how_long(home: Home) -> None:
    home.fill("inbox", 6)
    moments: list[SyncProgress] = []
    home.server.on_request = lambda _: home.time.sleep(2)
    home.sync(progress=moments.append)
    first = moments[0]
    assert (first.title, first.seen, first.total) == ("Inbox", 3, 6)
    assert first.seconds_left == first.seconds > 0


def test_interrupted_by_the_person_everything_is_resumable(home: Home) -> None:
    home.fill("inbox", 9)

    def interrupt(_: str) -> None:
        if home.server.requests == 4:
            raise KeyboardInterrupt

    home.server.on_request = interrupt
    with pytest.raises(KeyboardInterrupt):
        home.sync()
    assert facts(home.log) == 6
    result = home.sync()
    assert (result.state, result.stored, facts(home.log)) == ("ok", 3, 9)


def test_the_age_of_a_cursor_is_told(home: Home) -> None:
    home.sync()
    home.time.now += 500
    home.fail(1, ValueError())
    result = home.sync()
    assert [one.cursor_age_seconds for one in result.streams] == [500, 0]


def test_forgotten_and_connected_again_nothing_is_stored_twice(home: Home) -> None:
    home.fill("inbox", 3)
    home.fill("work", 3)
    home.sync()
    before = facts(home.log)
    with home.log.writing() as connection:
        positions.forget(connection, "me", "memory:test")
    home.sync()
    assert facts(home.log) == before


def test_names_that_are_no_text_cost_themselves_only(home: Home) -> None:
    home.fill("inbox", 2)
    home.server.put("inbox", Entry("odd", "one"), "\udcff")
    home.server.put("inbox", Entry("null", "one"), "a\0b")
    home.server.make("x\udce9", Kind.MAIL)
    result = home.sync()
    assert (result.state, result.stored, len(result.streams[1].problems)) == ("failed", 2, 2)
    assert result.streams[0].error == "memory:test, 'x?': its name is no text."
    assert home.sync(full=True).stored == 0
