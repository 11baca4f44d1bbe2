"""Planted mail as bytes: headers, quotations and encodings as mail programs write them, in several kinds of files."""

from __future__ import annotations

import base64
import quopri
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.world.prose import TONGUES
from tests.world.values import Mail

ZONES = (UTC, ZoneInfo("Europe/Paris"), ZoneInfo("America/Chicago"), ZoneInfo("Asia/Tokyo"))


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=400).encode()


def _box(box: tuple[str, str]) -> str:
    address, name = box
    if not name:
        return address
    if not name.isascii():
        return f"{_encoded(name)} <{address}>"
    return f'"{name}" <{address}>' if re.search(r"[^\w .-]", name) else f"{name} <{address}>"


def _quoted(mail: Mail, tongue: str) -> str:
    """What stands below (or above) the new text: the mail that is answered, with its own quotation."""
    before = mail.answers
    if before is None or mail.style.quotes == "none":
        return ""
    date = f"{before.at:%d.%m.%Y %H:%M}" if tongue != "en" else f"{before.at:%a, %b %d, %Y at %I:%M %p}"
    if mail.style.quotes == "outlook":
        head = f"-----Original Message-----\nFrom: {before.sender[1]}\nSent: {date}\nTo: {before.to[0][1]}\n"
        return f"{head}Subject: {before.subject}\n\n{before.text}"
    wrote = TONGUES[tongue].wrote.format(name=before.sender[1], date=date)
    return wrote + "\n" + "\n".join(f"> {line}" if line else ">" for line in before.text.split("\n"))


def _body(mail: Mail, tongue: str) -> str:
    quoted, signature = _quoted(mail, tongue), mail.style.signature
    new = mail.text + (f"\n\n-- \n{mail.sender[1]}\n{signature}" if signature else "")
    if not quoted:
        return new + "\n"
    if mail.style.quotes == "bottom":
        return f"{quoted}\n\n{new}\n"
    return f"{new}\n\n{quoted}\n"


def _references(mail: Mail) -> list[str]:
    parent = mail.answers
    if parent is None or mail.style.references == "none":
        return []
    chain, one = [parent.message_id], parent.answers
    while one is not None and one.style.references != "none":
        chain.append(one.message_id)
        one = one.answers
    lines = [f"In-Reply-To: {parent.message_id}"]
    if mail.style.references == "all":
        lines.append("References: " + "\n ".join(reversed(chain)))
    return lines


def _part(kind: str, text: str, encoding: str) -> str:
    data = text.encode()
    head = f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n"
    if encoding == "base64":
        return head + base64.encodebytes(data).decode()
    if encoding == "quoted-printable":
        return head + quopri.encodestring(data).decode()
    return head + text


def raw(mail: Mail, tongue: str, seed: int, *, nameless: bool = False) -> str:
    """The mail as RFC 5322 has it, with bare line feeds; `nameless`: addresses alone, as programs write them."""
    if nameless:
        to, cc = ([(address, "") for address, _ in boxes] for boxes in (mail.to, mail.cc))
        mail = replace(mail, sender=(mail.sender[0], ""), to=to, cc=cc)
    zone = ZONES[(mail.number + seed) % len(ZONES)] if not mail.mine else mail.at.tzinfo
    fields = [
        f"From: {_box(mail.sender)}",
        "To: " + ", ".join(map(_box, mail.to)),
        *(["Cc: " + ", ".join(map(_box, mail.cc))] if mail.cc else []),
        f"Date: {format_datetime(mail.at.astimezone(zone))}",
        f"Subject: {_encoded(mail.subject)}",
        f"Message-ID: {mail.message_id}",
        *_references(mail),
        *mail.headers,
        "MIME-Version: 1.0",
    ]
    body = _body(mail, tongue)
    if not mail.style.html:
        return "\n".join(fields) + "\n" + _part("plain", body, mail.style.encoding)
    edge = f"edge{mail.number}x{seed}"
    page = "<html><body><div>" + escape(mail.text).replace("\n", "<br>\n") + "</div></body></html>\n"
    parts = "".join(f"--{edge}\n{part}\n" for part in (_part("plain", body, "8bit"), _part("html", page, "base64")))
    fields.append(f'Content-Type: multipart/alternative; boundary="{edge}"')
    return "\n".join(fields) + f"\n\n{parts}--{edge}--\n"


def _mbox(path: Path, mails: list[tuple[Mail, str]]) -> Path:
    found = []
    for mail, text in mails:
        status = "" if "Status: " in text[:40] else f"Status: {'RO' if mail.seen else 'O'}\n"
        escaped = re.sub(r"(?m)^(>*From )", r">\1", text)
        found.append(f"From {mail.sender[0]} {mail.at.astimezone(UTC):%a %b %d %H:%M:%S %Y}\n{status}{escaped}\n")
    path.write_bytes("".join(found).encode())
    return path


def _one_mbox(folder: Path, mails: list[tuple[Mail, str]]) -> list[Path]:
    return [_mbox(folder / "All mail.mbox", mails)]


def _mboxes(folder: Path, mails: list[tuple[Mail, str]]) -> list[Path]:
    mine = [one for one in mails if one[0].mine]
    theirs = [one for one in mails if not one[0].mine]
    return [_mbox(folder / "Inbox", theirs), _mbox(folder / "Sent", mine)]


def _maildir(folder: Path, mails: list[tuple[Mail, str]]) -> list[Path]:
    root = folder / "Maildir"
    for name in ("", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (root / name / part).mkdir(parents=True)
    for mail, text in mails:
        place = root / (".Sent" if mail.mine else "") / "cur"
        flags = "S" if mail.seen else ""
        (place / f"{int(mail.at.timestamp())}.M{mail.number}.host:2,{flags}").write_bytes(text.encode())
    return [root]


def _loose(folder: Path, mails: list[tuple[Mail, str]]) -> list[Path]:
    root = folder / "exported"
    for mail, text in mails:
        place = root / f"{mail.at:%Y-%m}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{mail.number:05d}.eml").write_bytes(text.replace("\n", "\r\n").encode())
    return [root]


KINDS: tuple[Callable[[Path, list[tuple[Mail, str]]], list[Path]], ...] = (_one_mbox, _mboxes, _maildir, _loose)


def write(folder: Path, mails: list[Mail], tongue_of: dict[str, str], until: datetime, seed: int) -> list[Path]:
    """All mails until that instant, in one of the four kinds of files, in order of time or in none."""
    chance = random.Random(seed)  # noqa: S311  which file, in which order
    kept = [mail for mail in mails if mail.at <= until]
    if chance.random() < 0.7:
        kept.sort(key=lambda mail: (mail.at, mail.number))
    else:
        chance.shuffle(kept)
    nameless = chance.random() < 0.15
    written = [(mail, raw(mail, tongue_of.get(mail.sender[0], "en"), seed, nameless=nameless)) for mail in kept]
    return chance.choice(KINDS)(folder, written)
