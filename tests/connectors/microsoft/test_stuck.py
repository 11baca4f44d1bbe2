"""What Graph never answers: a link is given up for a listing, an item is quarantined; the rest goes on."""

from __future__ import annotations

import pytest

from connectors.microsoft.calendar_steps import MOST
from connectors.microsoft.stuck import RUNS
from connectors.sync.provider import InMemory
from connectors.sync.result import SyncResult
from events.log import Log
from tests.connectors.google.told import meetings, run
from tests.connectors.microsoft.calendar_world import account
from tests.connectors.microsoft.contacts_world import ContactsWorld
from tests.connectors.microsoft.test_calendar import day, days, series
from tests.connectors.microsoft.test_mail import mails, synced
from tests.connectors.microsoft.worlds import MailWorld
from tests.contracts.living import living
from tests.peers.graph import Graph
from tests.peers.graph.delta import FOR_EVER
from tests.peers.graph.faults import error, html
from tests.peers.graph.recurrence import weekly

DELTA = "/me/mailFolders/*/messages/delta"


def once(graph: Graph, me: InMemory, log: Log) -> SyncResult:
    return run(account(graph, me, 50), log, graph.world.clock)


def problems(result: SyncResult) -> list[str]:
    return [problem.where for stream in result.streams for problem in stream.problems]


@pytest.mark.parametrize("how", list(FOR_EVER))
class TestLinks:
    def test_mail_behind_a_link_that_is_never_answered_is_listed_without_loss(
        self, graph: Graph, log: Log, how: str
    ) -> None:
        world = MailWorld(graph)
        items = world.add(12)
        synced(world, log)
        world.remove(items[3])
        world.change(items[4])
        world.add(2)
        world.fake.expire_deltas("message", how)
        states = [synced(world, log).state for _ in range(RUNS - 1)]
        assert states == ["failed"] * (RUNS - 1)
        result = synced(world, log)
        assert (result.state, result.stored, result.withdrawn) == ("ok", 3, 1)
        assert set(mails(log)) == world.living()
        before = world.requests()
        assert synced(world, log).state == "ok"
        assert world.requests() - before <= 8

    def test_calendars(self, graph: Graph, me: InMemory, log: Log, how: str) -> None:
        mine = graph.world.calendar()
        event = mine.put("Plan", day(5))
        mine.put("Other", day(6))
        series(mine)
        assert once(graph, me, log).state == "ok"
        mine.delete(event)
        mine.put("New", day(7))
        graph.world.expire_deltas("event", how)
        assert [once(graph, me, log).state for _ in range(RUNS - 1)] == ["failed"] * (RUNS - 1)
        assert once(graph, me, log).state == "ok"
        assert days(log) == [5, 6, 7, 12, 19, 26]

    def test_contacts(self, graph: Graph, log: Log, how: str) -> None:
        world = ContactsWorld(graph)
        items = world.add(7)

        def synced() -> str:
            connector = world.connector()
            try:
                return run(connector, log, graph.world.clock).state
            finally:
                connector.close()

        assert synced() == "ok"
        world.remove(items[2])
        world.add(1)
        graph.world.expire_deltas("contact", how)
        assert [synced() for _ in range(RUNS)] == ["failed"] * (RUNS - 1) + ["ok"]
        assert len(living(log, "microsoft:test")) == 7


def test_a_page_that_is_missing_ends_no_folder(graph: Graph, log: Log) -> None:
    """As long as the folder itself is there."""
    world = MailWorld(graph)
    world.add(12)
    synced(world, log)
    world.add(1)
    gone = error(404, "ErrorItemNotFound")
    for path in (DELTA, "/me/mailFolders/*/messages"):
        world.fake.faults.add(path, gone, calls={1})
    result = synced(world, log)
    assert (result.state, result.withdrawn, {one.state for one in result.streams}) == ("ok", 0, {"ok"})
    assert set(mails(log)) == world.living()
    world.fake.faults.add(DELTA, gone)
    result = synced(world, log)
    assert (result.state, {one.state for one in result.streams}) == ("failed", {"failed"})
    world.fake.faults.clear()
    assert synced(world, log).withdrawn == 0
    assert set(mails(log)) == world.living()


def test_nor_a_calendar(graph: Graph, me: InMemory, log: Log) -> None:
    graph.world.calendar().put("Plan", day(5))
    club = graph.world.new_calendar("Club")
    club.put("Choir", day(6))
    once(graph, me, log)
    club.put("More", day(7))
    graph.world.faults.add("/me*/calendarView/delta", error(404, "ErrorItemNotFound"), calls={1})
    result = once(graph, me, log)
    assert (result.state, result.withdrawn, {one.state for one in result.streams}) == ("ok", 0, {"ok"})
    graph.world.faults.add("/me*/calendarView/delta", error(404, "ErrorItemNotFound"))
    assert {one.state for one in once(graph, me, log).streams} == {"failed"}
    graph.world.faults.clear()
    assert once(graph, me, log).withdrawn == 0
    assert days(log) == [5, 6, 7]


def test_a_run_that_is_answered_begins_the_count_anew(graph: Graph, log: Log) -> None:
    world = MailWorld(graph)
    world.add(3)
    synced(world, log)
    for _ in range(RUNS):
        for _ in range(RUNS - 1):
            world.fake.faults.add(DELTA, html(502))
            assert synced(world, log).state == "failed"
        world.fake.faults.clear()
        before = world.requests()
        assert synced(world, log).state == "ok"
        assert world.requests() - before <= 7, "no listing"


