"""Address lists as they really are: quoted names, comments, groups, routes, Exchange names, and nothing at all."""

from __future__ import annotations

import re
from functools import lru_cache

from connectors.mime.charsets import header_text
from events.vocabulary import Mailbox

KEPT = 2_000  # recipients kept by name; the rest is counted (facts on hostile mail, H2)
_LONGEST = 320  # RFC 3696 erratum 1690: 64 + 1 + 255, and Exchange names are shorter
_LONGEST_NAME = 200
_USUAL_BYTES = 2_048  # lists that are remembered whole: 8 MB of them

# Possessive throughout: a token can be matched in one way only, so no input makes it slow.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|\((?:[^()\\]|\\.)*+\)?|<[^<>]*+>?|[,;:]|[^",;:<>()]++|[)>]', re.DOTALL)
_BETWEEN_COMMAS = re.compile(rb'(?:[^",]++|"[^"]*+"?)++')
_QUOTED_PAIR = re.compile(r"\\(.)")
_HOMELESS = b".(none)"  # what git and some mailers write after a host without a domain: no comment
_COMMENTED = re.compile(rb"\((?:[^()\\]|\\.)*+\)?", re.DOTALL)


def mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """Every mailbox of an address list with an address, in order; names alone and empty groups give nothing."""
    return _remembered(value) if len(value) <= _USUAL_BYTES else _mailboxes(value)


@lru_cache(maxsize=4_096)
def _remembered(value: bytes) -> tuple[Mailbox, ...]:
    """A thread's mails go to the same people, again and again."""
    return _mailboxes(value)


def _mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    if b"," not in value:
        found = _one(value)
        return (found,) if found else ()
    if b"(" in value or b":" in value or b";" in value or b"\\" in value:
        pieces = _split(value)
    elif b'"' in value:
        pieces = _BETWEEN_COMMAS.findall(value)
    else:
        pieces = value.split(b",")
    return tuple(filter(None, map(_one, pieces)))


def _split(value: bytes) -> list[bytes]:
    """Cut at commas and semicolons outside quotes, comments and angle brackets; a group's name is dropped."""
    pieces: list[bytes] = []
    held: list[bytes] = []
    for match in _TOKENS.finditer(value):
        token = match[0]
        if token in b",;":
            pieces.append(b"".join(held))
            held = []
        elif token == b":" and not any(piece[:1] == b"<" for piece in held):
            held = [] if not b"".join(held).strip().lower().endswith(b"mailto") else held
        else:
            held.append(token)
    pieces.append(b"".join(held))
    return pieces


@lru_cache(maxsize=16_384)
def _one(piece: bytes) -> Mailbox | None:
    """One mailbox: `a@b`, `Name <a@b>`, `a@b (Name)`, `<@relay:a@b>`, `/O=X/CN=Y`; None without an address."""
    piece = piece.strip()
    if not piece:
        return None
    name, opened, rest = piece.rpartition(b"<")
    if opened:
        inner = rest.partition(b">")[0]
        address = _address(inner)
        if not address:
            return None
        return Mailbox(address, _name(name or rest.partition(b">")[2], address))
    if b"(" in piece:
        comment = b" ".join(found.strip(b"() ") for found in _COMMENTED.findall(piece))
        address = _address(_COMMENTED.sub(b"", piece))
        return Mailbox(address, _name(comment, address)) if address else None
    address = _address(piece)
    # Without angle brackets an address has no spaces: "Recipient List Suppressed" is a name.
    return Mailbox(address) if address and not (" " in address and "@" not in address) else None


def _address(raw: bytes) -> str:
    """The address alone, lower case; "" where there is none: no local part, or a group's name run into a host."""
    homeless = raw.rstrip().endswith(_HOMELESS)
    if b"(" in raw and not homeless:
        raw = _COMMENTED.sub(b"", raw)
    text = header_text(raw).strip(" '\"<>;," if homeless else " '\"<>;,)").lower()
    if ":" in text:  # mailto:, smtp:, an empty group, or a source route of RFC 822: <@relay,@relay:user@host>
        text = text.rpartition(":")[2].lstrip("; ")
    if '"' in text:
        text = text.replace('"', "")
    if " " in text:
        text = _without_blanks(text)
    return "" if text.startswith("@") else text[:_LONGEST].strip()


def _without_blanks(text: str) -> str:
    """Lotus Notes has blanks in local parts; in hosts they are folding, and two "@" are two addresses."""
    if text.count("@") > 1:
        return next(word for word in text.split() if "@" in word)
    local, at, host = text.partition("@")
    return " ".join(local.split()) + at + "".join(host.split())


def _name(raw: bytes, address: str) -> str:
    text = header_text(raw)
    if not text:
        return ""
    if "\\" in text:
        text = _QUOTED_PAIR.sub(r"\1", text)
    text = text.strip(" '\"\t")
    if '"' in text:
        text = text.replace('"', "")
    if "  " in text:
        text = " ".join(text.split())
    return "" if text.lower() == address else text[:_LONGEST_NAME].strip()
