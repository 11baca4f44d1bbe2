"""The loop against a model world: seeded, searched, and with its guards taken away, which must be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Connection

from connectors.sync import ending, guard, loop, withdraw
from connectors.sync.fold import Folded
from connectors.sync.port import Page
from connectors.sync.stream import StreamRun
from events import positions
from events.positions import StreamRow
from tests.connectors.sync.run_worlds import play
from tests.connectors.sync.simulation import Disk, World

SEEDED = 100  # and thousands by hand: tests.connectors.sync.run_worlds
MUTANT_SEEDS = 300  # each of the mutants below is noticed by one of the first few dozen


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    disk = Disk(f"sqlite:///{tmp_path_factory.mktemp('worlds')}/worlds.db")
    yield disk
    disk.log.close()


def test_seeded_worlds(disk: Disk) -> None:
    for seed in range(SEEDED):
        play(disk, seed).check()


_BOX, _PICK, _TEXT, _REQUEST = st.integers(0, 4), st.integers(0, 30), st.integers(0, 2), st.integers(0, 12)
_OWNERS = count()


class WorldMachine(RuleBasedStateMachine):
    """Everything that may happen, in the order in which a search chooses it; shrinks to the shortest story."""

    disk: Disk

    @initialize(page=st.integers(1, 4), untidy=st.booleans(), items=st.integers(0, 12))
    def start(self, page: int, untidy: bool, items: int) -> None:  # noqa: FBT001  hypothesis passes by name
        self.world = World(self.disk, f"searched {next(_OWNERS)}", page=page)
        self.world.untidy = untidy
        for number in range(items):
            self.world.add(number % 3, number)

    @rule(what=st.sampled_from(["add", "expire", "recreate", "toggle"]), box=_BOX)
    def box_changes(self, what: str, box: int) -> None:
        getattr(self.world, what)(box)

    @rule(what=st.sampled_from(["remove", "move", "spoil", "hide"]), box=_BOX, pick=_PICK)
    def item_goes(self, what: str, box: int, pick: int) -> None:
        getattr(self.world, what)(box, pick)

    @rule(what=st.sampled_from(["change", "vary", "copy"]), box=_BOX, pick=_PICK, text=_TEXT)
    def item_changes(self, what: str, box: int, pick: int, text: int) -> None:
        getattr(self.world, what)(box, pick, text)

    @rule(seconds=st.sampled_from([10, 1000]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(full=st.booleans())
    def run(self, full: bool) -> None:  # noqa: FBT001  hypothesis passes by name
        self.world.run(full=full)

    @rule(commits=st.integers(0, 10), before=st.booleans())
    def run_killed(self, commits: int, before: bool) -> None:  # noqa: FBT001  hypothesis passes by name
        self.world.run_killed(commits, before=before)

    @rule(request=_REQUEST, late=st.booleans(), skew=st.sampled_from([0.0, 9e4, -9e4]), change=_PICK)
    def run_beside(self, request: int, late: bool, skew: float, change: int) -> None:  # noqa: FBT001  by name
        self.world.run_beside(request, late=late, skew=skew, change=change)

    @rule(request=_REQUEST, asked=st.sampled_from([None, 0.0, 5.0, 40.0, 3000.0]))
    def run_throttled(self, request: int, asked: float | None) -> None:
        self.world.run_throttled(request, asked)

    @rule(request=_REQUEST, times=st.integers(1, 4))
    def run_expired(self, request: int, times: int) -> None:
        self.world.run_expired(request, times)

    @rule(what=st.sampled_from(["run_shifting", "run_blind"]), number=_BOX, other=_BOX)
    def run_odd(self, what: str, number: int, other: int) -> None:
        getattr(self.world, what)(number, other % 2 if what == "run_blind" else other)

    @rule(request=_REQUEST)
    def run_broken(self, request: int) -> None:
        self.world.run_broken(request)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()
            self.world.check()


def test_searched_worlds(disk: Disk) -> None:
    class Machine(WorldMachine):
        pass

    Machine.disk = disk
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=40, stateful_step_count=25, deadline=None)
    )


# Guards taken away, one at a time: the worlds must notice, or they would prove nothing.


def _believes_emptiness(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guard, "doubtful", lambda *_: False)


def _position_before_its_page(patch: pytest.MonkeyPatch) -> None:
    append: Callable[[StreamRun, Page, StreamRow], None] = StreamRun._append

    def torn(self: StreamRun, page: Page, row: StreamRow) -> None:
        place = self._tools.place
        with place.log.writing() as connection:
            positions.put_stream(connection, place.owner, place.source, row)
        append(self, page, row)

    patch.setattr(StreamRun, "_append", torn)


def _resumes_as_another_run(patch: pytest.MonkeyPatch) -> None:
    class Forgetful(loop._Account):
        def _open(self, connection: Connection, stream: Any, before: StreamRow | None) -> None:
            super()._open(connection, stream, before._replace(run=before.run + 1) if before else None)

    patch.setattr(loop, "_Account", Forgetful)


def _withdraws_at_once(patch: pytest.MonkeyPatch) -> None:
    def look(self: loop._Account) -> None:
        self._lost = ending.lost_now(self._tools.place)

    patch.setattr(loop._Account, "_look_again", look)


def _asks_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("connectors.sync.asking.keep_away", lambda *_: None)


def _moves_are_gone(patch: pytest.MonkeyPatch) -> None:
    settle = withdraw.settle
    patch.setattr(withdraw, "settle", lambda dropped, _: settle(dropped, []))


def _gone_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Folded, "_gone", lambda *_: None)


@pytest.mark.parametrize(
    "taken_away",
    [
        _believes_emptiness, _position_before_its_page, _resumes_as_another_run, _withdraws_at_once,
        _asks_early, _moves_are_gone, _gone_is_forgotten,
    ],
)  # fmt: skip
def test_a_missing_guard_is_noticed(
    taken_away: Callable[[pytest.MonkeyPatch], None], disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_away(monkeypatch)
    for seed in range(MUTANT_SEEDS):
        try:
            play(disk, seed).check()
        except Exception:  # noqa: BLE001  whatever it is, it was noticed
            return
    pytest.fail("no world noticed")
