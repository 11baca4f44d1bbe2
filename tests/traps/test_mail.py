"""The known traps of F13 that live in mailboxes, each a test named after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.home import ME, Home, guests, mail, vevent

TUESDAY = "Tue, 01 Sep 2026 10:00:00 +0000"
LATER = "Tue, 01 Sep 2026 12:00:00 +0000"
READ = "Status: RO"
WORDS = " ".join(["word"] * 119)  # read in 58 s + 30 s
READING = 88 / 60
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana Ruiz\r\nEMAIL:ana@y.org\r\nEMAIL:ruiz@home.net\r\nEND:VCARD\r\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def near(minutes: float) -> object:
    return pytest.approx(minutes, abs=1e-3)


def test_a_human_mail_is_read_by_its_words(home: Home) -> None:
    home.mbox(mail("Ana <ana@y.org>", ME, TUESDAY, WORDS, READ))
    assert home.minutes() == {"ana@y.org": near(READING)}


def test_newsletter(home: Home) -> None:
    home.mbox(mail("News <news@shop.com>", ME, TUESDAY, WORDS, READ, "List-Unsubscribe: <https://shop.com/off>"))
    assert home.totals()["clock_minutes"] == 0
    assert home.reasons() == ["bulk"]
    assert home.json("people") == []


def test_no_reply_receipt(home: Home) -> None:
    home.mbox(mail("Shop <no-reply@shop.com>", ME, TUESDAY, WORDS, READ))
    assert home.totals()["clock_minutes"] == 0
    assert home.people(everyone=True)["no-reply@shop.com"]["kind"] == "robot"


def test_mailing_list_with_real_dialogue(home: Home) -> None:
    """A list is not people, but two people who answer each other on it are."""
    header = ("List-Id: <dev.lists.org>", READ)
    home.mbox(
        mail("Ana <ana@y.org>", "dev@lists.org", TUESDAY, WORDS, *header, "Message-ID: <1@y>"),
        mail(ME, "dev@lists.org", "Tue, 01 Sep 2026 11:00:00 +0000", "I agree", "List-Id: <dev.lists.org>",
             "Message-ID: <2@x>", "In-Reply-To: <1@y>"),
        mail("Bo <bo@y.org>", "dev@lists.org", LATER, WORDS, *header, "Message-ID: <3@y>", "In-Reply-To: <1@y>"),
    )
    found = home.minutes()
    assert found.get("ana@y.org", 0) > 0
    assert "bo@y.org" not in found
    assert "dev@lists.org" not in home.people()


def test_calendar_invitation_mails(home: Home) -> None:
    invitation = (
        f"--b\nContent-Type: text/plain\n\n{WORDS}\n"
        "--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--"
    )
    home.mbox(mail("Ana <ana@y.org>", ME, TUESDAY, invitation, READ, 'Content-Type: multipart/mixed; boundary="b"'))
    assert home.totals()["mail_minutes"] == 0


def test_out_of_office_auto_reply(home: Home) -> None:
    """An auto-reply is no answer: no minutes, and not a contact that resets anything."""
    home.mbox(
        mail(ME, "Ana <ana@y.org>", TUESDAY, "Can we meet?", "Message-ID: <1@x>"),
        mail("Ana <ana@y.org>", ME, "Tue, 01 Sep 2026 10:01:00 +0000", WORDS, READ, "Auto-Submitted: auto-replied",
             "In-Reply-To: <1@x>", subject="Out of office"),
    )
    assert home.totals()["mail_minutes"] == near(0.5)
    assert any(reason in ("automatic", "out_of_office") for reason in home.reasons())


def test_bounce(home: Home) -> None:
    home.mbox(
        mail("Mail Delivery System <mailer-daemon@x.org>", ME, TUESDAY, WORDS, READ, "Return-Path: <>",
             "Auto-Submitted: auto-replied", subject="Undelivered Mail Returned to Sender"),
    )
    assert home.totals()["clock_minutes"] == 0
    assert home.people() == {}


def test_mail_to_self(home: Home) -> None:
    """My time and nobody's minutes: it is in the clock and in no person."""
    home.mbox(mail(ME, ME, TUESDAY, " ".join(["word"] * 19)))
    totals = home.totals()
    assert totals["clock_minutes"] == near(1.0)
    assert totals["attributed_minutes"] == totals["broadcast_minutes"] == 0
    assert home.minutes() == {}


