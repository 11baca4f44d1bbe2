"""What a planner asks of all owners at once: the same as of each, on both databases, and never more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from events import deliveries, jobs, positions, standing, subscriptions
from events.envelope import NewEvent, stream_of
from events.jobs import JobRow
from events.log import Log, open_log
from events.positions import AccountRow, StreamRow
from events.standing import Standing
from events.subscriptions import Subscription
from events.vocabulary import NoteAdded
from tests.peers.postgres import Cluster

NOW = 1_800_000_000_000
OWNERS = ["ana", "bo", "cy"]
CANARY = "CANARY"
SECRET = {"ana", "bo"}  # whose rows tell something that no planner needs


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_bound_database()
    else:
        url = f"sqlite:///{tmp_path}/a.db"
    with open_log(url) as made:
        for owner in sorted(SECRET):
            fill(made.of(owner))
        yield made


@pytest.fixture
def server(postgres: Cluster) -> Iterator[Log]:
    with open_log(postgres.new_bound_database()) as made:
        for owner in sorted(SECRET):
            fill(made.of(owner))
        yield made


def fill(log: Log) -> None:
    log.append([NewEvent(stream_of(1, CANARY), 1, 1, NoteAdded(addresses=("x@y.org",), text=CANARY))])
    with log.writing() as connection:
        jobs.add(connection, log.owner, [("pull", "imap:work"), ("project", "")])
        job = jobs.rows(connection, log.owner)["pull", "imap:work"].id
        begun = jobs.begin(
            connection, log.owner, job, 0, 0, holder="one", seconds=600, is_dead=lambda _: False, now_ms=5
        )  # fmt: skip
        assert begun
        positions.put_account(connection, log.owner, "imap:work", AccountRow("failed", CANARY, 7, 8))
        for name, page in (("unfinished", "2"), ("whole", "")):
            row = StreamRow(name, CANARY, "mail", page=page, completed_ms=9, error=CANARY, warning=CANARY)
            positions.put_stream(connection, log.owner, f"imap:{name}", row)
        subscriptions.put(
            connection, log.owner, Subscription("imap:work", "mail", "id", CANARY, "proof", "place", 1, 2, error=CANARY)
        )
        for period, moment in (("2027-W02", NOW), ("2020-W01", 1)):
            assert deliveries.claim(connection, log.owner, period, "file", now_ms=moment, forsaken_ms=0)


def asked(log: Log, owners: list[str]) -> dict[str, Standing]:
    with log.writing() as connection:
        return {owner: standing.read(said) for owner, said in standing.of(connection, owners, NOW).items()}


def row(log: Log, owner: str, kind: str = "project") -> JobRow:
    return next(one for one in asked(log, [owner])[owner].jobs if one.kind == kind)


def test_of_each_owner_it_tells_what_is_so(log: Log) -> None:
    found = asked(log, OWNERS)
    assert found["cy"] == Standing([], [], [], [], [], "")
    for owner in sorted(SECRET):
        one = found[owner]
        pull = next(row for row in one.jobs if row.kind == "pull")
        assert (pull.name, pull.attempts, pull.holder, pull.held, pull.started_ms) == ("imap:work", 1, "one", True, 5)
        assert [row.held for row in one.jobs if row.kind == "project"] == [False]
        (source, account), *_ = one.accounts
        assert (source, account.state, bool(account.error), account.not_before_ms, account.ended_ms) == (
            "imap:work", "failed", True, 7, 8,
        )  # fmt: skip
        assert one.unfinished == ["imap:unfinished"]
        assert "2027-W02" in {row.period for row in one.deliveries}
        assert [(row.id, row.proof, row.place, row.expires_ms, row.renew_ms) for row in one.subscriptions] == [
            ("id", "proof", "place", 1, 2)
        ]
        assert one.head == log.of(owner).hash_at(1)
    assert found["ana"].head != found["bo"].head


def test_it_says_the_same_until_something_changes(log: Log) -> None:
    with log.writing() as connection:
        before, again = (standing.of(connection, OWNERS, NOW) for _ in range(2))
    assert before == again
    with log.of("bo").writing() as connection:
        jobs.hint(connection, "bo", "project", "", 3)
    with log.writing() as connection:
        after = standing.of(connection, OWNERS, NOW)
    assert {owner for owner in OWNERS if after[owner] != before[owner]} == {"bo"}


def test_what_owners_hold_is_not_in_it(server: Log) -> None:
    with server.writing() as connection:
        said = standing.of(connection, OWNERS, NOW)
    assert CANARY not in "".join(said.values())
    assert "2020-W01" not in "".join(said.values()), "of years of deliveries only the last"


def test_whoever_asked_sees_no_more_than_before(server: Log) -> None:
    """The question is one owner after the other; afterwards the transaction shows whom it showed."""
    with server.of("cy").writing() as connection:
        standing.of(connection, OWNERS, NOW)
        standing.send(connection, [("ana", row(server, "ana"))], 1)
        standing.plan(connection, [("bo", row(server, "bo").id, 1)])
        assert connection.scalar(text("SELECT current_setting('amity.owner')")) == "cy"
        assert connection.scalar(text("SELECT count(*) FROM jobs")) == 0
        assert connection.scalar(text("SELECT count(*) FROM events")) == 0
    with server.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM jobs")) == 0


def test_a_turn_is_sent_by_one_planner(log: Log) -> None:
    turns = [(owner, row(log, owner)) for owner in sorted(SECRET)]
    with log.writing() as connection:
        assert standing.send(connection, turns, 7) == {one.id for _, one in turns}
    with log.writing() as connection:
        assert standing.send(connection, turns, 8) == set()
    assert [row(log, owner).sent_ms for owner in sorted(SECRET)] == [7, 7]


def test_only_the_owner_s_own_row_is_sent(server: Log) -> None:
    with server.writing() as connection:
        assert standing.send(connection, [("bo", row(server, "ana"))], 7) == set()


def test_due_times_of_many(log: Log) -> None:
    due = [(owner, row(log, owner).id, moment) for moment, owner in enumerate(sorted(SECRET), 70)]
    with log.writing() as connection:
        standing.plan(connection, due)
    assert [row(log, owner).due_ms for owner in sorted(SECRET)] == [70, 71]


def test_a_row_that_somebody_holds_is_passed_over(server: Log) -> None:
    """A planner waits for nobody: two that hold rows of each other's would wait for ever."""
    turns = [(owner, row(server, owner)) for owner in sorted(SECRET)]
    done = threading.Event()

    def send() -> None:
        with server.writing() as connection:
            found.update(standing.send(connection, turns, 7))
            standing.plan(connection, [(owner, one.id, 9) for owner, one in turns])
        done.set()

    found: set[str] = set()
    with server.of("ana").writing() as connection:
        jobs.hint(connection, "ana", "project", "", 3)
        other = threading.Thread(target=send)
        other.start()
        assert done.wait(60)
    other.join()
    assert found == {turns[1][1].id}
    assert [(row(server, owner).sent_ms, row(server, owner).due_ms) for owner in sorted(SECRET)] == [(0, 0), (7, 9)]
