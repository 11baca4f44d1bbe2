"""Short answers to requests, written into files: nothing here or anywhere else in Amity sends them.

A draft names who asked, what was asked, and to whom it is passed on; nothing of goals, budgets or anybody else.
"""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import NamedTuple

from amity.home import PRIVATE_FILE, PRIVATE_FOLDER, Home
from amity.session import Session
from events.errors import UsageError
from projections.subjects import bare

_ASKED = """
SELECT m.subject, m.message_id, a.address, coalesce(p.name, ''), 0 FROM message m JOIN address a ON a.id = m.sender
LEFT JOIN person p ON p.id = a.person WHERE m.id = :at AND m.direction = 'in'
UNION ALL
SELECT CASE private WHEN 1 THEN '' ELSE title END, '', a.address, coalesce(p.name, ''), 1 FROM occurrence o
JOIN address a ON a.id = o.organizer LEFT JOIN person p ON p.id = a.person WHERE o.position = :at AND o.mine = 0
LIMIT 1"""


class Asked(NamedTuple):
    """What is answered: a mail, or an invitation (without a Message-ID)."""

    position: int
    subject: str
    message_id: str
    address: str
    name: str
    invitation: bool


def asked(session: Session, position: int) -> Asked:
    """Raises UsageError where nobody asked anything."""
    row = session.views.execute(_ASKED, {"at": position}).fetchone()
    if row is None:
        raise UsageError(f"#{position} is no mail or invitation of somebody else: take a number of `amity inbox`.")
    subject, message_id, address, name, invitation = row
    return Asked(position, " ".join(subject.split()), message_id, address, name, bool(invitation))


def decline(one: Asked) -> str:
    """A refusal in four lines: thanks, no, why so soon, good wishes."""
    what = "for the invitation" if one.invitation else "for asking me"
    return _letter(
        one,
        f"Thank you {what}{_about(one)}.",
        "I cannot take this on now, and I would rather tell you at once than keep you waiting.",
        "I hope it goes well.",
    )


def redirect(one: Asked, name: str, address: str) -> str:
    """The same, with the name of somebody who may be asked instead."""
    return _letter(
        one,
        f"Thank you for asking me{_about(one)}.",
        f"I cannot take this on now. {name} ({address}) may be the better person to ask.",
        "You may say that I sent you.",
    )


def _about(one: Asked) -> str:
    topic = bare(one.subject)[0] and one.subject
    return f' ("{topic}")' if topic else ""


def _letter(one: Asked, *sentences: str) -> str:
    first = one.name.split(" ")[0] if one.name and "@" not in one.name else ""
    return "\n".join([f"Hello {first},".replace(" ,", ","), "", *sentences, ""])


def as_mail(session: Session, one: Asked, text: str) -> bytes:
    """The draft as a file that mail programs open for sending."""
    mail = EmailMessage(policy=SMTP)
    mine = session.rules.get("addresses") or ()
    if mine:
        mail["From"] = mine[0]
    mail["To"] = one.address
    mail["Subject"] = one.subject if one.subject[:3].lower() == "re:" else f"Re: {one.subject}".strip()
    if one.message_id:
        mail["In-Reply-To"] = mail["References"] = f"<{one.message_id}>"
    mail["X-Unsent"] = "1"  # Outlook: open it as a draft
    mail.set_content(text)
    return mail.as_bytes()


def write(home: Home, name: str, data: bytes, output: str | None) -> Path:
    """Into `output`, else the home's `drafts/`. Raises UsageError where the file is there already."""
    path = Path(output) if output else home.folder / "drafts" / name
    if not output:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{path} is there already: send it, delete it, or write --output FILE.") from None
    return path
