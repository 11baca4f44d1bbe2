"""The settings as a fork tells them: what they say, their mistakes, and no process that stays."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from amity import said as module
from amity.said import Said, SaidAhead, said
from events import processes
from events.errors import UsageError
from tests.amity.test_settings import CONTRACT, MISTAKES


@pytest.fixture(autouse=True)
def _another_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_cores", lambda: 2)


def write(folder: Path, text: str) -> Path:
    path = folder / "amity.toml"
    path.write_text(text)
    return path


def nobody(path: Path) -> Said:
    raise AssertionError(path)


@pytest.mark.parametrize("text", [CONTRACT, "", '[policy]\nbodies = "full"\ncare_floor = "20%"\n'])
def test_the_fork_says_what_the_settings_say(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, text)
    wanted = said(path)
    with SaidAhead(path) as ahead:
        monkeypatch.setattr(module, "said", nobody)  # here; the fork began before
        assert ahead.result() == wanted


def test_mistakes_are_told_by_who_asks(tmp_path: Path) -> None:
    path = write(tmp_path, MISTAKES)
    with pytest.raises(UsageError) as direct:
        said(path)
    with SaidAhead(path) as ahead, pytest.raises(UsageError) as told:
        ahead.result()
    assert str(told.value) == str(direct.value)


def test_a_fork_that_died_or_could_not_begin_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, CONTRACT)
    monkeypatch.setattr(module, "_tell", lambda _path, sink: os.write(sink, b"\x92half of it"))
    with SaidAhead(path) as ahead:
        assert ahead.result() == said(path)
    monkeypatch.setattr(module, "_tell", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    with SaidAhead(path) as ahead:
        assert ahead.result() == said(path)
    monkeypatch.setattr(os, "fork", lambda: (_ for _ in ()).throw(BlockingIOError))
    with SaidAhead(path) as ahead:
        assert ahead.result() == said(path)
    monkeypatch.setattr(module, "may_fork", lambda: False)
    with SaidAhead(path) as ahead:
        assert ahead.result() == said(path)


def test_no_process_and_no_descriptor_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, forks, descriptors = write(tmp_path, CONTRACT), [], Path("/proc/self/fd")
    monkeypatch.setattr(module, "_tell", lambda *_: signal.pause())
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: forks.append(fork()) or forks[-1])  # type: ignore[func-returns-value]
    before = sorted(descriptors.iterdir()) if descriptors.exists() else []
    with SaidAhead(path):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(forks[0], 0)
    assert not before or sorted(descriptors.iterdir()) == before
