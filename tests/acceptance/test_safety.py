"""Damage in the home is one sentence that helps; what strangers wrote is shown, never obeyed."""

from __future__ import annotations

import re
import sqlite3
import stat
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from tests.home import Home, guests, mail, vevent

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")
NAMES = [
    "Ana \x1b[31mRed\x07", "\u202eevil", "C1 \x9b31m", "Zero\u200bWidth", "line\u2028feed", "<script>alert(1)</script>",
    "a|b`c`", "[x](javascript:alert\\(1\\))", "=cmd|' /C calc'!A0", "李小龙 王", "👩‍👩‍👧 Family", "שלום", "A" * 300,
]  # fmt: skip
QUESTIONS = [
    ["status"], ["time", "2026-W36"], ["time", "2026-W36", "--by", "goal,person"], ["people", "--all"],
    ["person", "p1@y.org"], ["neglected"], ["over"], ["explain", "p0@y.org"], ["uncounted"], ["report", "2026-W36"],
    ["log"], ["query", "select title from v_meetings"], ["query", "select subject from v_messages"],
]  # fmt: skip


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Every name in every place where a stranger can put one."""
    home = Home(tmp_path_factory.mktemp("strange"), more='[goals."<b>|\\u202e\\u001b[31m"]\nmatch = ["talk"]\n')
    mails, meetings = [], []
    for number, name in enumerate(NAMES):
        word = f"=?utf-8?B?{b64encode(name.encode()).decode()}?="
        for hour in (10, 11):
            date = f"Tue, 01 Sep 2026 {hour}:{number:02d}:00 +0000"
            mails.append(mail(f"{word} <p{number}@y.org>", "me@x.org", date, subject=word))
        day = f"202609{1 + number % 5:02d}"
        title = name.replace(",", "\\,").replace(";", "\\;")
        span = (f"{day}T{8 + number:02d}0000Z", f"{day}T{8 + number:02d}3000Z")
        meetings.append(vevent(f"u{number}", *span, *guests(f"p{number}@y.org"), title=f"{title} talk"))
        meetings.append(vevent(f"bad{number}", name))
    home.mbox(*mails, name="m \x1b[31m\u202e.mbox")
    home.calendar(*meetings, head="X-WR-CALNAME:Evil \x1b[31m\u202e|<b>\r\n")
    return home


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_nothing_a_stranger_wrote_is_obeyed(strange: Home, question: list[str]) -> None:
    result = strange.invoke(*question, *([] if question == ["log"] else ["--as-of", strange.as_of]))
    assert result.exit_code == 0
    assert OBEYED.findall(result.output) == []


def test_problems_are_printed_harmless(strange: Home) -> None:
    result = strange.invoke("import", str(strange.inbox))
    assert "\\x1b[31mRed\\x07" in result.stdout
    assert OBEYED.findall(result.output) == []


def test_documents_are_inert(strange: Home) -> None:
    asked = ("report", "2026-W36", "--as-of", strange.as_of, "--format")
    page, text = (strange.invoke(*asked, kind).stdout for kind in ("html", "md"))
    assert "default-src 'none'" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert not re.search(r"(?<!\\)<b>|(?<!\\)\]\(", text)
    assert OBEYED.findall(page + text) == []


@pytest.mark.parametrize("damage", [b"", b"garbage" * 1000])
def test_views_that_are_no_views_come_back(life_copy: Home, damage: bytes) -> None:
    before = life_copy.json("report", "2026-W38")
    (life_copy.folder / "views.db").write_bytes(damage)
    assert life_copy.json("report", "2026-W38") == before


def test_damage_inside_the_views_is_one_sentence_and_rebuild_mends_it(life_copy: Home) -> None:
    before = life_copy.json("people", "--all")
    with closing(sqlite3.connect(life_copy.folder / "views.db", isolation_level=None)) as views:
        views.execute("UPDATE person SET name = CAST(x'ff41' AS TEXT)")
    result = life_copy.invoke("people", "--all")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "amity rebuild" in result.stderr
    life_copy.json("rebuild", as_of=None)
    assert life_copy.json("people", "--all") == before


def test_an_event_that_is_no_json_is_named(life_copy: Home) -> None:
    life_copy.json("time")
    with closing(sqlite3.connect(life_copy.folder / "amity.db", isolation_level=None)) as log:
        log.execute("UPDATE events SET payload = CAST(x'ff' AS TEXT) WHERE position = 500")
    result = life_copy.invoke("log", "--json")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "amity verify" in result.stderr
    assert "mistake" not in result.stderr


def test_everything_in_the_home_is_private(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.folder.chmod(0o755)
    home.json("time")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
