from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from amity import schemas
from amity.cli import COMMANDS, main
from tests.home import ME, Home, mail

ASKED = {
    "status": ["status"],
    "time": ["time", "2026-W38", "--by", "person,goal,week,day,channel,tier"],
    "explain": ["explain", "victor", "2026-W38"],
    "uncounted": ["uncounted", "2026-W38"],
    "report": ["report", "2026-W38"],
    "people": ["people", "--all"],
    "person": ["person", "dana"],
    "neglected": ["neglected"],
    "over": ["over"],
    "fading": ["fading"],
    "care": ["care"],
    "owe": ["owe"],
    "goals": ["goals", "2026-W38"],
    "goal": ["goal", "show", "growth"],
    "budget": ["budget"],
    "slots": ["slots", "--for", "ana"],
    "can-i": ["can-i", "1h", "weekly", "--with", "victor"],
    "now": ["now", "--diff"],
    "log": ["log", "--limit", "20"],
    "query": ["query", "select * from v_time limit 3"],
}
LAZY = ("sqlalchemy", "pydantic", "dramatiq", "requests", "msal", "googleapiclient", "asyncio", "alembic")


@pytest.mark.parametrize("name", ASKED)
def test_what_is_printed_is_what_the_schema_says(lived: Home, name: str) -> None:
    jsonschema.validate(lived.json(*ASKED[name]), schemas.document(name))


def test_every_command_with_an_answer_has_a_schema() -> None:
    assert set(COMMANDS) - set(schemas.SCHEMAS) == {"schema", "completions", "daemon"}
    for name in schemas.SCHEMAS:
        jsonschema.Draft202012Validator.check_schema(schemas.document(name))


@pytest.mark.parametrize("question", ["time last-week", "neglected", "report 2026-W38", "people", "status", "fading"])
def test_the_way_to_an_answer_imports_next_to_nothing(lived: Home, question: str) -> None:
    lived.json("time")  # the views are up to date
    program = "import sys; from amity.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-I", "-X", "importtime", "-c", program, *question.split()]
    options = ["--home", str(lived.folder), "--as-of", lived.as_of]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    modules = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "click" in modules
    assert [name for name in sorted(modules) if name.split(".")[0] in LAZY] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_help_works_without_a_home(name: str, tmp_path: Path) -> None:
    result = Home(tmp_path).invoke(name, "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage: amity")


def test_options_may_stand_before_and_after(lived: Home) -> None:
    options = ["--json", "--home", str(lived.folder), "--as-of", lived.as_of]
    before = CliRunner().invoke(main, [*options, "time", "2026-W38"])
    after = CliRunner().invoke(main, ["time", "2026-W38", *options])
    assert json.loads(after.stdout)["totals"]["clock_minutes"] > 0
    assert after.stdout == before.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["time", "someday"], 2, "is no period"),
        (["time", "--by", "moon"], 2, "--by"),
        (["time", "--as-of", "soon"], 2, "is no time"),
        (["explain", "nobody-here"], 2, "Nobody is known"),
        (["person", "(broadcast)"], 2, "is no person"),
        (["mark", "999999", "attended"], 2, "No meeting"),
        (["mark", "1", "maybe"], 2, "is no mark"),
        (["mark", "1", "goal=nope"], 2, "no goal"),
        (["snooze", "dana", "soon"], 2, "number of days"),
        (["fine", "over", "ana"], 2, "no alert"),
        (["import", "/nowhere/at/all"], 1, "no such file"),
        (["frobnicate"], 2, "No such command"),
        (["time", "--frobnicate"], 2, "No such option"),
        (["query", "delete from v_time"], 2, "SQL"),
        (["rebuild", "nothing"], 2, "There is no view"),
        (["time", "--known-at", "99999999"], 2, "lies behind"),
    ],
)
def test_errors_are_one_sentence_with_the_right_code(lived: Home, arguments: list[str], code: int, says: str) -> None:
    result = lived.invoke(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert all(line.startswith("amity: ") for line in result.stderr.splitlines())


def test_debug_shows_where(lived: Home) -> None:
    assert "Traceback" in lived.invoke("time", "someday", "--debug").stderr


def test_an_ambiguous_name_lists_the_candidates(lived: Home) -> None:
    result = lived.invoke("person", "Colleague")
    assert result.exit_code == 2
    assert "colleague00@amity.example" in result.stderr


@pytest.mark.parametrize("command", ["neglected", "over"])
def test_check_exits_3_when_somebody_is_flagged(lived: Home, command: str) -> None:
    assert lived.invoke(command, "--check", "--as-of", lived.as_of).exit_code == 3
    assert lived.invoke(command, "--check", "--as-of", "2026-01-01").exit_code == 0
    assert lived.invoke("report", "2026-W38", "--check", "--as-of", lived.as_of).exit_code == 3


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.folder / "amity.toml").unlink()
    result = home.invoke("time")
    assert result.exit_code == 1
    assert "amity init" in result.stderr


