"""A large account: a first sync killed anywhere loses and repeats nothing, a quiet one asks little, storms pass."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from events.log import Log, open_log
from tests.connectors.microsoft.scale import READ_FOLDERS, Account, filled, kinds
from tests.contracts.living import facts, living
from tests.peers.graph import Graph
from tests.peers.graph.failures import GraphError
from tests.peers.graph.faults import Fault

MESSAGES, FOLDERS, SERIES = 1_600, 40, 6
SOURCE = "microsoft:test"
AT_ONCE = 3  # requests of a mailbox: https://learn.microsoft.com/graph/throttling-limits allows four
LISTS = {"/me/mailFolders/delta": 1, "/me/calendars": 1}  # what there is: asked in each run


@pytest.fixture
def account(graph: Graph) -> Account:
    filled(graph.world, messages=MESSAGES, folders=FOLDERS, series=SERIES, seed=5)
    return Account(graph)


def whole(log: Log, account: Account) -> None:
    """The log holds what the mailbox holds."""
    things = living(log, SOURCE).values()
    world = account.world
    mail = {message.body["internetMessageId"].strip("<>") for message in world.mail().messages.values()}
    assert len(mail) == MESSAGES
    assert mail <= {one.key for one in things}
    assert len(things) == MESSAGES + 2 * SERIES, "of each series its master and a changed instance"
    assert world.throttle.peak[world.me] <= AT_ONCE


def until_ok(account: Account, log: Log) -> list[str]:
    """Runs, half a minute apart, until one succeeds; how each of them ended."""
    states: list[str] = []
    while states[-1:] != ["ok"]:
        assert len(states) < 100, states
        result = account.run(log)
        assert result is not None
        states.append(result.state)
        account.world.clock.advance(30)
    return states


def test_killed_anywhere_it_ends_without_a_page_twice(account: Account, log: Log) -> None:
    chance, killed = random.Random(50_000), 0  # noqa: S311  seeded
    while account.run(log, requests=chance.randrange(20, 80), late=chance.random() < 0.5) is None:
        killed += 1
        assert killed < 200, "each run stores something, so that they come to an end"
    assert killed > 3
    assert account.repeated == []
    whole(log, account)
    before = facts(log)
    asked = len(account.world.asked)
    quiet = account.run(log)
    assert quiet is not None
    assert (quiet.state, quiet.seen, facts(log)) == ("ok", 0, before)
    found = kinds(account.world.asked[asked:])
    assert found == {"/messages/delta": FOLDERS, "/calendarView/delta": 1, **LISTS}
    paths = [one.path for one in account.world.asked[asked:] if one.path.endswith("/messages/delta")]
    assert len(set(paths)) == FOLDERS, "one for each folder"


def test_killed_below_fifty_requests_every_folder_and_the_calendar_get_on(account: Account, log: Log) -> None:
    runs = 0
    reached: dict[str, int] = {}
    while account.run(log, requests=49) is None:
        runs += 1
        assert runs < 100
        for one in account.world.asked:
            reached.setdefault(one.path, runs)
    assert reached["/me/calendarView/delta"] <= 6
    assert max(run for path, run in reached.items() if path.endswith("/messages/delta")) <= 6
    whole(log, account)


class Storm:
    """Any request may be told to wait, in every spelling; `told`: how many had been answered then, and until when."""

    def __init__(self, account: Account, seed: int, often: float = 0.12) -> None:
        self._chance, self._world, self._often = random.Random(seed), account.world, often  # noqa: S311  seeded
        self.told: list[tuple[int, float]] = []

    def fault(self) -> Fault:
        return Fault(before=self._perhaps)

    def _perhaps(self) -> None:
        if self._chance.random() > self._often:
            return
        seconds, now = self._chance.choice((0, 1, 7, 20, 45, 300)), self._world.clock.now()
        spelled = self._chance.choice((str(seconds), format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)))
        if not spelled.isdigit():
            until = datetime.fromtimestamp(now + seconds + 1, UTC).replace(microsecond=0)
            spelled, seconds = format_datetime(until, usegmt=True), int(until.timestamp() - now)
        told = {"Retry-After": spelled} if self._chance.random() < 0.8 else {}
        self.told.append((len(self._world.asked) + 1, now + (seconds if told else 0)))
        status, code = self._chance.choice(((429, "ApplicationThrottled"), (503, "ErrorServerBusy"), (509, "Busy")))
        raise GraphError(status, code, "Slow down.", told)

    def early(self) -> list[float]:
        """By how much each request was too early."""
        asked = self._world.asked
        return [until - one.time for count, until in self.told for one in asked[count:] if one.time < until - 1e-3]


def test_storms_are_waited_out(account: Account, log: Log) -> None:
    """Short waits within a run, long ones until another: never a request before its time, and nothing is lost."""
    storm = Storm(account, 429)
    account.world.faults.add("/me*", storm.fault())
    states = until_ok(account, log)
    assert "waiting" in states
    assert len(storm.told) > 20
    assert storm.early() == []
    assert account.repeated == []
    account.world.faults.clear()
    whole(log, account)


def test_with_one_request_in_five_refused_it_comes_to_an_end(account: Account, log: Log, tmp_path: Path) -> None:
    """One in six of them for five minutes, which ends a run; what was read before stays read."""
    world, storm = account.world, Storm(account, 1, 0.2)
    world.faults.add("/me*", storm.fault())
    runs = 0
    state = ""
    while state != "ok":
        result = account.run(log)
        assert result is not None
        runs, state = runs + 1, result.state
        assert runs < 40
        world.clock.advance(max(1, result.not_before_ms / 1000 - world.clock.now()))
    asked = len(world.asked)
    world.faults.clear()
    whole(log, account)
    with open_log(f"sqlite:///{tmp_path}/other.db") as other:
        account.run(other)
    assert asked < 2.5 * (len(world.asked) - asked), "not much more than is asked where nothing is refused"


def test_the_limit_of_ten_minutes_is_kept_to(account: Account, log: Log) -> None:
    """As the service counts: so many requests in ten minutes, and then none for a while."""
    world = account.world
    world.throttle.in_window, world.throttle.retry_after = 120, "120"
    assert set(until_ok(account, log)) == {"waiting", "ok"}
    refused = [(at, one) for at, one in enumerate(world.asked) if one.status == HTTPStatus.TOO_MANY_REQUESTS]
    assert refused
    for at, one in refused:
        assert all(later.time >= one.time + 120 for later in world.asked[at + 1 :])
    whole(log, account)


def test_pages_of_series_that_are_known_are_not_empty(graph: Graph, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each year shows every series again; 200 of them are more such pages than a source that goes in circles has."""
    monkeypatch.setattr("connectors.sync.stream.EMPTY_PAGES", 2)
    filled(graph.world, messages=0, folders=len(READ_FOLDERS), series=4, seed=5)
    account = Account(graph)
    result = account.run(log)
    assert result is not None
    assert (result.state, result.error) == ("ok", "")
    assert kinds(graph.world.asked)["/calendarView/delta"] > 5
