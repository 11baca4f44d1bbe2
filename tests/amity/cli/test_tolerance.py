"""Every alert can be called fine, which takes away that alert and no other; a job title and the order of files are
no reason for anything; one bad week changes no state (lessons, L8).
"""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tests.home import ME, Home, guests, mail, vevent

Answers = dict[tuple[str, ...], str]
# Every question that is asked about people or time.
ASKED = (
    ("time", "all", "--by", "person,goal,channel"),
    ("time", "all", "--by", "week,tier"),
    ("uncounted", "all"),
    ("explain", "unassigned", "all"),
    ("people", "--all"),
    ("neglected",),
    ("over",),
    ("fading",),
    ("care",),
    ("care", "--quiet"),
    ("care", "--share"),
    ("owe",),
    ("inbox", "--all"),
    ("waiting",),
    ("asks",),
    ("intros",),
    ("who", "launch"),
    ("goals",),
    ("budget",),
    ("now",),
    ("slots", "--for", "ana.ruiz@amity.example"),
    ("can-i", "1h", "--with", "ana.ruiz@amity.example"),
    ("brief", "next"),
    ("query", "SELECT * FROM v_time ORDER BY day, person_id, goal, channel, minutes"),
    ("query", "SELECT * FROM v_requests ORDER BY since, person_id"),
)
ABOUT_ONE = frozenset({"brief", "goals"})  # they tell of one person's rhythm, and who is in touch by it


def answers(home: Home) -> Answers:
    """What each question says, to the byte; a question this home has no answer for is told by its error."""
    found: Answers = {}
    for line in ASKED:
        result = home.invoke(*line, "--as-of", home.as_of, "--json")
        assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), line
        found[line] = result.stdout
    return found


def changed(before: Answers, after: Answers) -> set[str]:
    return {line[0] for line, said in after.items() if before[line] != said}


def rows(home: Home, command: str) -> dict[str, Any]:
    return {one["person"]["id"]: one for one in home.json(command)}


@pytest.mark.parametrize(("command", "flags"), [("neglected", {"overdue", "dormant"}), ("over", {"over", "to-decide"})])
def test_fine_takes_away_that_alert_and_no_other(life_copy: Home, command: str, flags: set[str]) -> None:
    before, listed = answers(life_copy), rows(life_copy, command)
    key, entry = next((key, one) for key, one in listed.items() if one["state"] in flags)
    life_copy.json(*shlex.split(entry["fine"])[1:])
    after = rows(life_copy, command)
    assert key not in after or after[key]["state"] not in flags
    listed.pop(key)
    after.pop(key, None)
    assert after == listed
    assert changed(before, answers(life_copy)) - ABOUT_ONE == {command}
    life_copy.json("undo")
    assert changed(before, answers(life_copy)) == set()


@pytest.mark.parametrize(("command", "other"), [("fading", "neglected"), ("neglected", "fading")])
def test_two_alerts_of_one_silence_are_called_fine_one_by_one(tmp_path: Path, command: str, other: str) -> None:
    home = Home(tmp_path)
    home.as_of = "2026-09-30T12:00:00Z"
    weekly = vevent("w", "20251001T100000Z", "20251001T110000Z", "RRULE:FREQ=WEEKLY;COUNT=44", *guests("lena@x.org"))
    home.calendar(weekly)
    before = answers(home)
    told = {one: home.json(one) for one in ("fading", "neglected")}
    assert [told[one][0]["state"] for one in ("fading", "neglected")] == ["fading", "dormant"]
    home.json(*shlex.split(told[command][0]["fine"])[1:])
    assert [row["state"] for row in home.json(command)] in ([], ["ok"], ["due"])
    assert home.json(other) == told[other]
    assert changed(before, answers(home)) - ABOUT_ONE == {command}


def talks(address: str, days: list[int], reply_hours: dict[int, int]) -> list[str]:
    """On each day of 2026 (1 is the first) a mail of mine that they answer, after so many hours (else two)."""
    found = []
    for day in days:
        asked, name = f"ask{day}.{address}", address.partition("@")[0]
        hours = reply_hours.get(day, 2)
        found.append(
            mail(
                ME,
                address,
                _date(day, 9),
                f"How is it going there, {name}?",
                f"Message-ID: <{asked}>",
                subject=f"On {day}",
            )
        )
        found.append(mail(
            f"{name.title()} <{address}>", ME, _date(day + hours // 24, 9 + hours % 24), "Well, and you?",
            f"Message-ID: <answer{day}.{address}>", f"In-Reply-To: <{asked}>", f"References: <{asked}>",
            subject=f"Re: On {day}",
        ))  # fmt: skip
    return found


def _date(day: int, hour: int) -> str:
    return format_datetime(datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=day - 1))


WEEKS = list(range(5, 270, 7))


def friend(tmp_path: Path, slow: dict[int, int], *vevents: str) -> Home:
    """A friend who answers within two hours each week, but where `slow` says otherwise."""
    home = Home(tmp_path)
    home.as_of = "2026-09-27T12:00:00Z"
    home.mbox(*talks("lena@x.org", WEEKS, slow))
    home.calendar(*vevents)
    return home


