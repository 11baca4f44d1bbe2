"""How a process ends that is nothing but the command line: at once, and with nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEFORE = """
import atexit, os, sys

class Thing:
    def __del__(self, write=os.write):
        write(1, b"taken to pieces\\n")

sys.thing = Thing()
"""
RUN = """
from amity.cli import Commands, program
Commands.list_commands = lambda *_: []
Commands.format_commands = lambda *_: during()
sys.argv[0] = "amity"
program()
"""
PIECES = "taken to pieces"


def run(*arguments: str, before: str = "", during: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the command line; `during`: an expression that --help asks for."""
    code = f"{BEFORE}{before}\nduring = lambda: {during}\n{RUN}"
    command = [sys.executable, "-c", code, *arguments]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=buffered)


def test_a_process_says_all_it_had_to_say() -> None:
    said = run("schema", "report").stdout
    assert len(said) > 5000
    assert said.endswith("}\n")


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--help"], 0), (["nothing"], 2), (["--home", "/dev/null", "people"], 1)]
)
def test_it_ends_with_the_commands_exit_code_and_is_not_taken_to_pieces(arguments: list[str], code: int) -> None:
    ended = run(*arguments)
    assert (ended.returncode, PIECES in ended.stdout) == (code, False)


def test_who_asked_during_the_run_to_be_called_at_its_end_is_called() -> None:
    assert run("--help", during="atexit.register(print, 'called')").stdout.splitlines()[-1] == "called"


def test_who_asked_before_is_called_too_and_the_process_ends_the_usual_way() -> None:
    said = run("--help", before="atexit.register(print, 'called')").stdout.splitlines()
    assert {"called", PIECES} <= set(said)


def test_a_process_that_was_forked_off_ends_the_usual_way() -> None:
    said = run("--help", during="os.fork() and os.wait()").stdout.splitlines()
    assert said.count(PIECES) == 1


def test_where_what_is_said_cannot_be_written_the_usual_way_tells_of_it() -> None:
    full = "atexit.register(lambda: (os.dup2(os.open('/dev/full', os.O_WRONLY), 1), print('x' * 99)))"
    ended = run("--help", during=full)
    assert (ended.returncode, "No space left" in ended.stderr) == (120, True)
