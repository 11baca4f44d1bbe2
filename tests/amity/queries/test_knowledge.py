"""What is told of people: search, who, introductions, dossier and brief, from files to printed documents."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from amity.terminal import cells
from tests.home import ME, Home, guests, mail, vevent

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ANA, BEN, CY, DEE = (
    f"{name} <{name.split()[0].lower()}@x.com>" for name in ("Ana Ruiz", "Ben Ode", "Cy Two", "Dee Lo")
)
NEEDS = """
[people."ana@x.com"]
needs = ["Pricing"]
[people."ben@x.com"]
offers = ["pricing strategy", "tax"]
[people."cy@x.com"]
offers = ["pricing"]
"""


def when(days: float) -> str:
    return format_datetime(NOW - timedelta(days=days))


_number = iter(range(1_000_000))


def sent(
    sender: str, to: str, days: float, subject: str, body: str = "Hello there", *, cc: str = "", answers: str = ""
) -> tuple[str, str]:
    """One mail and its Message-ID."""
    own = f"<{next(_number)}@x.com>"
    more = [f"Message-ID: {own}", *([f"Cc: {cc}"] if cc else [])]
    more += [f"In-Reply-To: {answers}", f"References: {answers}"] if answers else []
    return mail(sender, to, when(days), body, *more, subject=subject), own


def talk(other: str, days: float, subject: str = "Catching up") -> list[str]:
    """I write, they answer."""
    first, own = sent(ME, other, days, subject, "How are you?")
    return [
        first,
        sent(other, ME, days - 0.5, f"Re: {subject}", "All is well with us here in the north.", answers=own)[0],
    ]


def made(tmp_path: Path, mails: list[str], more: str = "", *meetings: str) -> Home:
    home = Home(tmp_path, more=more)
    home.as_of = NOW.isoformat()
    home.mbox(*mails)
    if meetings:
        home.calendar(*meetings)
    return home


def names(rows: list[dict[str, Any]], key: str = "person") -> list[str]:
    return [row[key]["name"] for row in rows]


def test_search_finds_mail_meetings_notes_and_people(tmp_path: Path) -> None:
    talked = talk(ANA, 9, "Prix du café") + talk(BEN, 8, "定价方案")
    meeting = vevent("1", "20261005T100000Z", "20261005T110000Z", *guests("ana@x.com"), title="Café tour")
    secret = vevent(
        "2", "20261006T100000Z", "20261006T110000Z", "CLASS:PRIVATE", *guests("ana@x.com"), title="Café two"
    )
    later = vevent("3", "20261205T100000Z", "20261205T110000Z", *guests("ben@x.com"), title="Café plan")
    home = made(tmp_path, talked, "", meeting, secret, later)
    home.json("note", "ana@x.com", "loves cafe tables")
    rows = home.json("search", "CAFE")
    assert [(row["kind"], row["title"]) for row in rows] == [
        ("plan", "Café plan"), ("note", "loves cafe tables"), ("mail", "Re: Prix du café"),
        ("sent", "Prix du café"), ("meeting", "Café tour"),
    ]  # fmt: skip
    assert "Café two" not in home.invoke("search", "café").output
    assert names(home.json("search", "定价")) == ["Ben Ode", "Ben Ode"]
    assert [row["kind"] for row in home.json("search", "ruiz")] == ["person"]
    assert names(home.json("search", "cafe", "--person", "ben")) == ["Ben Ode"]
    assert home.json("search", "cafe", "--period", "2026-10-05..2026-10-06")[0]["title"] == "Café tour"
    assert [row["title"] for row in home.json("search", "cafe", "2026-10-05..2026-10-06")] == ["Café tour"]
    assert home.json("search", "cafe", "2026-99") == []
    assert len(home.json("search", "café", "--limit", "2")) == 2
    assert home.json("search", '"*', "AND", "(") == []
    earlier = home.json("search", "cafe", as_of="2026-10-24T00:00:00Z")
    assert [row["kind"] for row in earlier] == ["plan", "mail", "sent", "meeting"]


def test_the_index_may_be_deleted_and_follows_new_mail(tmp_path: Path) -> None:
    home = made(tmp_path, talk(ANA, 9, "Budget"))
    assert len(home.json("search", "budget")) == 2
    home.mbox(*talk(BEN, 5, "Budget too"), name="more.mbox")
    found = home.json("search", "budget")
    assert len(found) == 4
    (home.folder / "search.db").unlink()
    assert home.json("search", "budget") == found


def helping(other: str, topic: str, *days: float) -> list[str]:
    return [one for at in days for one in talk(other, at, topic)]


def test_the_helper_stands_first_and_who_was_asked_twice_rests(tmp_path: Path) -> None:
    mails = helping(ANA, "Tax return", 40, 60, 80) + helping(BEN, "Lunch", 35, 45, 50, 60, 80)
    mails += [sent(ME, CY, at, "Tax question", "Could you help?")[0] for at in (70, 90)]  # never answers
    home = made(tmp_path, mails)
    rows = home.json("who", "taxes")
    assert names(rows) == ["Ana Ruiz", "Cy Two"]
    assert rows[0]["state"] == "free"
    assert rows[0]["evidence"]
    home.mbox(*(sent(ME, ANA, at, f"Another {at}", "Could you help me?")[0] for at in (20, 10)), name="asks.mbox")
    rested = home.json("who", "taxes")
    assert [(row["person"]["name"], row["state"]) for row in rested] == [("Cy Two", "free"), ("Ana Ruiz", "resting")]
    assert home.json("who", "zebra") == []
    assert home.invoke("who", "!!!").exit_code == 2


def test_a_recorded_refusal_changes_no_rank(tmp_path: Path) -> None:
    asked, _ = sent(ME, BEN, 20, "Tax favour", "Could you help?")
    home = made(tmp_path, [*helping(ANA, "Tax return", 40, 60), asked])
    before = [home.json(*command) for command in (["who", "tax"], ["person", "ben"], ["intros"])]
    (ask,) = [one for one in home.json("asks") if one["person"]["name"] == "Ben Ode"]
    home.json("mark", str(ask["position"]), "ask=no")
    assert [home.json(*command) for command in (["who", "tax"], ["person", "ben"], ["intros"])] == before


def warm(*others: str) -> list[str]:
    return [one for other in others for days in (60, 45, 30, 15, 4) for one in talk(other, days)]


def test_those_who_complement_each_other_are_introduced_and_the_acquainted_never(tmp_path: Path) -> None:
    home = made(tmp_path, warm(ANA, BEN, CY), NEEDS)
    rows = home.json("intros")
    assert [(row["a"]["name"], row["b"]["name"]) for row in rows] == [("Ana Ruiz", "Cy Two"), ("Ana Ruiz", "Ben Ode")]
    assert rows[0]["score"] > rows[1]["score"] > 0
    assert rows[0]["evidence"]
    home.mbox(sent(BEN, ME, 100, "Numbers", cc=ANA)[0], name="thread.mbox")
    assert names(home.json("intros"), "b") == ["Cy Two"]
    home.calendar(vevent("9", "20260105T100000Z", "20260105T110000Z", *guests("ana@x.com", "cy@x.com")))
    assert home.json("intros") == []


def test_one_thread_joins_two_who_never_stood_on_one_mail(tmp_path: Path) -> None:
    first, own = sent(ME, ANA, 30, "Plan")
    mails = [*warm(ANA, CY), first, sent(ME, CY, 29, "Re: Plan", answers=own)[0]]
    assert made(tmp_path, mails, NEEDS).json("intros") == []


def test_whom_i_keep_waiting_is_not_introduced(tmp_path: Path) -> None:
    more = NEEDS.replace('needs = ["Pricing"]', 'needs = ["Pricing"]\nevery = "1d"')
    assert made(tmp_path, warm(ANA, CY), more).json("intros") == []


def test_an_offer_that_nobody_wrote_down_is_read_from_two_threads_at_least(tmp_path: Path) -> None:
    needs = '[people."ana@x.com"]\nneeds = ["patents"]\n'
    mails = [*warm(ANA, BEN, CY), *(sent(BEN, ME, at, f"Patent filing {at}")[0] for at in (20, 40))]
    mails.append(sent(CY, ME, 20, "A patent")[0])
    rows = made(tmp_path, mails, needs).json("intros")
    assert [(row["a"]["name"], row["b"]["name"], row["complement"]) for row in rows] == [("Ana Ruiz", "Ben Ode", 0.5)]


def test_an_introduction_is_drafted_when_both_agreed_tracked_and_undone(tmp_path: Path) -> None:
    home = made(tmp_path, warm(ANA, CY), NEEDS)
    moment = ["--as-of", NOW.isoformat()]
    refused = home.invoke("intros", "draft", "ana", "cy", *moment)
    assert refused.exit_code == 1
    assert "has not agreed" in refused.output
    home.json("intros", "mark", "ana", "cy", "opted-in", "--by", "ana")
    assert home.invoke("intros", "draft", "ana", "cy", *moment).exit_code == 1
    home.json("intros", "mark", "ana", "cy", "opted-in", "--by", "cy")
    drafted = home.json("intros", "draft", "ana", "cy")
    text = Path(drafted["file"]).read_text(encoding="utf-8")
    assert text == drafted["text"]
    assert "Ana Ruiz" in text
    assert "Cy Two" in text
    assert drafted["words"] <= 120
    assert home.json("intros")[0]["state"] == "opted-in"
    home.json("intros", "mark", "ana", "cy", "sent")
    assert home.json("intros") == []
    assert [row["state"] for row in home.json("intros", "--all")] == ["sent"]
    later = home.json("intros", "--all", as_of="2026-12-01T00:00:00Z")
    assert "did they meet" in later[0]["why"]
    home.json("rebuild", as_of=None)
    assert [row["state"] for row in home.json("intros", "--all")] == ["sent"]
    home.json("undo")
    assert home.json("intros")[0]["state"] == "opted-in"
    assert home.invoke("intros", "mark", "ana", "cy", "married").exit_code == 2


def test_who_introduced_them_stands_on_the_page(tmp_path: Path) -> None:
    first, own = sent(ANA, ME, 90, "Meet Dee", cc=DEE)
    copied, second = sent(BEN, CY, 80, "Intro", cc=ME)
    group = f"{ME}, {ANA}, {BEN}, {CY}, eve@x.com"
    mails = [
        first,
        sent(DEE, ME, 89, "Re: Meet Dee", answers=own)[0],
        copied,
        sent(CY, ME, 79, "Re: Intro", answers=second)[0],
    ]
    mails += [sent("Fay Six <fay@x.com>", group, 70, "All hands")[0], *talk("Gus Ten <gus@x.com>", 60)]
    home = made(tmp_path, mails)
    began = {name: home.json("person", name)["began"] for name in ("dee", "cy", "fay", "gus", "eve")}
    assert began["dee"]["introducer"]["name"] == "Ana Ruiz"
    assert began["cy"]["introducer"]["name"] == "Ben Ode"
    assert [began[name]["introducer"] for name in ("fay", "gus", "eve")] == [None, None, None]
    assert all(one["evidence"] for one in began.values())
    assert "introduced by Ana Ruiz" in home.invoke("person", "dee", "--as-of", NOW.isoformat()).output


def test_a_page_cites_positions_on_every_line(tmp_path: Path) -> None:
    home = made(tmp_path, [*warm(ANA), sent(ANA, ME, 2, "Contract", "Could you sign it?", cc=BEN)[0]])
    one = home.json("person", "ana")
    (loop,) = [loop for loop in one["open_loops"] if loop["who"] == "you"]
    assert loop["subject"] == "Contract"
    assert names(one["shared_people"]) == ["Ben Ode"]
    assert len(one["last_contacts"]) == 3
    (year,) = one["give_and_take"]
    assert (year["i_asked"], year["they_answered"]) == (5, 5)
    few = home.json("person", "ana", as_of="2026-10-04T00:00:00Z")["give_and_take"][0]
    assert few["i_asked"] == 3
    assert few["they_answered_share"] is None
    for items in (one["shared_people"], one["topics"], one["open_loops"], one["give_and_take"], [one["began"]]):
        assert all(item["evidence"] for item in items)
    assert [row["position"] for row in home.json("timeline", "ana")] == [row["position"] for row in one["timeline"]]


def briefed(tmp_path: Path) -> Home:
    soon = vevent("1", "20261102T100000Z", "20261102T110000Z", *guests("ana@x.com", "new@y.com"), title="Kick-off")
    alone = vevent("2", "20261101T100000Z", "20261101T110000Z", title="Focus")
    gone = vevent("3", "20261101T120000Z", "20261101T130000Z", *guests("ben@x.com", mine="DECLINED"), title="No")
    return made(tmp_path, warm(ANA), "", soon, alone, gone)


def test_the_brief_of_the_next_meeting_begins_with_whom_one_does_not_know(tmp_path: Path) -> None:
    home = briefed(tmp_path)
    one = home.json("brief", "next")
    assert one["meeting"]["title"] == "Kick-off"
    assert [(who["person"]["addresses"][0], who["new"]) for who in one["participants"]] == [
        ("new@y.com", True), ("ana@x.com", False),
    ]  # fmt: skip
    numbers = [f"#{position}" for position in sorted({row["position"] for row in home.json("timeline", "ana")})]
    assert one["lines"] == [
        '2026-11-02 10:00-11:00 "Kick-off" with New, Ana Ruiz #' + str(one["meeting"]["position"]),
        "New  new@y.com",
        " new to you: nothing of theirs is in your mail and calendar",
        f"Ana Ruiz  usual every 15 d, now 4 d {numbers[-2]} {numbers[-1]}",
        f' last: 2026-10-28 mail from them "Re: Catching up" {numbers[-1]}',
        f" how: 2026-09-02 {numbers[0]}",
    ]


def test_a_brief_has_twelve_lines_of_eighty_columns_and_nothing_after_its_moment(tmp_path: Path) -> None:
    home = briefed(tmp_path)
    before = [home.json("brief", who) for who in ("next", "ana")]
    leak = [one for days in (-3, -5) for other in (ANA, "new@y.com") for one in talk(other, days, "LEAK from later")]
    home.mbox(*leak, name="later.mbox")
    after = [home.json("brief", who) for who in ("next", "ana")]
    assert "LEAK" not in json.dumps(after)
    assert after == before
    for one in after:
        assert len(one["lines"]) <= 12
        assert all(cells(line) <= 80 for line in one["lines"])


def test_without_a_meeting_to_come_one_sentence_says_so(tmp_path: Path) -> None:
    home = made(tmp_path, talk(ANA, 5))
    assert home.json("brief", "next")["meeting"] is None
    result = home.invoke("brief", "next", "--as-of", NOW.isoformat())
    assert result.output == "No meeting with others is to come in your calendar.\n"


@pytest.mark.parametrize("command", [["person", "dee"], ["brief", "dee"], ["search", "secret"], ["brief", "next"]])
def test_a_private_title_stands_nowhere(tmp_path: Path, command: list[str]) -> None:
    lines = ["CLASS:PRIVATE", *guests("dee@x.com")]
    past = vevent("1", "20261005T100000Z", "20261005T110000Z", *lines, title="Secret talk")
    soon = vevent("2", "20261105T100000Z", "20261105T110000Z", *lines, title="Secret talk")
    home = made(tmp_path, talk(ANA, 5), "", past, soon)
    assert "Secret" not in json.dumps(home.json(*command))


def test_whom_i_bring_in_myself_nobody_introduced_and_whom_i_turn_to_somebody_did(tmp_path: Path) -> None:
    mails = [*talk(ANA, 90), sent(ME, ANA, 60, "Re: Order", cc=BEN, answers="<unseen1@x.com>")[0]]
    mails.append(sent(ME, CY, 50, "Re: You two", cc=ANA, answers="<unseen2@x.com>")[0])
    mails.append(sent(DEE, ANA, 40, "Re: Kitchen", answers="<unseen3@x.com>")[0])  # an assistant, from my outbox
    home = made(tmp_path, mails)
    assert [home.json("person", name)["began"]["introducer"] for name in ("ben", "dee")] == [None, None]
    assert home.json("person", "cy")["began"]["introducer"]["name"] == "Ana Ruiz"


def test_merged_people_are_one_helper_and_the_order_of_arrival_changes_nothing(tmp_path: Path) -> None:
    one, other = helping(ANA, "Tax return", 40, 60), helping("Ana Ruiz-Lo <ana@home.net>", "Taxes", 50, 70)
    first, second = made(tmp_path / "1", one), made(tmp_path / "2", other)
    first.mbox(*other, name="more.mbox")
    second.mbox(*one, name="more.mbox")
    for home in (first, second):
        home.json("merge", "ana@x.com", "ana@home.net", as_of="2026-08-01T00:00:00Z")
    found = [home.json("who", "tax") for home in (first, second)]
    assert len(found[0]) == 1
    told = [{key: value for key, value in rows[0].items() if key != "evidence"} for rows in found]
    assert told[0] == told[1]
