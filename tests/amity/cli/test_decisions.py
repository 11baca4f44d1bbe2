from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import schemas
from tests.home import Home, mail


def states(home: Home, command: str) -> dict[str, str]:
    return {one["person"]["name"]: one["state"] for one in home.json(command)}


def decide(home: Home, *arguments: str) -> Any:
    said = home.json(*arguments)
    jsonschema.validate(said, schemas.document(arguments[0]))
    return said


def test_a_snooze_is_dated_and_can_be_undone(life_copy: Home) -> None:
    assert states(life_copy, "neglected")["Dana Ortiz"] == "overdue"
    said = decide(life_copy, "snooze", "dana", "14d")
    assert said["at"].startswith("2026-09-20T23:50")
    assert states(life_copy, "neglected")["Dana Ortiz"] == "snoozed"
    decide(life_copy, "undo")
    assert states(life_copy, "neglected")["Dana Ortiz"] == "overdue"
    assert life_copy.invoke("undo").exit_code == 2


def test_before_a_decision_it_was_not_made(life_copy: Home) -> None:
    decide(life_copy, "snooze", "dana", "14d")
    life_copy.as_of = "2026-09-20T23:00:00+03:00"
    assert states(life_copy, "neglected")["Dana Ortiz"] == "overdue"


def test_fine_takes_away_that_alert_and_no_other(life_copy: Home) -> None:
    before = states(life_copy, "neglected")
    entry = next(one for one in life_copy.json("neglected") if one["person"]["name"] == "Dana Ortiz")
    decide(life_copy, *entry["fine"].split()[1:])
    after = states(life_copy, "neglected")
    assert after.pop("Dana Ortiz") not in {"overdue", "dormant"}
    before.pop("Dana Ortiz")
    assert after == before
    assert "over" in states(life_copy, "over").values()
    over = next(one for one in life_copy.json("over") if one["state"] == "over")
    decide(life_copy, *over["fine"].split()[1:])
    assert "over" not in states(life_copy, "over").values()


def test_a_merge_joins_and_a_split_parts(life_copy: Home) -> None:
    decide(life_copy, "merge", "dana", "omar@bakery.example")
    joined = life_copy.json("person", "dana@ortiz-ventures.example")
    assert joined["addresses"] == ["dana@ortiz-ventures.example", "omar@bakery.example"]
    assert life_copy.invoke("merge", "dana@ortiz-ventures.example", "omar@bakery.example").exit_code == 2
    decide(life_copy, "split", "dana@ortiz-ventures.example", "omar@bakery.example")
    assert life_copy.json("person", "omar@bakery.example")["addresses"] == ["omar@bakery.example"]
    assert life_copy.invoke("split", "dana", "ana.ruiz@amity.example").exit_code == 2


def test_a_note_is_contact_and_time(life_copy: Home) -> None:
    before = life_copy.json("time", "2026-W38")["totals"]["clock_minutes"]
    said = decide(life_copy, "note", "dana", "walked around the lake", "--minutes", "45", "--goal", "fundraise")
    assert states(life_copy, "neglected")["Dana Ortiz"] == "ok"
    assert life_copy.json("time", "2026-W38")["totals"]["clock_minutes"] == pytest.approx(before + 45)
    item = next(one for one in life_copy.json("explain", "dana", "2026-W38")["items"] if one["kind"] == "note")
    assert (item["position"], item["minutes"]) == (said["position"], 45)
    rows = life_copy.json("time", "2026-W38", "--by", "channel", "--measure", "clock")["rows"]
    assert {row["channel"]: row["minutes"] for row in rows}["note"] == pytest.approx(45)


def test_marks_change_what_counts(life_copy: Home) -> None:
    item = next(one for one in life_copy.json("explain", "victor", "2026-W38")["items"] if one["title"] == "Sync")
    position = str(item["position"])
    decide(life_copy, "mark", position, "goal=hiring")
    assert any(one["title"] == "Sync" for one in life_copy.json("explain", "hiring", "2026-W38")["items"])
    decide(life_copy, "mark", position, "no-show")
    assert not any(one["title"] == "Sync" for one in life_copy.json("explain", "victor", "2026-W38")["items"])
    lost = next(one for one in life_copy.json("uncounted", "2026-W38") if one["title"] == "Sync")
    assert lost["minutes"] == item["minutes"] == 90
    maybe = next(one for one in life_copy.json("uncounted", "2026-W38") if one["title"] == "Panel rehearsal")
    decide(life_copy, "mark", str(maybe["position"]), "attended")
    assert any(one["title"] == "Panel rehearsal" for one in life_copy.json("explain", "omar", "2026-W38")["items"])


