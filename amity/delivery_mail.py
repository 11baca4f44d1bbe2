"""The report as a mail. No header holds a word from outside, whatever names and subjects the report shows."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime
from typing import Any

_HOUR = 60


def headline(document: dict[str, Any]) -> tuple[str, str]:
    """A title and a line without anybody's name: what may be shown on a locked screen, or pass through a stranger."""
    hours = document["totals"]["clock_minutes"] / _HOUR
    counts = [
        (len([one for one in document["neglected"] if one["state"] in {"overdue", "dormant"}]), "to get in touch with"),
        (len(document["over_invested"]), "above what you wanted"),
        (len(document["inbox"]), "waiting for your answer"),
    ]
    said = [f"{number} {words}" for number, words in counts if number]
    return f"Amity, {document['period']['name']}", "; ".join([f"{hours:.1f} h tracked", *said])


def message(document: dict[str, Any], sender: str, to: list[str], text: str, html: str) -> EmailMessage:
    """Plain text and HTML. The Message-ID is the same for the same week and sender: a second one would be recognised.

    Raises ValueError for an address that is none: EmailMessage refuses line feeds in headers.
    """
    week = document["period"]["name"]
    user, _, domain = sender.rpartition("@")
    mail = EmailMessage()
    mail["From"] = Address("Amity", user, domain)
    mail["To"] = [Address("", *one.rsplit("@", 1)) for one in to]
    mail["Subject"] = f"Where your time went: {week}"
    mail["Message-ID"] = f"<amity-{week}@{domain}>"
    mail["Date"] = localtime()
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice answers it, and it is no mail of a person
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail
