"""Mail that is not from one human to others is known by its headers; where it lay and whether it was read."""

from __future__ import annotations

import pytest

from connectors.mime.boxes import box_of
from connectors.mime.message import translate
from events.vocabulary import MessageObserved

PLAIN = "From: Ana <ana@x.org>\nTo: me@y.org\nSubject: hello\nDate: Mon, 1 Jan 2018 10:00:00 +0000\n"
REPORT = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
CALENDAR = 'Content-Type: multipart/alternative; boundary="b"\n\n--b\n\nhi\n--b\nContent-Type: text/calendar; method=REQUEST\n\nx\n--b--\n'  # noqa: E501  one mail, one line


def observed(header: str, body: str = "hi", folder: str = "") -> MessageObserved:
    item = translate((header + "\n" + body).encode(), source="files:t", where="t", folder=folder)
    assert item.payload is not None, item.skip
    return item.payload


@pytest.mark.parametrize(
    ("header", "kind", "why"),
    [
        ("", "", ""),
        ("Auto-Submitted: no\n", "", ""),
        ("X-Mailer: Microsoft Outlook 16.0\nX-Priority: 3\nReturn-Path: <ana@x.org>\n", "", ""),
        (
            "List-Id: <l.x.org>\nList-Post: <mailto:l@x.org>\nPrecedence: bulk\nList-Unsubscribe: <u>\n",
            "list",
            "List-Post",
        ),
        ("List-Id: Team <l.x.org>\n", "list", "List-Id"),
        ("Precedence: list\n", "list", "Precedence: list"),
        ("Precedence: bulk\nSender: owner-linux@x.org\n", "list", "Precedence: bulk"),
        ("Precedence: bulk\n", "bulk", "Precedence: bulk"),
        ("Precedence: junk\n", "bulk", "Precedence: junk"),
        ("List-Unsubscribe: <https://x.org/u>\n", "bulk", "List-Unsubscribe"),
        ("List-Id: <abc.mailer>\nList-Unsubscribe: <u>\nFeedback-ID: 1:2\n", "bulk", "List-Unsubscribe"),
        ("List-Post: NO\nList-Unsubscribe: <u>\n", "bulk", "List-Unsubscribe"),
        ("List-Id: News <news.shop.org>\nList-Unsubscribe: <u>\n", "bulk", "List-Unsubscribe"),
        ("List-Id: <me.y.org>\nList-Unsubscribe: <u>\n", "list", "List-Id"),
        ("List-Id: <l.x.org>\nList-Unsubscribe: <u>\nList-Archive: <a>\n", "list", "List-Id"),
        ("Auto-Submitted: auto-generated\n", "automatic", "Auto-Submitted: auto-generated"),
        ("Return-Path: <>\n", "automatic", "Return-Path: <>"),
        ("Auto-Submitted: auto-replied\n", "out_of_office", "Auto-Submitted: auto-replied"),
        ("Precedence: bulk\nX-Autoreply: yes\n", "out_of_office", "X-Autoreply"),
        ("Precedence: auto_reply\n", "out_of_office", "Precedence: auto_reply"),
        ("X-Failed-Recipients: bo@z.org\n", "bounce", "X-Failed-Recipients"),
        (REPORT, "bounce", "Content-Type: multipart/report"),
        (REPORT.replace("delivery-status", "disposition-notification"), "automatic", "Content-Type: multipart/report"),
        (CALENDAR, "invitation", "Content-Type: text/calendar"),
    ],
)
def test_kind_and_the_header_that_decided(header: str, kind: str, why: str) -> None:
    payload = observed(PLAIN + header)
    assert (payload.kind, payload.why) == (kind, why)


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("no-reply@x.org", "automatic"), ("noreply@x.org", "automatic"), ("do_not_reply@x.org", "automatic"),
        ("noreply-travel@x.org", "automatic"), ("mailer-daemon@x.org", "bounce"), ("notifications@x.org", "automatic"),
        ("nao-responder@x.pt", "automatic"), ("noresponda@x.es", "automatic"), ("ne-pas-repondre@x.fr", "automatic"),
        ("non-rispondere@x.it", "automatic"), ("niet-antwoorden@x.nl", "automatic"), ("naomi@x.org", ""),
        ("ana@noreply.org", ""), ("norbert@x.org", ""), ("reply@x.org", ""),
    ],
)  # fmt: skip
def test_senders_that_nobody_can_answer(sender: str, kind: str) -> None:
    assert observed(PLAIN.replace("ana@x.org", sender)).kind == kind


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Automatic reply: hello", "out_of_office"), ("Out of Office AutoReply: hello", "out_of_office"),
        ("Automatische Antwort: Hallo", "out_of_office"), ("Réponse automatique : bonjour", "out_of_office"),
        ("Re: Out of office next week", ""), ("Out of office next week", ""),
    ],
)  # fmt: skip
def test_subjects_of_absence(subject: str, kind: str) -> None:
    assert observed(PLAIN.replace("hello", subject)).kind == kind


