from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from amity.queries import sql
from amity.queries.sql_views import NAMES
from tests.home import Home, mail

ATTACKS = [
    "ATTACH DATABASE '{folder}/stolen.db' AS x",
    "VACUUM INTO '{folder}/leak.db'",
    "SELECT * FROM message",
    "SELECT * FROM main.message",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM temp.sqlite_schema",
    "SELECT * FROM pragma_database_list",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA query_only = 0",
    "SELECT load_extension('evil')",
    "SELECT readfile('{folder}/amity.toml')",
    "CREATE TABLE t(a)",
    "CREATE TEMP VIEW v AS SELECT 1",
    "DROP TABLE message",
    "INSERT INTO message SELECT * FROM message",
    "UPDATE v_time SET minutes = 0",
    "SELECT 1; SELECT 2",
    "SELECT zeroblob(900000000)",
    "SELECT replace(hex(randomblob(1000)), '0', hex(randomblob(1000)))",
    "SELECT group_concat(printf('%.*c', 1000000, 'x')) FROM v_messages, v_messages AS other",
    "BEGIN EXCLUSIVE",
    "SELECT * FROM v_time WHERE minutes > (SELECT max(minutes) FROM ledger)",
    "",
    "not sql",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_but_the_documented_views(
    lived: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attack: str
) -> None:
    monkeypatch.setattr(sql, "SECONDS", 0.5)
    lived.json("time")
    before = sorted(path.name for path in lived.folder.iterdir())
    result = lived.invoke("query", attack.format(folder=tmp_path))
    assert result.exit_code in {1, 2}, result.output
    assert result.stderr.startswith("amity: ")
    assert list(tmp_path.glob("*.db")) == []
    assert sorted(path.name for path in lived.folder.iterdir()) == before


def test_a_question_without_end_is_stopped(lived: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "SECONDS", 0.3)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    result = lived.invoke("query", endless)
    assert result.exit_code == 1
    assert "stopped" in result.stderr


def test_too_many_rows_are_refused(lived: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "ROWS", 10)
    assert "more than 10 rows" in lived.invoke("query", "select * from v_messages").stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_view_answers(lived: Home, name: str) -> None:
    assert isinstance(lived.json("query", f"select * from {name} limit 2"), list)


def test_the_views_agree_with_the_commands(lived: Home) -> None:
    rows = lived.json("query", "select person, sum(minutes) m from v_time where week = '2026-W38' group by person")
    said = lived.json("time", "2026-W38", "--by", "person", "--measure", "attributed")["rows"]
    found = {row["person"]: round(row["m"], 3) for row in rows if row["person"] != "(solo)"}
    assert found == {row["person"]["name"]: round(row["minutes"], 3) for row in said}
    people = lived.json("query", "select id, names, addresses from v_people where promoted = 1")
    assert {row["id"] for row in people} == {one["id"] for one in lived.json("people")}


def test_recursion_functions_and_common_tables_work(lived: Home) -> None:
    question = "with t as (select week, minutes from v_time) select week, sum(minutes) h from t group by 1 limit 2"
    assert len(lived.json("query", question)) == 2
    count = lived.json("query", "select count(*) n from v_messages where direction = 'out'")[0]["n"]
    assert lived.json("query", "select count(*) n from v_messages")[0]["n"] > count > 0


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(mail("Eve <eve@y.org>", "me@x.org", "Tue, 01 Sep 2026 10:00:00 +0000", subject="=cmd|' /C calc'!A0"))
    result = home.invoke("query", "select subject, -1 as n from v_messages", "-O", "csv", "--as-of", home.as_of)
    assert list(csv.reader(io.StringIO(result.stdout))) == [["subject", "n"], ["'=cmd|' /C calc'!A0", "-1"]]
