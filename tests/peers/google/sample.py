"""A small world with one of everything, to drive all methods against."""

from __future__ import annotations

from typing import Any

from tests.peers.google.clock import Clock
from tests.peers.google.world import World

TEAM = "team@group.calendar.google.com"
ROOM = {"email": "c_room@resource.calendar.google.com", "displayName": "Room 1", "resource": True}


def mail(number: int, *, subject: str = "Plan", answers: int | None = None, body: str = "Hello") -> bytes:
    """A mail to me; `answers`: the number of the one it answers."""
    reply = [f"In-Reply-To: <m{answers}@example.org>", f"References: <m{answers}@example.org>"]
    lines = [
        "From: =?utf-8?q?Ann=C3=A9?= <anne@example.org>", "To: me@example.com", f"Subject: {subject}",
        f"Message-ID: <m{number}@example.org>", "Date: Mon, 21 Sep 2026 10:00:00 +0200",
        *(reply if answers is not None else []), "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"', "", "--b", "Content-Type: text/plain; charset=utf-8", "",
        body, "--b", "Content-Type: application/pdf", 'Content-Disposition: attachment; filename="a.pdf"',
        "Content-Transfer-Encoding: base64", "", "JVBERg==", "--b--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def at(text: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def hour(day: str, begin: int) -> dict[str, Any]:
    """Start and end of an hour in Berlin in summer."""
    return {"start": at(f"{day}T{begin:02}:00:00+02:00"), "end": at(f"{day}T{begin + 1:02}:00:00+02:00")}


def guests(*addresses: str) -> list[dict[str, Any]]:
    return [{"email": address, "responseStatus": "accepted"} for address in addresses]


def world(clock: Clock | None = None) -> World:
    made = World(clock)
    _mails(made)
    _meetings(made)
    _people(made)
    return made


def _mails(made: World) -> None:
    box = made.mail()
    box.aliases.append("other@example.com")
    label = box.name_label("Clients/Acme")
    began = made.clock.now() - 86_400
    first = box.add(mail(1), ["INBOX", "UNREAD", label], at=began)
    box.add(mail(2, subject="Re: Plan", answers=1), ["SENT"], at=began + 60)
    box.add(mail(3, subject="Other"), ["SPAM"], at=began + 120)
    gone = box.add(mail(4, subject="Away"), at=began + 180)
    box.label(first.id, add=["STARRED"], remove=["UNREAD"])
    box.remove(gone.id)


def _meetings(made: World) -> None:
    calendar = made.calendar()
    me, anne = "me@example.com", "anne@example.org"
    calendar.put(summary="Lunch", **hour("2026-09-22", 12), attendees=[*guests(me, anne), ROOM])
    series = calendar.put(
        summary="Weekly", **hour("2026-09-21", 10), recurrence=["RRULE:FREQ=WEEKLY"], attendees=guests(me, anne)
    )["id"]
    calendar.instance(series, "2026-09-28T10:00:00+02:00", **hour("2026-09-28", 15))
    calendar.cancel_instance(series, "2026-10-05T10:00:00+02:00")
    calendar.split(series, "2026-10-19T10:00:00+02:00", "20261018T220000Z", summary="Weekly, new")
    calendar.put(summary="Day off", start={"date": "2026-10-01"}, end={"date": "2026-10-02"}, eventType="outOfOffice",
                 outOfOfficeProperties={"autoDeclineMode": "declineNone"}, visibility="public")  # fmt: skip
    for kind in ("focusTime", "workingLocation", "birthday", "fromGmail"):
        calendar.put(summary=kind, **hour("2026-09-23", 9), eventType=kind)
    calendar.put(summary="Open end", **hour("2026-09-24", 9), endTimeUnspecified=True)
    calendar.cancel(calendar.put(summary="Off", **hour("2026-09-24", 11))["id"])
    made.new_calendar(TEAM, owner="boss@example.com", summary="Team")
    made.share(TEAM, "reader")
    shared = made.calendar(TEAM)
    shared.put(summary="Secret", **hour("2026-09-24", 14), visibility="private", attendees=guests(anne))
    shared.put(summary="Hidden", **hour("2026-09-24", 16), guestsCanSeeOtherGuests=False, organizer={"email": anne},
               attendees=guests(anne, me))  # fmt: skip


def _people(made: World) -> None:
    contacts = made.contacts()
    label = contacts.group("Clients")
    made.person("Anne Moe", "anne@example.org", "a.moe@example.net", groups=[label])
    gone = made.person("Gone Person", "gone@example.org")["resourceName"]
    contacts.connections.remove(gone)
    contacts.other("", "seldom@example.org")
    contacts.colleague("Boss Person", "boss@example.com")