@pytest.mark.parametrize(
    ("folder", "box"),
    [
        ("Sent", "sent"), ("sent_items", "sent"), ("_sent_mail.mbox", "sent"), ("[Gmail]/Sent Mail", "sent"), ("Gesendet", "sent"),  # noqa: E501  one mail, one line
        (".Sent.2020", "sent"), ("Sent/2020", "sent"), ("Éléments supprimés", "trash"), ("deleted_items", "trash"), ("Papierkorb", "trash"),  # noqa: E501  one mail, one line
        ("Junk E-mail", "spam"), ("Spam.mbox", "spam"), ("INBOX", "inbox"), ("linux-mips", ""), ("personal", ""), ("sentimental", ""),  # noqa: E501  one mail, one line
        ("calendar", "not_mail"), ("Contacts", "not_mail"), ("notes_inbox", ""), ("Calendar planning", ""), ("", ""),
    ],
)  # fmt: skip
def test_boxes_by_name(folder: str, box: str) -> None:
    assert box_of(folder) == box


@pytest.mark.parametrize(
    ("header", "box", "seen", "labels"),
    [
        ("X-Gmail-Labels: Inbox,Important,Unread,Work\n", "inbox", False, ("Important", "Work")),
        ("X-Gmail-Labels: Sent,Opened\n", "sent", True, ()),
        ("X-Gmail-Labels: =?UTF-8?Q?Gesendet,Ge=C3=B6ffnet,Familie?=\n", "sent", True, ("Familie",)),
        ('X-Gmail-Labels: Trash,"Category Updates"\n', "trash", True, ("Category Updates",)),
        ("Status: RO\n", "", True, ()),
        ("Status: O\n", "", False, ()),
        ("Status: RO\nX-Status: D\n", "trash", True, ()),
        ("X-Mozilla-Status: 0001\n", "", True, ()),
        ("X-Mozilla-Status: 0009\n", "trash", True, ()),
        ("X-Mozilla-Status: 0000\n", "", False, ()),
        ("", "", None, ()),
    ],
)
def test_standing(header: str, box: str, seen: bool | None, labels: tuple[str, ...]) -> None:  # noqa: FBT001  three states
    payload = observed(PLAIN + header)
    assert (payload.box, payload.seen, payload.labels) == (box, seen, labels)


@pytest.mark.parametrize(
    ("raw", "folder", "skip"),
    [
        (PLAIN + "X-Gmail-Labels: Chats\n\nhi", "", "chat"),
        (PLAIN + "X-Gmail-Labels: Drafts\n\nhi", "", "draft"),
        (PLAIN + "\nhi", "Entwürfe", "draft"),
        (PLAIN + "\nhi", "calendar", "not_mail"),
        (PLAIN + "\n\nCALENDAR ENTRY:\tAPPOINTMENT\n", "meetings", "not_mail"),
        ("Content-Type: text/plain\n\nhi", "", "not_mail"),
        (" \n\n", "", "empty"),
    ],
)
def test_what_is_skipped_and_why(raw: str, folder: str, skip: str) -> None:
    item = translate(raw.encode(), source="files:t", where="t", folder=folder)
    assert (item.payload, item.skip) == (None, skip)
