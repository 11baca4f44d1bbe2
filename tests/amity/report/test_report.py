from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from amity.report.text import render
from amity.report.words import tenths
from events.envelope import NewEvent, stream_of
from events.log import open_log
from events.vocabulary import Attendee, Mailbox, MeetingObserved, ProfileSet
from tests.home import Home, guests, mail, vevent

FORMATS = ("text", "json", "html", "md")
EVIL = "\x1b]0;owned\x07\u202e<script>alert(1)</script>[x](http://evil.example)"


def screen(text: str) -> list[str]:
    return text.split("\nAPPENDIX\n", maxsplit=1)[0].split("\n")


@pytest.fixture(scope="module")
def report(lived: Home) -> Any:
    return lived.json("report", "2026-W38")


def test_who_is_neglected_is_not_called_quieter_too(report: Any) -> None:
    other = next(one for one in report["care"] if one["person"] not in [who["person"] for who in report["neglected"]])
    quieter = [{"person": one["person"]} for one in (*report["neglected"], *report["told"]["neglected"], other)]
    (line,) = [one for one in screen(render(report | {"quieter": quieter})) if "quieter than usual" in one]
    assert line.strip() == f"quieter than usual: {other['person']['name']}"


def test_the_report_tells_of_everybody_it_was_invented_for(report: Any) -> None:
    assert "Dana Ortiz" in {one["person"]["name"] for one in report["neglected"]}
    over = report["over_invested"] + report["told"]["over_invested"]
    assert "Victor Hahn" in {one["person"]["name"] for one in over}
    assert "Priya Nair" in {one["person"]["name"] for one in report["care"]}
    goals = {one["goal"]: one for one in report["goals"]}
    assert goals["growth"]["displaced_minutes"] == pytest.approx(60)
    assert goals["growth"]["displaced_by"][0]["person"]["name"] == "(broadcast)"
    assert goals["fundraise"]["out_of_touch"] == ["Dana Ortiz", "Hiro Sato"]
    assert "Tomas Berg" in {one["person"]["name"] for one in report["inbox"]}
    assert [one["person"]["name"] for one in report["waiting"]] == ["Inês Prado"]
    assert 0 < len(report["moves"]) <= 3


def test_sums_reconcile(report: Any) -> None:
    totals = report["totals"]
    assert sum(one["minutes"] for one in report["goals"]) == pytest.approx(totals["clock_minutes"])
    people = totals["attributed_minutes"] + totals["broadcast_minutes"]
    assert sum(one["minutes"] for one in report["people"]) == pytest.approx(people)
    assert people == pytest.approx(totals["meeting_minutes"] + totals["mail_minutes"])
    assert totals["clock_minutes"] == pytest.approx(people + totals["solo_minutes"])


def test_one_screen_first(lived: Home) -> None:
    text = lived.invoke("report", "2026-W38", "--as-of", lived.as_of).stdout
    lines = screen(text)
    assert len(lines) <= 40
    assert max(map(cell_len, text.split("\n"))) <= 80
    hours = [float(line[14:19]) for line in lines if re.match(r".{14} *\d+\.\d h", line) and not line.startswith(" ")]
    tracked = next(line for line in lines if "tracked" in line)
    assert sum(hours) == pytest.approx(float(tracked.split(" ")[0]))


def test_one_screen_however_much_there_is_to_say(tmp_path: Path) -> None:
    goals = "".join(f'[goals.goal-{i}]\nweight = 0.05\nweekly = "1h"\nmatch = ["title{i}"]\n' for i in range(20))
    people = "".join(f'[people."p{i}@y.org"]\nevery = "2d"\nmax = "5m/week"\n' for i in range(15))
    home = Home(tmp_path, more=goals + people)
    entries = []
    for i in range(15):
        for day in range(1, 25):
            start, whom = f"202608{day:02d}T{6 + i:02d}", guests(f"p{i}@y.org")
            entries.append(vevent(f"m{i}-{day}", f"{start}0000Z", f"{start}3000Z", *whom, title=f"title{i}"))
    home.calendar(*entries)
    text = home.invoke("report", "2026-W36", "--as-of", "2026-09-07T00:00:00Z").stdout
    assert len(screen(text)) <= 40
    assert max(map(cell_len, text.split("\n"))) <= 80
    found = home.json("report", "2026-W36", as_of="2026-09-07T00:00:00Z")
    assert len(found["neglected"]) <= 7
    assert len(found["over_invested"]) <= 3


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_question_has_the_same_bytes(lived: Home, form: str) -> None:
    arguments = ("report", "2026-W38", "--format", form, "--as-of", lived.as_of)
    first, second = lived.invoke(*arguments), lived.invoke(*arguments)
    assert first.exit_code == 0, first.output
    assert first.stdout_bytes == second.stdout_bytes


def test_what_was_said_last_week_is_not_repeated(lived: Home) -> None:
    names = {one["person"]["name"] for one in lived.json("report", "2026-W38")["neglected"]}
    assert "Hiro Sato" not in names
    assert "overdue" in {one["state"] for one in lived.json("neglected") if one["person"]["name"] == "Hiro Sato"}


