"""The contract as a stranger tries it: empty homes, wrong words, signals, and a log that somebody touched."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from amity import schemas
from tests.home import Home, mail

EMPTY = [
    ["status"], ["time"], ["time", "this-week", "--by", "goal,day"], ["uncounted"], ["report", "last-week"], ["people"],
    ["people", "--all"], ["neglected"], ["over"], ["fading"], ["care"], ["owe"], ["log"], ["verify"], ["rebuild"],
    ["explain", "unassigned"], ["explain", "(broadcast)"], ["query", "select * from v_cadence"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", EMPTY, ids=" ".join)
def test_a_home_with_nothing_but_settings_answers_as_the_schema_says(tmp_path: Path, arguments: list[str]) -> None:
    found = Home(tmp_path).json(*arguments, as_of=None)
    jsonschema.validate(found, schemas.document(arguments[0]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["note", "dana", "a walk", "--minutes", "nan"], "no number of minutes"),
        (["snooze", "dana", "99999999999d"], "no number of days"),
        (["fine"], "Choose from: neglected, over, fading"),
        (["time", "--as-of", "9999-12-31T23:59:59"], "is no time"),
        (["time", "--as-of", "0001-01-01"], "is no time"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(
    lived: Home, arguments: list[str], says: str
) -> None:
    before = lived.json("status")["log"]
    result = lived.invoke(*arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert says in result.stderr
    assert lived.json("status")["log"] == before


def test_an_export_restored_is_the_same_log_and_the_same_report(life_copy: Home, tmp_path: Path) -> None:
    life_copy.json("snooze", "dana", "14d")
    asked = ("report", "2026-W38")
    before, folder = life_copy.invoke(*asked, "--as-of", life_copy.as_of).stdout, tmp_path / "export"
    life_copy.json("export", str(folder), as_of=None)
    other = Home(tmp_path / "other")
    assert other.invoke("restore", str(folder)).exit_code == 2
    (other.folder / "amity.toml").unlink()
    other.json("restore", str(folder), as_of=None)
    assert other.invoke(*asked, "--as-of", life_copy.as_of).stdout == before
    assert other.json("verify", as_of=None) == life_copy.json("verify", as_of=None)
    assert other.json("log") == life_copy.json("log")
    assert other.invoke("restore", str(folder)).exit_code == 2


def test_one_flipped_byte_of_any_kind_of_event_is_named(life_copy: Home) -> None:
    life_copy.json("note", "dana", "a walk", "--minutes", "30")
    life_copy.json("merge", "dana", "omar")
    with closing(sqlite3.connect(life_copy.folder / "amity.db", isolation_level=None)) as log:
        kinds = log.execute("SELECT min(position), max(position) FROM events GROUP BY type").fetchall()
        for position in sorted({position for pair in kinds for position in pair}):
            (whole,) = log.execute("SELECT payload FROM events WHERE position = ?", (position,)).fetchone()
            for place, flip in ((0, 1), (len(whole.encode()) // 2, 0x80), (len(whole.encode()) - 1, 2)):
                data = bytearray(whole.encode())
                data[place] ^= flip
                change = "UPDATE events SET payload = CAST(? AS TEXT) WHERE position = ?"
                log.execute(change, (bytes(data), position))
                result = life_copy.invoke("verify", "--json")
                assert (result.exit_code, json.loads(result.stdout)["first_bad"]) == (1, position)
            log.execute("UPDATE events SET payload = ? WHERE position = ?", (whole, position))
    assert life_copy.json("verify", as_of=None)["ok"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_an_import_in_order_and_the_next_one_completes_it(tmp_path: Path, number: signal.Signals) -> None:
    home = Home(tmp_path)
    date = "Tue, 01 Sep 2026 10:00:00 +0000"
    (home.inbox / "a.mbox").write_text("".join(mail("a@y.org", "me@x.org", date, f"mail {i}") for i in range(5)))
    program = (
        "import signal, sys, time\nfrom projections import base\nfrom amity.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # whoever runs the tests may ignore signals
        "for one in (signal.SIGTERM, signal.SIGHUP):\n    signal.signal(one, signal.SIG_DFL)\n"
        "def slow(*given):\n    print('stored', flush=True)\n    for _ in range(60):\n        time.sleep(1)\n"
        "base.Following.finish = slow\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, "import", str(home.inbox / "a.mbox"), "--home", str(home.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "stored\n"
        started = time.monotonic()
        process.send_signal(number)
        assert process.stderr.read().splitlines()[-1] == "amity: Stopped; what was stored before stays stored."
        assert process.wait() == 128 + number
    assert time.monotonic() - started < 30
    again = home.json("import", str(home.inbox / "a.mbox"), as_of=None)
    assert (again["stored"], again["duplicates"]) == (0, 5)
    assert home.json("status")["projections"][0]["lag"] == 0
