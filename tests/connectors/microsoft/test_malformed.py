"""Answers that make no sense in places: one entry, card or message costs only itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.microsoft.calendar_entry import Around
from connectors.microsoft.calendar_items import Items
from connectors.sync.port import Poison, Seen
from connectors.sync.provider import InMemory
from events.log import Log
from tests.connectors.google.told import meetings, run
from tests.connectors.microsoft.calendar_world import account
from tests.connectors.microsoft.test_calendar import day
from tests.connectors.microsoft.test_mail import mails, synced
from tests.connectors.microsoft.worlds import MailWorld, mail
from tests.peers.graph import Graph
from tests.peers.graph.faults import Fault

_HOURS = (("start", "10"), ("end", "11"))


def instead(said: bytes, of: bytes) -> Fault:
    """Other bytes in every answer."""
    return Fault(wire=lambda answer: answer._replace(body=answer.body.replace(of, said)))


@pytest.mark.parametrize("half", [b"Half \\ud83d", b"Half \xf0\x9f\x98"])
def test_half_an_emoji_costs_no_page_of_a_calendar(graph: Graph, me: InMemory, log: Log, half: bytes) -> None:
    mine = graph.world.calendar()
    mine.put("Whole", day(5))
    mine.put("Broken title", day(6))
    graph.world.faults.add("/me/calendarView/delta", instead(half, b"Broken title"))
    result = run(account(graph, me), log, graph.world.clock)
    assert (result.state, result.error) == ("ok", "")
    assert {one.title[:4] for one in meetings(log)} == {"Half", "Whol"}


def test_nor_of_mail_and_a_mark_of_the_byte_order_is_none(graph: Graph, log: Log) -> None:
    world = MailWorld(graph)
    world.add(2)
    world.put(mail("odd@x.example", "emoticon"), "odd@x.example")
    world.fake.faults.add("/me/mailFolders/*/messages", instead(b"emo\\udc00", b"emoticon"))
    mark = Fault(wire=lambda answer: answer._replace(body=b"\xef\xbb\xbf" + answer.body))
    world.fake.faults.add("/me/mailFolders*", mark)
    result = synced(world, log)
    assert (result.state, result.error) == ("ok", "")
    assert set(mails(log)) == world.living()


def document(**fields: Any) -> dict[str, Any]:
    """An entry as Graph shows it."""
    moments = {name: {"dateTime": f"2026-09-22T{hour}:00:00.0000000", "timeZone": "UTC"} for name, hour in _HOURS}
    return {"id": "one", "changeKey": "1", "subject": "Plan", "attendees": [], **moments, **fields}


class _Nobody:
    def versions(self, _: object) -> dict[str, str]:
        return {}

    def all(self) -> Iterator[tuple[str, str]]:
        return iter(())


class _Series:
    """Shows one series."""

    until = day(100)

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def entry(self, item: str, *, series: bool) -> dict[str, Any] | None:  # noqa: ARG002  one shape
        return self._row

    def is_here(self, item: str) -> bool:  # noqa: ARG002  one shape
        return True

    def answers(self) -> None:
        pass

    def instances(self, row: object, master: object) -> list[dict[str, Any]]:  # noqa: ARG002  one shape
        return []


@pytest.mark.parametrize(
    "recurrence",
    [
        {"pattern": {"type": "daily", "interval": 10**12}, "range": {"type": "noEnd"}},
        {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "numbered", "numberOfOccurrences": 10**20}},
        {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "endDate", "endDate": "9999-12-31"}},
        {"pattern": {"type": "weekly", "daysOfWeek": ["noday"]}, "range": {"type": "noEnd"}},
        {"pattern": "daily", "range": []},
    ],
)
def test_a_series_with_an_absurd_rule_costs_only_itself(recurrence: dict[str, Any]) -> None:
    row = document(type="seriesMaster", recurrence=recurrence)
    items = Items(Around("Calendar", "microsoft:test", ()), _Series(row), _Nobody(), "")
    changes, waiting = items.changes([row, document(id="other")])
    for one in waiting:
        changes += items.read(one)
    found = {one.item: one for one in changes}
    assert isinstance(found["other"], Seen)
    assert isinstance(found[row["id"]], Seen | Poison)


@pytest.mark.parametrize("kind", [None, 0, [], {"a": 1}])
def test_a_row_of_no_type_is_a_meeting(kind: object) -> None:
    row = document(type=kind)
    items = Items(Around("Calendar", "microsoft:test", ()), _Series(row), _Nobody(), "")
    changes, _ = items.changes([row])
    assert [type(one) for one in changes] == [Seen if kind is None else Poison]
