"""A ledger made by two processes is the one that one makes, also where the second does not come to its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from events.log import Log
from projections import base, ledger_halves
from tests.projections.test_base import RULES, log, write_some
from tests.projections.test_incremental import dump

__all__ = ["log"]


@pytest.fixture
def alone(log: Log, tmp_path: Path) -> Any:
    """What one process makes of a log, whose meetings and mails cross many midnights."""
    write_some(log)
    base.rebuild(log, tmp_path / "alone.db", RULES)
    return dump(tmp_path / "alone.db")


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """However few mails and cores there are; the numbers of the processes that were made."""
    found: list[int] = []

    def fork(real: Callable[[], int] = os.fork) -> int:
        number = real()
        found.append(number)
        return number

    monkeypatch.setattr(ledger_halves, "WORTH", 1)
    monkeypatch.setattr(ledger_halves, "may_fork", lambda: True)
    monkeypatch.setattr(os, "fork", fork)
    return found


def test_two_processes_make_the_ledger_that_one_makes(alone: Any, forks: list[int], log: Log, tmp_path: Path) -> None:
    base.rebuild(log, tmp_path / "views.db", RULES)
    assert len(forks) == 1
    assert dump(tmp_path / "views.db") == alone
    assert len(alone["ledger"]) > 9 and len(alone["encounter"]) > 9  # noqa: PT018  both halves have something to say
    assert sorted(path.name for path in tmp_path.glob("views*")) == ["views.db", "views.db-lock"]


def test_what_stands_there_is_not_what_the_other_process_left_behind(
    alone: Any, forks: list[int], log: Log, tmp_path: Path
) -> None:
    (tmp_path / "views.db-new-part").write_text("of a run that was killed")
    base.rebuild(log, tmp_path / "views.db", RULES)
    assert forks
    assert dump(tmp_path / "views.db") == alone
    assert not list(tmp_path.glob("views.db-new*"))


@pytest.mark.parametrize("when", ["before", "behind"])
def test_a_process_that_dies_leaves_its_half_to_the_other(  # noqa: PLR0917  fixtures
    alone: Any, forks: list[int], log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    parent = os.getpid()
    real = ledger_halves._Half.compute

    def dying(half: Any, *given: Any) -> None:
        if os.getpid() == parent:
            real(half, *given)
            return
        if when == "behind":
            real(half, *given)
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(ledger_halves._Half, "compute", dying)
    base.rebuild(log, tmp_path / "views.db", RULES)
    assert forks
    assert dump(tmp_path / "views.db") == alone
    assert not list(tmp_path.glob("views.db-new*"))


def test_a_run_that_breaks_leaves_no_process(
    alone: Any, forks: list[int], log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()
    real = ledger_halves._Half.compute

    def breaking(half: Any, *given: Any) -> None:
        if os.getpid() == parent:
            raise KeyboardInterrupt
        real(half, *given)

    monkeypatch.setattr(ledger_halves._Half, "compute", breaking)
    with pytest.raises(KeyboardInterrupt):
        base.rebuild(log, tmp_path / "views.db", RULES)
    with pytest.raises(ProcessLookupError):
        os.kill(forks[0], 0)
    monkeypatch.setattr(ledger_halves._Half, "compute", real)
    base.rebuild(log, tmp_path / "views.db", RULES)
    assert dump(tmp_path / "views.db") == alone


def test_few_mails_are_not_worth_a_process(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise AssertionError

    monkeypatch.setattr(os, "fork", refused)
    write_some(log)
    base.rebuild(log, tmp_path / "views.db", RULES)
    assert dump(tmp_path / "views.db")["ledger"]


def test_half_of_the_mails_lie_before_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rows:
        """A store that has ten mails on the first day and one on each of the others."""

        db = property(lambda self: self)

        def execute(self, _: str) -> Iterable[tuple[int, int]]:
            return [(1, 10), *((day, 1) for day in range(2, 12))]

    monkeypatch.setattr(ledger_halves, "WORTH", 20)
    monkeypatch.setattr(ledger_halves, "may_fork", lambda: True)
    store: Any = Rows()
    assert ledger_halves.halves(store, range(12)) == (range(2), range(2, 12))
    monkeypatch.setattr(ledger_halves, "WORTH", 21)
    assert ledger_halves.halves(store, range(12)) is None