def test_known_at_forgets_what_came_later(life_copy: Home) -> None:
    position = life_copy.json("status")["log"]["last_position"]
    before = life_copy.json("time", "2026-W38")
    decide(life_copy, "note", "dana", "called", "--minutes", "30")
    assert life_copy.json("time", "2026-W38") != before
    assert life_copy.json("time", "2026-W38", "--known-at", str(position)) == before
    assert life_copy.json("time", "all", "--known-at", "2001-01-01T00:00:00Z")["totals"]["clock_minutes"] == 0


def test_a_new_goal_relabels_the_past_and_known_at_brings_the_old_one_back(life_copy: Home) -> None:
    position = life_copy.json("status")["log"]["last_position"]
    before = life_copy.json("time", "2026-W38", "--by", "goal")
    text = (life_copy.folder / "amity.toml").read_text(encoding="utf-8")
    life_copy.settings(text + '\n[goals.ops]\nmatch = ["sync", "ops"]\n')
    after = life_copy.json("time", "2026-W38", "--by", "goal")
    assert {row["goal"]: row["minutes"] for row in after["rows"]}["ops"] > 60
    assert after["totals"] == before["totals"]
    assert life_copy.json("time", "2026-W38", "--by", "goal", "--known-at", str(position)) == before
    assert [one["type"] for one in life_copy.json("log", "--limit", "1", as_of=None)] == ["goal.set.v1"]


def test_decisions_outlive_a_rebuild_and_a_restore(life_copy: Home) -> None:
    decide(life_copy, "note", "dana", "called", "--minutes", "30")
    decide(life_copy, "snooze", "lena", "30d")
    before = life_copy.invoke("report", "2026-W38", "--json", "--as-of", life_copy.as_of).stdout
    assert life_copy.invoke("rebuild").exit_code == 0
    assert life_copy.invoke("report", "2026-W38", "--json", "--as-of", life_copy.as_of).stdout == before
    (life_copy.folder / "views.db").unlink()
    assert life_copy.invoke("report", "2026-W38", "--json", "--as-of", life_copy.as_of).stdout == before
    folder = life_copy.folder.parent / "export"
    assert life_copy.invoke("export", str(folder)).exit_code == 0
    other = Home(life_copy.folder.parent / "other")
    (other.folder / "amity.toml").unlink()
    assert other.invoke("restore", str(folder)).exit_code == 0
    assert other.invoke("report", "2026-W38", "--json", "--as-of", life_copy.as_of).stdout == before
    assert other.invoke("restore", str(folder)).exit_code == 2
    assert other.json("verify", as_of=None)["ok"]


def test_views_of_another_log_are_not_believed(life_copy: Home, tmp_path: Path) -> None:
    """The log was replaced by one with as many events, and the views stayed behind."""
    other = Home(tmp_path / "other")
    other.settings((life_copy.folder / "amity.toml").read_text(encoding="utf-8"))
    events = life_copy.json("status")["log"]["events"]
    other.mbox(*(mail(f"p{i}@y.org", "mika@amity.example", "Tue, 15 Sep 2026 10:00:00 +0000") for i in range(events)))
    for path in life_copy.folder.glob("amity.db*"):
        path.unlink()
    for path in other.folder.glob("amity.db*"):
        shutil.copy(path, life_copy.folder)
    (other.folder / "views.db").unlink()
    assert life_copy.json("time", "2026-W38") == other.json("time", "2026-W38", as_of=life_copy.as_of)


def test_a_new_log_hears_of_the_settings_though_the_views_know_them(life_copy: Home) -> None:
    for path in life_copy.folder.glob("amity.db*"):
        path.unlink()
    life_copy.json("time")
    assert "profile.set.v1" in {one["type"] for one in life_copy.json("log", as_of=None)}