def test_where_the_listing_is_not_answered_either_nothing_is_lost(graph: Graph, log: Log) -> None:
    world = MailWorld(graph)
    world.add(12)
    synced(world, log)
    world.fake.faults.add(DELTA, error(504, "UnknownError"))
    assert [synced(world, log).state for _ in range(2 * RUNS)] == ["failed"] * (2 * RUNS)
    world.fake.faults.clear()
    result = synced(world, log)
    assert (result.state, result.stored, result.withdrawn) == ("ok", 0, 0)
    assert set(mails(log)) == world.living()


class TestItems:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    @pytest.mark.parametrize("after", ["", "2"])
    def test_a_sick_series_costs_only_itself_and_is_asked_for_again(
        self, graph: Graph, me: InMemory, log: Log, status: int, after: str
    ) -> None:
        mine = graph.world.calendar()
        sick = series(mine)
        for number in range(9):
            mine.put(f"Well {number}", day(6), repeat=weekly(count=2))
        mine.put("Single", day(5))
        path = f"/me/events/{mine.book.id(sick, immutable=True)}"
        graph.world.faults.add(f"{path}*", error(status, "ErrorInternalServerError", retry_after=after))
        for _ in range(3):
            result = once(graph, me, log)
            assert (result.state, len(problems(result))) == ("ok", 1)
            assert len({one.title for one in meetings(log)}) == 10
            (stream,) = [one for one in result.streams if one.problems]
            assert stream.seen == stream.stored + stream.duplicates + sum(stream.skipped.values()) + 1
        graph.world.faults.clear()
        result = once(graph, me, log)
        assert (result.state, problems(result)) == ("ok", [])
        assert len({one.title for one in meetings(log)}) == 11
        before = len(graph.world.asked)
        once(graph, me, log)
        assert not any("/events/" in one.path for one in graph.world.asked[before:])

    def test_what_was_known_of_a_sick_series_stays(self, graph: Graph, me: InMemory, log: Log) -> None:
        mine = graph.world.calendar()
        event = series(mine)
        once(graph, me, log)
        mine.change(event, subject="Other")
        path = f"/me/events/{mine.book.id(event, immutable=True)}"
        graph.world.faults.add(f"{path}*", error(500, "ErrorInternalServerError"))
        for _ in range(2):
            result = once(graph, me, log)
            assert (result.state, result.withdrawn, len(problems(result))) == ("ok", 0, 1)
            assert {one.title for one in meetings(log)} == {"Weekly"}
        graph.world.expire_deltas("event")
        result = once(graph, me, log)
        assert (result.state, result.withdrawn, len(set(problems(result)))) == ("ok", 0, 1)
        graph.world.faults.clear()
        assert once(graph, me, log).state == "ok"
        assert meetings(log)[-1].title == "Other"

    def test_graph_that_shows_no_entry_at_all_quarantines_none(self, graph: Graph, me: InMemory, log: Log) -> None:
        series(graph.world.calendar())
        graph.world.faults.add("/me/events*", error(500, "ErrorInternalServerError"))
        result = once(graph, me, log)
        assert (result.state, problems(result)) == ("failed", [])
        graph.world.faults.clear()
        assert once(graph, me, log).state == "ok"

    def test_more_than_a_few_sick_entries_are_an_outage(self, graph: Graph, me: InMemory, log: Log) -> None:
        mine = graph.world.calendar()
        for number in range(MOST + 1):
            mine.put(f"{number}", day(5), repeat=weekly(count=2))
        graph.world.faults.add("/me/events/*", error(500, "ErrorInternalServerError"))
        assert once(graph, me, log).state == "failed"
        graph.world.faults.clear()
        assert [once(graph, me, log).state for _ in range(2)] == ["ok", "ok"]
        assert len({one.title for one in meetings(log)}) == MOST + 1

    @pytest.mark.parametrize("after", ["", "2"])
    def test_a_sick_message_is_asked_for_again_in_each_run(self, graph: Graph, log: Log, after: str) -> None:
        world = MailWorld(graph)
        world.add(4)
        synced(world, log)
        items = world.add(3)
        sick = world.box.id(world.items[items[1]], immutable=True)
        world.fake.faults.add(f"/me/messages/{sick}", error(503, "x", retry_after=after))
        for stored in (2, 0, 0):
            result = synced(world, log)
            assert (result.state, result.stored, len(problems(result))) == ("ok", stored, 1)
        world.fake.faults.clear()
        result = synced(world, log)
        assert (result.state, result.stored, problems(result)) == ("ok", 1, [])
        assert set(mails(log)) == world.living()
        before = world.requests()
        synced(world, log)
        assert world.requests() - before <= 7

    def test_several_sick_messages_in_a_row_stop_a_folder_for_a_few_runs(self, graph: Graph, log: Log) -> None:
        world = MailWorld(graph)
        world.add(4)
        synced(world, log)
        items = world.add(9)
        for item in items[2:7]:
            sick = world.box.id(world.items[item], immutable=True)
            world.fake.faults.add(f"/me/messages/{sick}", error(500, "ErrorInternalServerError"))
        assert [synced(world, log).state for _ in range(RUNS - 1)] == ["failed"] * (RUNS - 1)
        result = synced(world, log)
        assert (result.state, len(problems(result))) == ("ok", 5)
        assert len(mails(log)) == 8
        result = synced(world, log)
        assert (result.state, len(problems(result))) == ("ok", 5)
        world.fake.faults.clear()
        assert synced(world, log).state == "ok"
        assert set(mails(log)) == world.living()
