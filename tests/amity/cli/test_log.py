"""What the log shows, and what `undo` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import ME, Home, guests, mail, vevent

TITLE = "Biopsy zq17"
COMMANDS = (
    "log", "log --person ana", "time", "people --all", "person ana", "timeline ana", "brief ana", "brief next",
    "search zq17", "who zq17", "uncounted", "explain ana", "explain unassigned", "report",
    "inbox --all", "waiting --all", "asks", "care", "neglected", "over", "fading", "can-i 1h --with ana",
    "slots --for ana", "now", "doctor", "status", "query select+*+from+v_meetings",
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A private meeting in every state: single, in a series, moved, without guests, and private only in one file."""
    home = Home(tmp_path)
    home.as_of = "2026-09-20T12:00:00Z"
    with_ana = guests("ana@y.org")
    home.mbox(mail("Ana Ruiz <ana@y.org>", ME, "Tue, 01 Sep 2026 10:00:00 +0000", "Could you call me?"))
    home.calendar(
        vevent("a", "20260902T100000Z", "20260902T110000Z", "CLASS:PRIVATE", *with_ana, title=TITLE),
        vevent("b", "20260903T100000Z", "20260903T110000Z", "CLASS:PRIVATE", "RRULE:FREQ=WEEKLY", title=TITLE),
        vevent("b", "20260911T100000Z", "20260911T110000Z", "RECURRENCE-ID:20260910T100000Z", title=TITLE),
        vevent("c", "20260904T100000Z", "20260904T110000Z", "CLASS:PRIVATE", *guests("ana@y.org", mine="NEEDS-ACTION")),
        vevent("d", "20260922T100000Z", "20260922T110000Z", "CLASS:PRIVATE", *with_ana, title=TITLE),
        vevent("e", "20260905T100000Z", "20260905T110000Z", *with_ana, title=TITLE),
    )
    home.calendar(
        vevent("e", "20260905T100000Z", "20260905T110000Z", "CLASS:PRIVATE", *with_ana, title=TITLE), name="late.ics"
    )
    return home


@pytest.mark.parametrize("line", COMMANDS)
def test_a_private_title_appears_nowhere(home: Home, line: str) -> None:
    words = [word.replace("+", " ") for word in line.split()]
    dated = [] if words[0] in {"status", "doctor"} else ["--as-of", home.as_of]
    for more in ([], ["--json"]):
        assert home.invoke(*words, *dated, *more).output.lower().count("biopsy") == 0


def test_the_log_shows_the_rest_of_a_private_meeting(home: Home) -> None:
    shown = [one["payload"] for one in home.json("log") if one["type"] == "meeting.observed.v1"]
    assert {one["title"] for one in shown} == {"(private)"}
    assert [one["uid"] for one in shown] == ["a", "b", "b", "c", "e", "e"]


def test_undo_says_in_words_what_it_takes_back(home: Home) -> None:
    home.json("snooze", "ana", "14d")
    home.json("note", "ana", "walked", "--minutes", "30")
    refused = home.invoke("split", "ana", "ana@y.org", "--as-of", home.as_of)
    assert (refused.exit_code, "nothing is recorded" in refused.output) == (2, True)
    assert home.json("undo")["changed"].startswith("Taken back: noted with Ana Ruiz: walked (#")
    assert home.json("undo")["changed"].startswith("Taken back: Ana Ruiz is snoozed for 14 days (#")
    position = next(one["position"] for one in home.json("log") if one["type"] == "meeting.observed.v1")
    home.json("mark", str(position), "no-show")
    assert home.json("undo")["changed"].startswith('Taken back: "(private)" is marked no-show (#')


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["place", "ana", "own-sake"], "time with Ana Ruiz is for its own sake"),
        (["place", "ana", "max=1h/week"], "at most 1 h a week with Ana Ruiz"),
        (["rhythm", "ana", "every 6w"], "in touch with Ana Ruiz every 42 days"),
        (["merge", "ana", "bo@y.org"], "ana@y.org and bo@y.org are one person"),
        (["split", "cy@y.org", "cy@z.org"], "cy@z.org is not Cy Young"),
        (["intros", "mark", "ana", "bo@y.org", "sent"], "the introduction of Ana Ruiz and Bo is marked sent"),
    ],
)
def test_every_decision_has_its_words(home: Home, arguments: list[str], told: str) -> None:
    home.mbox(
        mail("Bo <bo@y.org>", ME, "Tue, 01 Sep 2026 11:00:00 +0000"),
        mail("Cy Young <cy@y.org>", ME, "Tue, 01 Sep 2026 12:00:00 +0000"),
        mail("Cyrus <cy@z.org>", ME, "Tue, 01 Sep 2026 13:00:00 +0000"),
        name="more.mbox",
    )
    if arguments[0] == "split":
        home.json("merge", "cy@y.org", "cy@z.org")
    assert home.invoke(*arguments, "--as-of", home.as_of).exit_code == 0
    assert home.json("undo")["changed"].startswith(f"Taken back: {told} (#")


@pytest.mark.parametrize("words", [["who", ""], ["who", " ", "?"], ["search", " "]])
def test_a_question_without_words_is_told_so(home: Home, words: list[str]) -> None:
    answer = home.invoke(*words)
    assert (answer.exit_code, "amity" in answer.output) == (2, True)