def test_last_months_report_does_not_know_this_week(lived: Home) -> None:
    then = lived.json("report", "2026-W30", as_of="2026-07-27T00:00:00+03:00")
    now = lived.json("report", "2026-W30")
    for key in ("totals", "goals", "people", "neglected", "over_invested", "care", "uncounted"):
        assert now[key] == then[key], key


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_is_shown_and_not_obeyed(tmp_path: Path, form: str) -> None:
    home = Home(tmp_path)
    home.mbox(mail(f'"{EVIL}" <eve@y.org>', "me@x.org", "Tue, 01 Sep 2026 10:00:00 +0000", "word " * 200, "Status: RO"))
    start = "20260902T100000Z"
    eve = f"ORGANIZER;CN={EVIL.replace(';', ' ').replace(':', ' ')}:mailto:eve@y.org"
    home.calendar(vevent("x", start, "20260902T120000Z", eve, *guests("eve@y.org"), title=EVIL))
    output = home.invoke("report", "2026-W36", "--format", form, "--as-of", home.as_of)
    assert output.exit_code == 0, output.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(output.stdout)
    if form in {"html", "md"}:
        assert "<script" not in output.stdout
    for command in (["people"], ["explain", "eve@y.org"], ["person", "eve@y.org"], ["uncounted"], ["log"], ["time"]):
        result = home.invoke(*command, "--as-of", home.as_of)
        assert result.exit_code == 0, result.stderr
        assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)


def test_private_titles_appear_nowhere(tmp_path: Path) -> None:
    home = Home(tmp_path)
    start = "20260902T100000Z"
    home.calendar(vevent("x", start, "20260902T120000Z", "CLASS:PRIVATE", *guests("ana@y.org"), title="Secret doctor"))
    home.calendar(vevent("y", start, "20260902T120000Z", "CLASS:PRIVATE", title="Secret block"), name="other.ics")
    asked = [["report", "2026-W36", "--format", form] for form in FORMATS]
    asked += [["explain", "ana@y.org"], ["uncounted"], ["person", "ana@y.org"], ["query", "select * from v_meetings"]]
    for arguments in asked:
        for flags in ([], ["--json"]):
            assert "Secret" not in home.invoke(*arguments, *flags, "--as-of", home.as_of).output


def test_html_is_one_page_that_may_load_nothing(lived: Home) -> None:
    page = lived.invoke("report", "2026-W38", "--format", "html", "--as-of", lived.as_of).stdout
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=|<script|<link|url\(|@import", page)


def test_output_is_written_private_and_whole(lived: Home, tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("old")
    options = ("--format", "md", "--output", str(path), "--as-of", lived.as_of)
    assert lived.invoke("report", "2026-W38", *options).stdout == ""
    assert path.read_text(encoding="utf-8").startswith("# WEEK 38")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    nowhere = tmp_path / "no" / "where.md"
    assert lived.invoke("report", "2026-W38", "--output", str(nowhere), "--as-of", lived.as_of).exit_code == 1


def test_what_was_never_reported_is_not_restated(report: Any) -> None:
    assert report["restated"] == []  # everything was recorded after that week


def test_what_arrived_late_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with open_log(f"sqlite:///{home.folder}/amity.db") as log:
        profile = ProfileSet(timezone="UTC", addresses=("me@x.org",))
        log.append([NewEvent(stream_of(None, "settings", "profile", ""), None, 0, profile)], recorded_ms=0)
        for uid, day, recorded in (("a", 8, 13), ("b", 9, 16)):
            meeting = MeetingObserved(
                source="files:x", uid=uid, start=f"2026-09-{day:02d}T10:00:00", zone="UTC", seconds=3600, title=uid,
                organizer=Mailbox("me@x.org"), attendees=(Attendee("ana@y.org", answer="accepted"),),
            )  # fmt: skip
            recorded_ms = round(datetime(2026, 9, recorded, 12, tzinfo=UTC).timestamp() * 1000)
            log.append([NewEvent(stream_of(0, "meeting", uid), 1, recorded_ms, meeting)], recorded_ms=recorded_ms)
    found = home.json("report", "2026-W38", as_of="2026-09-21T00:10:00Z")
    assert found["restated"] == [{"week": "2026-W37", "goal": "unassigned", "before_minutes": 60, "after_minutes": 120}]
    text = home.invoke("report", "2026-W38", "--as-of", "2026-09-21T00:10:00Z").stdout
    assert "2026-W37 unassigned 1.0 → 2.0 h" in text


def test_parts_printed_in_tenths_add_up() -> None:
    assert tenths([3.0, 3.0, 3.0]) == (0.2, [0.1, 0.1, 0.0]) or sum(tenths([3.0, 3.0, 3.0])[1]) == pytest.approx(0.2)
    whole, parts = tenths([961.0, 328.9, 91.1])
    assert whole == pytest.approx(sum(parts))


def test_the_demo_needs_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    result = home.invoke("demo")
    assert result.exit_code == 0
    assert screen(result.stdout)[0].startswith("WEEK 38")
    assert list(home.folder.iterdir()) == [home.folder / "amity.toml"]
