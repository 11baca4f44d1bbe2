from __future__ import annotations

import json
import shutil
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import schemas
from amity.cli import COMMANDS
from projections.judgements import request_index
from tests.home import ME, Home, guests, mail, vevent

ANA, BO, CY = "Ana Ruiz <ana@y.org>", "Bo Lind <bo@y.org>", "Cy Park <cy@y.org>"
QUESTION = "Could you send me the numbers of the last quarter, please?"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.as_of = "2026-09-18T12:00:00Z"  # a Friday
    return home


@pytest.fixture(autouse=True)
def index(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read off the mail is kept, as it is of much mail."""
    monkeypatch.setattr(request_index, "WORTH", 0)


def sent(day: int, clock: str = "10:00") -> str:
    name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[(day - 14) % 7]
    return f"{name}, {day:02d} Sep 2026 {clock}:00 +0000"


def asked(sender: str = ANA, day: int = 14, body: str = QUESTION, *, to: str = ME, id_: str = "q1", **more: Any) -> str:
    return mail(sender, to, sent(day), body, f"Message-ID: <{id_}@y.org>", *more.pop("headers", ()), **more)


def answer(day: int = 15, body: str = "They are in the attached file.", *, to: str = ANA, **more: Any) -> str:
    headers = (f"Message-ID: <a{day}@x.org>", "In-Reply-To: <q1@y.org>")
    return mail(more.pop("sender", ME), to, sent(day), body, *headers, subject=more.pop("subject", "Re: Words"))


def rows(home: Home, *arguments: str) -> Any:
    found = home.json(*arguments)
    jsonschema.validate(found, schemas.document(arguments[0]))
    return found


def states(home: Home, *arguments: str) -> list[tuple[str, str]]:
    return [(one["person"]["addresses"][0], one["state"]) for one in rows(home, *arguments)]


def one(home: Home, *arguments: str) -> Any:
    (found,) = rows(home, *arguments)
    return found


def test_a_question_waits_and_says_since_when_until_when_and_where_it_stands(home: Home) -> None:
    home.mbox(asked())
    row = one(home, "inbox")
    assert (row["person"]["name"], row["subject"], row["since"]) == ("Ana Ruiz", "Words", "2026-09-14T10:00:00+00:00")
    # the world's answers: four in five within 7.4 working hours, where nothing else is known
    assert row["expected_by"].startswith("2026-09-14T17:2")
    assert (row["late"], row["state"], row["kind"]) == (True, "open", "mail")
    position = row["evidence"][0]
    (event,) = [one for one in home.json("log", as_of=None) if one["position"] == position]
    assert event["type"] == "message.observed.v1"
    home.as_of = "2026-09-14T12:00:00Z"
    assert one(home, "inbox")["late"] is False
    home.as_of = "2026-09-14T09:00:00Z"
    assert rows(home, "inbox", "--all") == []


def test_an_answer_settles_it_from_then_on(home: Home) -> None:
    home.mbox(asked(), answer(16))
    assert rows(home, "inbox") == []
    assert states(home, "inbox", "--all") == [("ana@y.org", "answered")]
    home.as_of = "2026-09-16T09:59:59Z"
    assert states(home, "inbox") == [("ana@y.org", "open")]


@pytest.mark.parametrize(
    "unasked",
    [
        asked(to=BO, headers=(f"Cc: {ME}",)),
        asked(headers=("List-Id: <all.y.org>",)),
        asked(headers=("Precedence: bulk",)),
        asked("noreply@y.org"),
        asked(headers=("Auto-Submitted: auto-replied",)),
        asked(body="Thanks a lot!", subject="Re: Words"),
    ],
    ids=["copied", "list", "bulk", "robot", "out of office", "thanks"],
)
def test_what_no_human_asks_of_me_is_no_request(home: Home, unasked: str) -> None:
    home.mbox(unasked)
    assert rows(home, "inbox", "--all") == []


def test_somebody_new_is_answered_whatever_they_write(home: Home) -> None:
    home.mbox(asked(body="I am new in town and work on the same subject as you do."))
    assert states(home, "inbox") == [("ana@y.org", "open")]


def test_what_i_asked_waits_for_them_and_an_absence_is_a_pause(home: Home) -> None:
    home.mbox(asked(ME, to=ANA))
    before = one(home, "waiting")
    assert (before["person"]["name"], before["late"]) == ("Ana Ruiz", True)
    home.bring("away.mbox", answer(14, sender=ANA, to=ME, subject="Automatic reply: Words"))
    after = one(home, "waiting")
    assert (after["state"], after["late"]) == ("open", False)
    assert after["expected_by"] > before["expected_by"]
    home.bring("back.mbox", answer(17, sender=ANA, to=ME))
    assert rows(home, "waiting") == []


def test_a_bounce_is_no_answer(home: Home) -> None:
    daemon = "Mail Delivery Subsystem <mailer-daemon@y.org>"
    home.mbox(asked(ME, to=ANA), answer(14, sender=daemon, to=ME, subject="Undelivered"))
    assert states(home, "waiting") == [("ana@y.org", "undelivered")]


def test_an_invitation_without_my_answer_waits_until_it_begins(home: Home) -> None:
    def invited(uid: str, mine: str, day: str) -> str:
        lines = [*guests("ana@y.org", mine=mine, organizer="ana@y.org"), "CREATED:20260914T080000Z"]
        return vevent(uid, f"{day}T100000Z", f"{day}T113000Z", *lines, title=f"Talk {uid}")

    home.calendar(
        invited("a", "NEEDS-ACTION", "20260925"), invited("b", "DECLINED", "20260924"),
        invited("c", "ACCEPTED", "20260923"), invited("d", "NEEDS-ACTION", "20260917"),
    )  # fmt: skip
    row = one(home, "inbox")
    assert (row["kind"], row["subject"], row["since"]) == ("invitation", "Talk a", "2026-09-14T08:00:00+00:00")
    assert row["card"]["cost_hours"]["hours"] == 1.5
    assert {one["subject"][-1]: one["state"] for one in rows(home, "inbox", "--all")} == {
        "a": "open", "b": "declined", "c": "accepted", "d": "not-a-request",
    }  # fmt: skip


@pytest.mark.parametrize("state", ["answered", "accepted", "declined", "redirected", "not-a-request"])
def test_the_owners_word_settles_is_dated_undone_and_survives(home: Home, state: str) -> None:
    home.mbox(asked())
    position = str(one(home, "inbox")["position"])
    said = home.json("mark", position, state)
    jsonschema.validate(said, schemas.document("mark"))
    assert rows(home, "inbox") == []
    assert states(home, "inbox", "--all") == [("ana@y.org", state)]
    assert said["position"] in one(home, "inbox", "--all")["evidence"]
    home.json("rebuild", as_of=None)
    assert states(home, "inbox", "--all") == [("ana@y.org", state)]
    assert home.json("inbox", as_of="2026-09-17T00:00:00Z")[0]["state"] == "open"
    home.json("undo")
    assert states(home, "inbox") == [("ana@y.org", "open")]


def test_what_is_deferred_comes_back(home: Home) -> None:
    home.mbox(asked())
    position = str(one(home, "inbox")["position"])
    home.json("mark", position, "deferred=2026-09-25")
    assert states(home, "inbox", "--all") == [("ana@y.org", "deferred")]
    home.as_of = "2026-09-25T09:00:00Z"
    row = one(home, "inbox")
    assert (row["state"], row["expected_by"], row["late"]) == ("open", "2026-09-25T00:00:00+00:00", True)
    home.bring("later.mbox", answer(24))
    assert states(home, "inbox", "--all") == [("ana@y.org", "answered")]


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("Sorry, I can't do that this month.", "declined"),
        ("Yes, happy to do it.", "accepted"),
        ("They are in the attached file.", "answered"),
    ],
)
def test_a_short_answer_of_mine_says_whether_i_took_it_on(home: Home, body: str, state: str) -> None:
    home.mbox(asked(), answer(body=body))
    assert states(home, "inbox", "--all") == [("ana@y.org", state)]
    assert home.json("report", "2026-W38")["requests"]["people_answered"] == 1


def test_an_answer_that_only_says_later_is_not_the_end(home: Home) -> None:
    home.mbox(asked(), answer(15, "Let me get back to you next week."))
    assert states(home, "inbox", "--all") == [("ana@y.org", "deferred")]
    home.as_of = "2026-09-25T12:00:00Z"
    assert states(home, "inbox") == [("ana@y.org", "open")]


def test_a_delegated_wait_ends_by_my_word_alone(home: Home) -> None:
    home.mbox(asked(ME, to=ANA))
    position = str(one(home, "waiting")["position"])
    home.json("mark", position, "delegated")
    home.bring("reply.mbox", answer(18, "On it.", sender=ANA, to=ME))
    assert one(home, "waiting")["why"] == "delegated: only your word ends it"
    home.json("mark", position, "answered")
    assert rows(home, "waiting") == []


def test_what_the_owner_calls_open_is_a_request(home: Home) -> None:
    home.mbox(
        mail(ANA, ME, sent(1), "We met at the conference.", subject="Hello"), answer(2, subject="Re: Hello"),
        mail(ANA, ME, sent(14), "The draft is on the shelf.", subject="Draft"),
    )  # fmt: skip
    assert rows(home, "inbox") == []
    position = next(
        one["position"]
        for one in home.json("query", "select subject, position from v_messages")
        if one["subject"] == "Draft"
    )
    home.json("mark", str(position), "open")
    assert [one["subject"] for one in rows(home, "inbox")] == ["Draft"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("1", "deferred"), "needs the day"),
        (("1", "ask=maybe"), "is no mark"),
        (("999", "declined"), "a mail or an invitation"),
        (("1", "finished"), "is no mark"),
    ],
)
def test_a_wrong_word_is_told(home: Home, arguments: tuple[str, ...], says: str) -> None:
    home.mbox(asked())
    result = home.invoke("mark", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ([], "silence"),
        ([answer(15, "Yes, gladly.", sender=ANA, to=ME)], "yes"),
        ([answer(15, "They are in the attached file.", sender=ANA, to=ME)], "yes"),
        ([answer(15, "Sorry, I can't this month.", sender=ANA, to=ME)], "no"),
        ([answer(15, "Yes, gladly.", sender=ANA, to=ME), answer(16, "Thank you!")], "thanked"),
        ([answer(15, sender=ANA, to=ME, subject="Automatic reply: Words")], "asked"),
    ],
)
def test_the_ledger_of_asks_is_read_off_the_thread(home: Home, replies: list[str], state: str) -> None:
    home.mbox(asked(ME, to=ANA), *replies)
    home.as_of = "2026-09-15T09:00:00Z"
    assert states(home, "asks") == [("ana@y.org", "asked")]
    home.as_of = "2026-09-22T12:00:00Z"
    assert states(home, "asks") == [("ana@y.org", state)]
    position = str(one(home, "asks")["position"])
    home.json("mark", position, "ask=thanked")
    assert states(home, "asks") == [("ana@y.org", "thanked")]


def test_an_ask_that_no_mail_shows_is_a_note(home: Home) -> None:
    home.mbox(asked(ME, to=ANA))
    note = home.json("note", "ana@y.org", "Asked for an introduction")
    home.json("mark", str(note["position"]), "ask=no")
    assert next((one["subject"], one["state"]) for one in rows(home, "asks")) == ("Asked for an introduction", "no")


PRINTING = (
    ("inbox", "--all"), ("inbox",), ("waiting",), ("neglected",), ("over",), ("fading",), ("care",), ("owe",),
    ("people", "--all"), ("person", "dana"), ("time", "all"), ("explain", "dana", "all"), ("uncounted", "all"),
    ("report", "2026-W38"), ("query", "select * from v_requests"), ("query", "select * from v_cadence"),
)  # fmt: skip


MORE = (
    ("goals",), ("plan",), ("budget",), ("intros",), ("now",), ("timeline", "dana"), ("brief", "dana"),
    ("who", "pricing"),
    ("slots", "--for", "dana"), ("can-i", "1h", "--with", "dana"), ("search", "launch"), ("accounts",), ("doctor",),
)  # fmt: skip


def outputs(home: Home) -> dict[str, str]:
    more = [arguments for arguments in MORE if arguments[0] in COMMANDS]
    found = {}
    for arguments in (*PRINTING, *more):
        result = home.invoke(*arguments, "--as-of", home.as_of, "--json")
        found[" ".join(arguments)] = f"{result.exit_code} {result.stdout}"
    for kind in ("text", "md", "html"):
        found[kind] = home.invoke("report", "2026-W38", "--as-of", home.as_of, "--format", kind).stdout
    return found


def test_a_no_is_free(life_copy: Home) -> None:
    """Recording a refusal changes the ledger of asks and no other byte anywhere, of what waits and of what is over."""
    asks = life_copy.json("asks")
    waits = life_copy.json("waiting")[0]["position"]
    over = next(one["position"] for one in asks if one["state"] == "yes")
    before = outputs(life_copy)
    for position in (waits, over):
        life_copy.json("mark", str(position), "ask=no")
    assert outputs(life_copy) == before
    after = life_copy.json("asks")
    marked = [one for one in after if one["position"] in {waits, over}]
    assert [one["state"] for one in marked] == ["no", "no"]
    assert [one for one in after if one not in marked] == [one for one in asks if one["position"] not in {waits, over}]
    life_copy.json("rebuild", as_of=None)
    assert outputs(life_copy) == before


def test_every_fact_of_a_card_cites_what_it_is_from(life_copy: Home) -> None:
    known = {one["position"] for one in life_copy.json("log", as_of=None)}
    cards = [one["card"] for one in life_copy.json("inbox")]
    assert cards
    for card in cards:
        assert set(card) == {"first_seen", "mutual", "given", "taken", "cost_hours", "left_hours", "goals"}
        for name, fact in card.items():
            if name != "goals" and fact != "unknown":
                assert known.issuperset(fact["evidence"])
                assert fact["evidence"] or name == "left_hours"
        if card["given"] != "unknown" and card["given"]["asked"] < 5:
            assert card["given"]["share"] is None


def test_a_stranger_has_a_card_of_unknowns(home: Home) -> None:
    home.mbox(asked())
    card = one(home, "inbox")["card"]
    assert (card["mutual"], card["taken"], card["cost_hours"], card["goals"]) == ("unknown",) * 4
    assert card["given"] | {"evidence": 0} == {"asked": 1, "answered": 0, "last": None, "share": None, "evidence": 0}


def test_the_view_has_the_numbers_of_what_waits(home: Home) -> None:
    home.mbox(asked(), asked(ME, to=BO, id_="q2"))
    found = home.json("query", "select * from v_requests order by direction")
    assert [(one["direction"], one["person"], one["state"], one["late"]) for one in found] == [
        ("in", "Ana Ruiz", "open", 1), ("out", "Bo Lind", "open", 1),
    ]  # fmt: skip
    assert found[0]["since"] == "2026-09-14T10:00:00Z"
    assert found[0]["median_hours"] == pytest.approx(47 / 60, abs=0.01)


def test_the_report_counts_who_waits(life_copy: Home) -> None:
    document = life_copy.json("report", "2026-W38")
    jsonschema.validate(document, schemas.document("report"))
    assert [one["position"] for one in document["inbox"]] == [one["position"] for one in life_copy.json("inbox")]
    assert [one["position"] for one in document["waiting"]] == [one["position"] for one in life_copy.json("waiting")]
    sums = document["requests"]
    assert 0 < sums["people_answered"] <= sums["people"]
    text = life_copy.invoke("report", "2026-W38", "--as-of", life_copy.as_of).stdout
    assert f"{sums['people_answered']} of {sums['people']} people who asked got an answer" in text.replace("\n", " ")
    assert "WAITING ON" in text
    screen = text.split("APPENDIX")[0].splitlines()
    assert len(screen) <= 40
    assert max(map(len, screen)) <= 80


def test_what_was_read_before_changes_no_answer(
    life_copy: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked now, then of a week ago, after a word, a merge and more mail: as if nothing had been kept."""
    home, kept = life_copy, life_copy.folder / "requests.db"
    now, home.inbox = home.as_of, tmp_path

    def answers(*moments: str) -> list[Any]:
        commands = (("inbox", "--all"), ("waiting",), ("asks",))
        return [home.json(*command, as_of=moment) for moment in moments for command in commands]

    def same(*moments: str) -> list[Any]:
        found = answers(*moments)
        assert kept.stat().st_mode & 0o777 == 0o600
        with monkeypatch.context() as patch:
            aside = kept.rename(tmp_path / "aside")
            patch.setattr(request_index, "WORTH", 1 << 62)
            assert answers(*moments) == found
            assert not kept.exists()
            aside.rename(kept)
        return found

    before = same(now, "2026-09-13T21:00:00Z")
    first, second, *_ = (row for row in before[0] if row["kind"] == "mail" and row["state"] == "open")
    home.json("mark", str(first["position"]), "answered")
    assert same(now)[0] != before[0]
    home.json("merge", first["person"]["id"], second["person"]["id"])
    home.mbox(asked("Dee Novo <dee@n.org>", id_="late"), name="late.mbox")
    same(now)


def test_damage_in_what_was_read_before_is_met_by_reading_the_mail(life_copy: Home) -> None:
    kept = life_copy.folder / "requests.db"
    before = rows(life_copy, "inbox", "--all")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert rows(life_copy, "inbox", "--all") == before
    assert not kept.exists()
    assert rows(life_copy, "inbox", "--all") == before
    assert kept.exists()


def test_a_draft_is_a_file_and_says_nothing_else(home: Home, tmp_path: Path) -> None:
    home.settings((home.folder / "amity.toml").read_text() + '\n[goals.secretplan]\nweight = 1\nmatch = ["numbers"]\n')
    home.mbox(asked(), asked(BO, id_="q2"))
    position = str(next(one for one in rows(home, "inbox") if one["person"]["name"] == "Ana Ruiz")["position"])
    said = home.json("decline", position)
    jsonschema.validate(said, schemas.document("decline"))
    path = Path(said["file"])
    assert path.parent == home.folder / "drafts"
    assert path.stat().st_mode & 0o777 == 0o600
    draft = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (draft["To"], draft["Subject"], draft["In-Reply-To"]) == ("ana@y.org", "Re: Words", "<q1@y.org>")
    assert "secretplan" not in path.read_text()
    assert "Bo" not in said["text"]
    assert home.invoke("decline", position).exit_code == 2  # nothing is overwritten
    other = home.json("redirect", position, "bo@y.org", "--output", str(tmp_path / "answer.txt"))
    assert "Bo Lind (bo@y.org)" in (tmp_path / "answer.txt").read_text()
    assert other["mark"] == f"amity mark {position} redirected"
    assert home.invoke("decline", "999").exit_code == 2
    assert states(home, "inbox") == states(home, "inbox", "--all")  # a draft settles nothing


def test_the_order_of_arrival_changes_nothing(home: Home, tmp_path: Path) -> None:
    mails = [
        asked(), answer(15), asked(BO, id_="q2", subject="Tea"), asked(ME, to=CY, id_="q3", subject="Cake"),
        mail(ANA, ME, sent(16), "Thanks!", "In-Reply-To: <a15@x.org>", subject="Re: Words"),
    ]  # fmt: skip
    found = []
    for turn, order in enumerate((mails, mails[::-1])):
        shutil.rmtree(home.folder)
        again = Home(tmp_path / str(turn))
        again.as_of = home.as_of
        for number, text in enumerate(order):
            again.bring(f"{number}.mbox", text)
        found.append([
            {key: value for key, value in row.items() if key not in {"evidence", "position", "card"}}
            for command in (("inbox", "--all"), ("waiting",), ("asks",))
            for row in again.json(*command)
        ])  # fmt: skip
        home = again
    assert json.dumps(found[0]) == json.dumps(found[1])


def test_what_waits_fits_a_terminal(life_copy: Home) -> None:
    for options in ("inbox",), ("inbox", "--all"), ("waiting",), ("asks",):
        text = life_copy.invoke(*options, "--as-of", life_copy.as_of).stdout
        assert max(map(len, text.splitlines())) <= 80, text