def test_alias_plus_address_dots(tmp_path: Path) -> None:
    home = Home(tmp_path, addresses=(ME, "first.last@gmail.com"))
    home.mbox(
        mail("Ana Ruiz <ana@y.org>", "firstlast@gmail.com", TUESDAY, WORDS, READ),
        mail("Ana Ruiz <ana+list@y.org>", "me+shop@x.org", LATER, WORDS, READ),
    )
    assert sum(home.minutes().values()) == near(2 * READING)
    assert [person["name"] for person in home.json("people", "--all") if person["id"] != "me"] == ["Ana Ruiz"]


def test_same_person_two_addresses(home: Home) -> None:
    home.bring("c.vcf", CARD)
    home.mbox(mail("ana@y.org", ME, TUESDAY, WORDS, READ), mail("ruiz@home.net", ME, LATER, WORDS, READ))
    assert home.minutes() == {"ana@y.org": near(2 * READING)}


def test_one_person_invited_under_two_addresses_is_one_participant(home: Home) -> None:
    home.bring("c.vcf", CARD)
    both = guests("ana@y.org", "ruiz@home.net", "bo@y.org", organizer=ME)
    home.calendar(vevent("a", "20260901T100000Z", "20260901T110000Z", *both))
    assert home.minutes() == {"ana@y.org": 30, "bo@y.org": 30}


def test_two_people_one_address(home: Home) -> None:
    """A family address joins nobody: each of its people keeps their own."""
    home.mbox(
        mail("Ana Ruiz <family@home.net>", ME, TUESDAY, WORDS, READ),
        mail("Tom Ruiz <family@home.net>", ME, LATER, WORDS, READ),
        mail("Ana Ruiz <ana@y.org>", ME, LATER, WORDS, READ),
        mail("Tom Ruiz <tom@z.org>", ME, LATER, WORDS, READ),
    )
    everybody = home.people(everyone=True)
    assert everybody["ana@y.org"]["id"] != everybody["tom@z.org"]["id"]


def test_shared_mailbox(home: Home) -> None:
    """What an assistant sends in a shared mailbox's name is not my time: only my own addresses send for me."""
    home.mbox(mail("Support <support@x.org>", "Ana <ana@y.org>", TUESDAY, WORDS, "Sender: pa@x.org"))
    assert home.totals()["clock_minutes"] == 0


def test_mail_sent_by_an_assistant_as_me(home: Home) -> None:
    home.mbox(mail(ME, "Ana <ana@y.org>", TUESDAY, WORDS, "Sender: Assistant <pa@x.org>"))
    assert home.totals()["clock_minutes"] == 0


def test_worked_example_of_f4(home: Home) -> None:
    """Sends at 0 (95 words to Ana), 180 s (38 words, To Bo, Cc Cy), 1800 s (5 to Ana); reads of 119 and 238 words."""
    def words(count: int) -> str:
        return " ".join(["word"] * count)

    home.mbox(
        mail(ME, "ana@y.org", TUESDAY, words(95)),
        mail(ME, "bo@y.org", "Tue, 01 Sep 2026 10:03:00 +0000", words(38), "Cc: cy@y.org"),
        mail(ME, "ana@y.org", "Tue, 01 Sep 2026 10:30:00 +0000", words(5)),
        mail("ana@y.org", ME, LATER, words(119), READ),
        mail("bo@y.org", ME, LATER, words(238), READ),
    )
    assert home.minutes() == {"ana@y.org": near(418 / 60), "bo@y.org": near(214 / 60), "cy@y.org": near(24 / 60)}
    assert home.totals()["clock_minutes"] == near(656 / 60)


def test_mail_written_inside_a_meeting_is_multitasking(home: Home) -> None:
    home.calendar(vevent("a", "20260901T093000Z", "20260901T103000Z", *guests("bo@y.org", organizer=ME)))
    home.mbox(mail(ME, "ana@y.org", TUESDAY, " ".join(["word"] * 95)))
    totals = home.totals()
    assert totals["clock_minutes"] == 60
    assert totals["multitasking_minutes"] == near(5)


def test_mail_merge_is_written_once(home: Home) -> None:
    body = " ".join(["word"] * 95)
    home.mbox(*(mail(ME, f"p{i}@y.org", f"Tue, 01 Sep 2026 10:{i:02d}:00 +0000", body) for i in range(10, 20)))
    assert home.totals()["mail_minutes"] == near(5)
    assert home.minutes() == {f"p{i}@y.org": near(0.5) for i in range(10, 20)}
