"""What stands beside the log, on both databases: written, read back, and in one order of texts everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from events import held, positions
from events.held import ItemRow, Said, Scope
from events.log import Log, open_log
from events.positions import AccountRow, StreamRow
from tests.peers.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    url = f"sqlite:///{tmp_path}/amity.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_database()
    with open_log(url) as log:
        yield log


@pytest.fixture
def scope(log: Log) -> Iterator[Scope]:
    with log.writing() as connection:
        yield Scope(connection, "me", "s")


def thing(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_streams_and_accounts_come_back_as_they_were_put(scope: Scope) -> None:
    connection = scope.connection
    row = StreamRow("in", "Inbox", "mail", "https://" + "x" * 2000, "ä", 3, 2**41, "failed", "why", "warned", 1)
    positions.put_stream(connection, "me", "s", StreamRow("in", "Inbox", "mail"))
    positions.put_stream(connection, "me", "s", row)
    positions.put_stream(connection, "me", "other", StreamRow("in", "Inbox", "mail"))
    assert positions.streams(connection, "me", "s") == {"in": row}
    assert positions.account(connection, "me", "s") == AccountRow()
    positions.put_account(connection, "me", "s", AccountRow("needs_sign_in", "why", 5, 2**41))
    assert positions.accounts(connection, "me") == {"s": AccountRow("needs_sign_in", "why", 5, 2**41)}
    positions.drop_stream(connection, "me", "s", "in")
    assert positions.streams(connection, "me", "s") == {}
    positions.forget(connection, "me", "s")
    assert positions.accounts(connection, "me") == {}
    assert list(positions.streams(connection, "me", "other")) == ["in"]


def test_held_items_come_in_the_order_of_their_bytes_in_parts(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["b", "B", "ä", "a", "10", "9", "Z", "z", "_", "é", "/cal/1.ics", "€"]
    held.put_items(scope, "in", [ItemRow(name, f"v{name}", 1) for name in names])
    monkeypatch.setattr(held, "CHUNK", 5)
    found: list[tuple[str, str]] = []
    while part := held.after(scope, "in", found[-1][0] if found else "", 1):
        found += part
    assert found == [(name, f"v{name}") for name in sorted(names, key=str.encode)]
    assert held.versions(scope, "in", [*names, "unknown"], 1) == {name: f"v{name}" for name in names}
    assert held.versions(scope, "out", names, 1) == {}


def test_gone_items_and_those_of_a_former_reader_are_not_held(scope: Scope) -> None:
    held.put_items(scope, "in", [
        ItemRow("gone", "1", 1, gone=1), ItemRow("old", "1", 1, place="p", why="w", reader=1),
        ItemRow("new", "1", 1, place="p", why="w", reader=2), ItemRow("fine", "1", 1),
    ])  # fmt: skip
    assert held.versions(scope, "in", ["gone", "old", "new", "fine"], 2) == {"new": "1", "fine": "1"}
    assert [item for item, _ in held.after(scope, "in", "", 2)] == ["fine", "new"]
    assert [row[2:] for row in held.quarantined(scope.connection, "me")] == [("p", "w"), ("p", "w")]


def test_what_a_run_has_not_shown_is_gone_with_what_it_said(scope: Scope) -> None:
    held.put_items(scope, "in", [ItemRow("a", "1", 1), ItemRow("b", "1", 2)])
    held.put_items(scope, "out", [ItemRow("a", "1", 1)])
    said = [Said("in", "a", thing(1), 5, 6), Said("in", "b", thing(2), 5, 6), Said("out", "a", thing(1), 5, 7)]
    held.put_said(scope, said)
    held.miss(scope, "in", 2)
    assert held.dropped(scope) == [said[0]._replace(dropped=1)]
    assert {one.stream for one in held.saying(scope, [thing(1)])} == {"in", "out"}
    assert held.counts(scope) == {"in": (2, 1), "out": (1, 0)}
    assert held.count_things(scope) == 2
    held.forget_gone(scope, "in")
    assert held.items(scope, "in", ["a", "b"])["a"].gone == 1, "of what it said nothing is decided"
    held.forget_things(scope, held.dropped(scope))
    held.forget_gone(scope, "in")
    assert list(held.items(scope, "in", ["a", "b"])) == ["b"]
    assert held.said_by(scope, "in", ["a"]) == []


def test_more_items_than_one_statement_takes(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "CHUNK", 3)
    rows = {str(number): ItemRow(str(number), "1", 1) for number in range(10)}
    held.put_items(scope, "in", rows.values())
    assert held.items(scope, "in", rows) == rows
