"""Files made to hurt, through the command line: each item is accounted for, its neighbours count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.home import ME, Home, guests, mail, vevent

DATE = "Tue, 01 Sep 2026 10:0{}:00 +0000"
FINE = [mail("ana@y.org", "me@x.org", DATE.format(n), f"hello {n}", subject=f"fine {n}") for n in (1, 2)]
MAILS = {
    "a subject of a megabyte": mail("b@y.org", "me@x.org", DATE.format(3), subject="=?utf-8?B?w6TDtg==?= " * 50_000),
    "recipients": mail("me@x.org", ", ".join(f"u{n}@z.org" for n in range(100_000)), DATE.format(3)),
    "parts": mail("b@y.org", "me@x.org", DATE.format(3), "--b\n\nx\n" * 9_999, "Content-Type: multipart/x; boundary=b"),
    "a date beyond all": mail("b@y.org", "me@x.org", "Fri, 31 Dec 9999 23:59:59 -1200"),
    "NULs": mail("b\0@y.org", "me@x.org", DATE.format(3), "\0\0", subject="\0 \x9b"),
}  # fmt: skip
SPAN = ("20260901T100000Z", "20260901T110000Z")
OK = [vevent("ok1", *SPAN, *guests("ana@y.org")), vevent("ok2", "20260902T100000Z", "20260902T110000Z", *guests("a@y.org"))]  # noqa: E501  two meetings
MEETINGS = {
    "every second since 1970": vevent("s", "19700101T100000Z", "", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"),
    "an empty set": vevent("e", *SPAN, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", *guests("ana@y.org")),
    "the end of the calendar": vevent("far", "99991231T235959Z", "", "DURATION:P9W", *guests("ana@y.org")),
    "the year one": vevent("old", "00010101T000000Z", "", "DURATION:PT1H", *guests("ana@y.org")),
    "out of office for ever": vevent("ooo", "20300101T000000Z", "97001231T000000Z", "X-GOOGLE-EVENT-TYPE:OUTOFOFFICE"),
    "alarms without end": "BEGIN:VEVENT\r\nUID:v\r\n" + "BEGIN:VALARM\r\n" * 5_000,
    "no date": vevent("no", "\x1b[31mgarbage"),
}  # fmt: skip
ASKED = [["report", "2026-W36"], ["people", "--all"], ["time", "all"], ["uncounted"], ["query", "select * from v_meetings"]]  # noqa: E501  five questions


def accounted(answer: Any) -> bool:
    parts = answer["stored"] + answer["duplicates"] + sum(answer["skipped"].values()) + len(answer["problems"])
    return bool(answer["seen"] == parts)


def every_question(home: Home) -> None:
    for question in ASKED:
        home.json(*question)
        assert home.invoke(*question).exit_code == 0


@pytest.mark.parametrize("name", MAILS)
def test_hostile_mail_leaves_its_neighbours_intact(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path, zone="Pacific/Kiritimati")
    answer = home.mbox(FINE[0], MAILS[name], FINE[1])
    assert accounted(answer)
    assert answer["stored"] == 3
    every_question(home)
    assert home.people(everyone=True)["ana@y.org"]["messages_in"] == 2


@pytest.mark.parametrize("name", MEETINGS)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_hostile_meetings_leave_their_neighbours_intact(tmp_path: Path, name: str, zone: str) -> None:
    home = Home(tmp_path, zone=zone)
    answer = home.calendar(OK[0], MEETINGS[name], OK[1])
    assert accounted(answer)
    assert all(":" in problem["where"] for problem in answer["problems"])
    every_question(home)
    assert home.totals("2026-08-31..2026-09-04")["meeting_minutes"] == 120


def test_a_folder_of_what_is_no_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    raw = FINE[0].split("\n", 1)[1].encode()
    (home.inbox / "new\nline\x1b[31m.eml").write_bytes(raw)
    with open(os.fsencode(home.inbox) + b"/bad\xff.eml", "wb") as file:  # noqa: PTH123  a Path holds no such name
        file.write(raw.replace(b"fine", b"other"))
    os.mkfifo(home.inbox / "pipe.eml")
    for link, target in (("loop", "."), ("nowhere", "nothing"), ("self", "self")):
        (home.inbox / link).symlink_to(target)
    result = home.invoke("import", str(home.inbox))
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    answer = home.json("import", str(home.inbox), as_of=None)
    assert accounted(answer)
    assert (answer["stored"], answer["duplicates"], answer["skipped"]["special_file"]) == (0, 2, 1)


def test_a_rule_that_is_not_followed_is_said_to_be(tmp_path: Path) -> None:
    """A meeting every second of the year is refused; its silence must not look like free time."""
    home = Home(tmp_path)
    home.calendar(
        vevent("s", "20260901T100000Z", "20260901T100001Z", *guests("ana@y.org", organizer=ME), "RRULE:FREQ=SECONDLY")
    )
    found = [row for row in home.json("uncounted", "all") if row["reason"] == "rule_not_followed"]
    assert [row["title"] for row in found] == ["Talk"]
    assert home.json("report", "2026-W36")["uncounted"][-1]["reason"] == "rule_not_followed"