def test_a_home_with_only_settings_answers(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.json("time", "2026-W38")["totals"]["clock_minutes"] == 0
    assert home.json("people") == home.json("neglected") == home.json("uncounted") == []
    assert home.json("status")["accounts"] == []
    assert home.invoke("report", "2026-W38").exit_code == 0


def test_settings_with_mistakes_run_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.settings('[me]\ntimezone = "Nowhere"\n[policy]\nemail = "guess"\n')
    result = home.invoke("time")
    assert result.exit_code == 2
    assert [line.split(": ")[1].rsplit(":", 2)[1:] for line in result.stderr.splitlines()] == [["2", "1"], ["4", "1"]]


def test_init_writes_settings_that_work_and_overwrites_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (home.folder / "amity.toml").unlink()
    home.folder.rmdir()
    said = home.json("init", "--me", "Me@X.org", "--timezone", "Europe/Helsinki", as_of=None)
    jsonschema.validate(said, schemas.document("init"))
    path = home.folder / "amity.toml"
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert home.json("time")["period"]["timezone"] == "Europe/Helsinki"
    before = path.read_bytes()
    again = home.invoke("init")
    assert (again.exit_code, path.read_bytes()) == (1, before)
    lines = [line.removeprefix("# ") for line in before.decode().splitlines() if "=" in line or "[" in line]
    home.settings("\n".join(lines))
    assert home.invoke("time").exit_code == 0
    assert home.invoke("init", "--timezone", "Mars/Base").exit_code == 1


def test_files_of_the_home_are_private(lived: Home) -> None:
    loose = [path.name for path in lived.folder.iterdir() if path.name != "amity.toml" and path.stat().st_mode & 0o077]
    assert loose == []


def test_completions_and_schema(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for shell in ("bash", "zsh", "fish"):
        assert "_AMITY_COMPLETE" in home.invoke("completions", shell).output
    assert json.loads(home.invoke("schema", "time").output)["title"] == "amity time --json"
    assert home.invoke("schema", "nothing").exit_code == 2


def test_people_stand_in_the_order_of_what_had_happened_by_then(tmp_path: Path) -> None:
    home = Home(tmp_path)
    ana = [mail("Ana <ana@y.org>", ME, f"{day:02} Sep 2026 10:00:00 +0000", "Hello.") for day in (1, 2)]
    bo = [mail("Bo <bo@z.org>", ME, f"{day:02} Sep 2026 10:00:00 +0000", "Hello.") for day in (1, 20, 21, 22)]
    back = [mail(ME, to, "01 Sep 2026 12:00:00 +0000", "Hello you.") for to in ("ana@y.org", "bo@z.org")]
    home.mbox(*ana, *bo, *back)
    assert [one["messages_in"] for one in home.json("people")] == [4, 2]
    assert [one["messages_in"] for one in home.json("people", as_of="2026-09-10T00:00:00Z")] == [2, 1]