def states(home: Home) -> dict[str, dict[str, str]]:
    found = {}
    for command in ("neglected", "over", "fading", "care", "owe"):
        found[command] = {one["person"]["name"]: one["state"] for one in home.json(command)}
    return found


def test_one_bad_week_changes_no_state_and_four_are_quieter_and_nothing_stronger(tmp_path: Path) -> None:
    usual = states(friend(tmp_path / "usual", {}))
    assert usual["fading"] == {}
    lost = guests("lena@x.org/DECLINED")
    missed = [vevent("one", f"202609{day}T100000Z", f"202609{day}T110000Z", *lost) for day in (22, 23)]
    assert states(friend(tmp_path / "bad", {WEEKS[-1]: 96}, *missed)) == usual
    four = states(friend(tmp_path / "four", dict.fromkeys(WEEKS[-4:], 96)))
    assert four == usual | {"fading": {"Lena": "quieter"}}


def test_quieter_can_be_called_fine_and_that_brings_back_nothing(tmp_path: Path) -> None:
    home = friend(tmp_path, dict.fromkeys(WEEKS[-4:], 96))
    before = answers(home)
    (entry,) = home.json("fading")
    home.json(*shlex.split(entry["fine"])[1:])
    assert home.json("fading") == []
    assert changed(before, answers(home)) == {"fading"}


def test_days_away_are_no_sign(tmp_path: Path) -> None:
    away = vevent(
        "away", ";VALUE=DATE:20260825", ";VALUE=DATE:20260930", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", title="Away"
    )
    assert friend(tmp_path, dict.fromkeys(WEEKS[-4:], 96), away).json("fading") == []


CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEMAIL:{address}\r\n"
    "TITLE:{title}\r\nROLE:{title}\r\nORG:{title}\r\nEND:VCARD\r\n"
)


def test_a_job_title_is_no_reason_for_anything(tmp_path: Path) -> None:
    found = []
    for title in ("Apprentice", "Chief Executive Officer"):
        home = friend(tmp_path / title, {})
        home.bring("cards.vcf", "".join(
            CARD.format(name=name, address=f"{name.lower()}@x.org", title=title) for name in ("Lena", "Somebody")
        ))  # fmt: skip
        found.append(answers(home))
    assert found[0] == found[1]


def test_a_job_title_that_changes_changes_nothing(life_copy: Home) -> None:
    card = CARD.format(name="Ana Ruiz", address="ana.ruiz@amity.example", title="Engineer")
    life_copy.bring("ana.vcf", card.replace("TITLE:", "UID:ana-1\r\nTITLE:"))
    before = answers(life_copy)
    life_copy.bring(
        "later.vcf", card.replace("TITLE:", "UID:ana-1\r\nTITLE:").replace("Engineer", "Head of Everything")
    )
    assert changed(before, answers(life_copy)) == set()


def _unplaced(value: Any) -> Any:
    """Without positions in the log, which are of the order of arrival."""
    if isinstance(value, dict):
        return {key: _unplaced(one) for key, one in value.items() if key not in {"position", "evidence", "open_loops"}}
    return [_unplaced(one) for one in value] if isinstance(value, list) else value


def test_the_order_of_arrival_is_no_reason_for_anything(tmp_path: Path) -> None:
    met = vevent("m", "20260901T100000Z", "20260901T110000Z", *guests("omar@y.org"))
    files = {
        "a.mbox": "".join(talks("lena@x.org", WEEKS, {})[::2]),
        "b.mbox": "".join(talks("lena@x.org", WEEKS, {})[1::2]),
        "c.mbox": "".join(talks("omar@y.org", WEEKS[::3], {WEEKS[3]: 60})),
        "d.ics": f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{met}END:VCALENDAR\r\n",
        "e.vcf": CARD.format(name="Lena", address="lena@x.org", title="None"),
    }
    found = []
    for order in (sorted(files), sorted(files, reverse=True)):
        home = Home(tmp_path / order[0])
        home.as_of = "2026-09-30T12:00:00Z"
        for name in order:
            home.bring(name, files[name])
        found.append(
            {line: _unplaced(json.loads(said)) for line, said in answers(home).items() if said.startswith(("[", "{"))}
        )
    assert found[0] == found[1]
    assert ("care",) in found[0]


@pytest.mark.parametrize(
    "said",
    [("fine", "neglected"), ("snooze",)],
)
def test_an_alert_answered_on_monday_has_left_last_weeks_report(life_copy: Home, said: tuple[str, ...]) -> None:
    week = "2026-W38"
    before = life_copy.json("report", week, as_of="2026-09-21T07:00:00Z")
    (gone, *others) = before["neglected"]
    days = ("30d",) if said == ("snooze",) else ()
    life_copy.json(*said, gone["person"]["addresses"][0], *days, as_of="2026-09-21T07:00:00Z")
    after = life_copy.json("report", week, as_of="2026-09-21T07:05:00Z")
    assert after["neglected"] == others
    assert gone["person"] not in [one["person"] for one in after["told"]["neglected"]]
    assert after["over_invested"] == before["over_invested"]
