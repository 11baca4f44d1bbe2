"""Workers that sleep past their lease, and clocks that are put elsewhere: nothing twice, and no stale lease commits."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import absent
from tests.crash.harness import compiler
from tests.workers.rig import Rig, daemon, dramatiq_worker, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # all of it waits for others
SOON = {"TEST_EVERY_MS": "700"}
LONG = 120.0  # seconds


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that lies about the time."""
    cc = compiler()
    if cc is None:
        absent("no C compiler here: no clock can be put elsewhere (install cc, gcc or clang)")
    made = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([str(cc), "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


def observed(rig: Rig) -> list[tuple[str, bytes]]:
    return [one for one in rig.facts() if one[0] == "meeting.observed.v1"]


def runs(path: Path) -> list[dict[str, Any]]:
    """The lines on accounts that were read, of a worker's log."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "run" and line["kind"] == "pull"]


def test_a_worker_that_slept_past_its_lease_finds_that_another_has_taken_over(rig: Rig) -> None:
    rig.connect_pretended("work", meetings=100, slow=0.5)
    with daemon(rig, "--threads", "0", more=SOON), dramatiq_worker(rig, "", log="first.log") as first:
        until(lambda: observed(rig), LONG)
        rig.stop_between(partial(os.killpg, first.pid))
        assert rig.turns("work") == 0, "it was stopped in the middle"
        rig.lapse()
        rig.pretend("work", meetings=100)
        with dramatiq_worker(rig, "", log="second.log"):
            until(lambda: rig.turns("work") >= 2, LONG)
            assert not runs(rig.folder / "first.log")
            os.killpg(first.pid, signal.SIGCONT)
            until(lambda: runs(rig.folder / "first.log"), LONG)
            until(lambda: rig.meetings() == 100, LONG)
    assert runs(rig.folder / "first.log")[0]["state"] == "taken_over"
    assert len(observed(rig)) == len(set(observed(rig))) == 100


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_put_elsewhere_in_the_middle_of_a_run(rig: Rig, clock: Path, hours: int) -> None:
    off = rig.folder / "off"
    off.write_bytes(struct.pack("l", 0))
    rig.connect_pretended("work", meetings=100, slow=0.5)
    with daemon(rig, more={**SOON, "LD_PRELOAD": str(clock), "TEST_CLOCK": str(off)}) as running:
        until(lambda: observed(rig), LONG)
        beside = rig.folder / "beside"
        beside.write_bytes(struct.pack("l", hours * 3_600))
        beside.replace(off)
        rig.pretend("work", meetings=101)
        until(lambda: rig.meetings() == 101, LONG)
        before = rig.turns("work")
        until(lambda: rig.turns("work") > before + 1, LONG)
        beside.write_bytes(struct.pack("l", 0))  # and back
        beside.replace(off)
        rig.pretend("work", meetings=102)
        until(lambda: rig.meetings() == 102, LONG)
        assert running.stop()[0] == 0
    moments = [datetime.fromisoformat(line["at"]) for line in running.lines]
    assert max(moments) - min(moments) > timedelta(minutes=50), "its clock was not put elsewhere"
    assert len(observed(rig)) == len(set(observed(rig))) == 102
