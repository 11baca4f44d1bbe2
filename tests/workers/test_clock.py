"""Machines whose clocks are an hour apart plan and work by the same time: the database's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from amity.home import Home
from events.errors import AmityError
from tests.peers.postgres import Cluster
from workers.clock import Agreed
from workers.runner import Runner

HOUR = 3_600.0


class Machine:
    """Its clock, one that never jumps, and the database's, which is right."""

    def __init__(self, off: float) -> None:
        self.real, self.off, self.asked, self.away = 1_800_000_000.0, off, 0, False
        self.clock = Agreed(lambda: self.real + self.off, self._ask, lambda: self.real)

    def _ask(self) -> float:
        self.asked += 1
        if self.away:
            raise AmityError("the database is away")
        return self.real


@pytest.mark.parametrize("off", [HOUR, -HOUR, 90 * 24 * HOUR])
def test_a_clock_that_is_wrong_is_put_right(off: float) -> None:
    machine = Machine(off)
    machine.clock.agree()
    assert machine.clock() == pytest.approx(machine.real)
    machine.real += 59
    machine.clock.agree()
    assert machine.asked == 1
    assert machine.clock() == pytest.approx(machine.real)
    machine.real += 2
    machine.clock.agree()
    assert machine.asked == 2


def test_a_clock_that_jumps_is_asked_about_at_once() -> None:
    machine = Machine(0)
    machine.clock.agree()
    for off in (HOUR, -HOUR, 0):
        machine.real, machine.off = machine.real + 1, off
        machine.clock.agree()
        assert machine.clock() == pytest.approx(machine.real)


def test_a_clock_that_is_right_is_left_alone() -> None:
    machine = Machine(0.4)
    machine.clock.agree()
    assert machine.clock() == machine.real + 0.4


def test_without_an_answer_all_stays_as_it_was() -> None:
    machine = Machine(HOUR)
    machine.clock.agree()
    machine.away = True
    machine.real += 120
    machine.clock.agree()
    assert machine.clock() == pytest.approx(machine.real)
    machine.clock.agree()
    assert machine.asked == 3, "and it is asked again"


def test_two_machines_agree_through_a_database(postgres: Cluster, tmp_path: Path) -> None:
    home = Home(tmp_path, postgres.new_database())
    ahead = Runner(home, {}, clock=lambda: time.time() + HOUR)
    behind = Runner(home, {}, clock=lambda: time.time() - HOUR)
    ahead.clock.agree()
    behind.clock.agree()
    assert abs(ahead.now_ms() - behind.now_ms()) < 600_000, "an hour each would be two"


def test_a_log_in_a_file_goes_by_this_machine(tmp_path: Path) -> None:
    runner = Runner(Home(tmp_path), {}, clock=lambda: 5.0)
    runner.clock.agree()
    assert runner.now_ms() == 5_000
    assert not (tmp_path / "amity.db").exists()
