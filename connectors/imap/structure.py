"""A large message without its attachments: the header, and of the parts those that a person reads.

The parts are put together again as the sender's own multiparts, so that `connectors.mime` counts the same words as in
the whole message. What is left out is empty there.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.imap.tokens import Token, number
from connectors.mime.headers import parameters, read_head

# Twice what is ever counted of one text, in base64 (`connectors.mime.parts`: 512 KiB of markup).
TEXT_BYTES = 1 << 20
PARTS = 200  # of a message whose parts are asked for one by one; one with more is read whole
_MOST_TEXTS = 20  # that are counted
# A part so small is read whatever its type is said to be: servers and we read broken headers differently.
_SMALL = 16 << 10


class Part(NamedTuple):
    """A part by its section number (`2.1`); of a multipart with its children; `text`: a person reads it."""

    section: str
    children: tuple[Part, ...] = ()
    text: bool = False


def parts_of(structure: Token) -> Part | None:
    """The tree of a BODYSTRUCTURE (RFC 3501, section 7.4.2); None where it is none, or has too many parts."""
    budget = [PARTS]
    found = _part(structure, "", budget)
    return found if budget[0] >= 0 else None


def _part(token: Token, section: str, budget: list[int]) -> Part | None:
    budget[0] -= 1
    if not isinstance(token, list) or not token or budget[0] < 0:
        return None
    inner = _leading_lists(token)
    if inner:
        prefix = f"{section}." if section else ""
        children = [_part(child, f"{prefix}{number}", budget) for number, child in enumerate(inner, 1)]
        return Part(section, tuple(child for child in children if child is not None))
    return Part(section or "1", text=_is_text(token) and not (section and _is_attachment(token)))


def _leading_lists(token: list[Token]) -> list[Token]:
    found: list[Token] = []
    for child in token:
        if not isinstance(child, list):
            break
        found.append(child)
    return found


def _is_text(token: list[Token]) -> bool:
    """Whether it is a text, or so small that it is read to see (RFC 3501, body-type-basic: the size is seventh)."""
    kind = token[0].upper() if isinstance(token[0], bytes) else b""
    octets = number(token[6]) if len(token) > 6 else None  # noqa: PLR2004  likewise
    return kind == b"TEXT" or (kind != b"MESSAGE" and octets is not None and octets <= _SMALL)


def _is_attachment(token: list[Token]) -> bool:
    """Whether a part below the message says so: the disposition stands somewhere behind the fields of a text part."""
    lists = [one for one in token[8:] if isinstance(one, list) and one]
    return any(isinstance(one[0], bytes) and one[0].upper() == b"ATTACHMENT" for one in lists)


def says_text(header: bytes) -> bool:
    """Whether a header's type is text, or it has none."""
    kind, _ = parameters(read_head(header).first(b"content-type"))
    return not kind or kind.startswith(b"text")


def wanted(part: Part, header: bytes) -> list[bytes]:
    """The sections to ask for, as they stand in a FETCH; `header` is the message's."""
    found = [b"BODY.PEEK[HEADER]"]
    if not part.children:
        return [*found, b"BODY.PEEK[1]<0.%d>" % TEXT_BYTES] if part.text or says_text(header) else found
    texts = 0
    for one in _below(part):
        section = one.section.encode()
        found.append(b"BODY.PEEK[%s.MIME]" % section)
        if one.text and texts < _MOST_TEXTS:
            texts += 1
            found.append(b"BODY.PEEK[%s]<0.%d>" % (section, TEXT_BYTES))
    return found


def _below(part: Part) -> list[Part]:
    return [one for child in part.children for one in (child, *_below(child))]


def message(part: Part, sections: dict[bytes, bytes]) -> bytes | None:
    """The message as it is read: `sections` are those of `wanted`, by `BODY[…]`. None where they do not fit."""
    header = sections.get(b"BODY[HEADER]", b"")
    if not part.children:
        return header + sections.get(b"BODY[1]<0>", b"")
    boundary = _boundary(header)
    return header + _joined(part, boundary, sections) if boundary else None


def _joined(part: Part, boundary: bytes, sections: dict[bytes, bytes]) -> bytes:
    lines = []
    for child in part.children:
        section = child.section.encode()
        head = sections.get(b"BODY[%s.MIME]" % section, b"")
        inner = _boundary(head) if child.children else b""
        body = _joined(child, inner, sections) if inner else sections.get(b"BODY[%s]<0>" % section, b"")
        head = head.strip(b"\r\n") + b"\r\n" if head.strip(b"\r\n") else b""
        lines.append(b"--%s\r\n%s\r\n%s\r\n" % (boundary, head, body))
    return b"".join((*lines, b"--%s--\r\n" % boundary))


def _boundary(header: bytes) -> bytes:
    """The boundary that a header names; b"" where it is not a multipart's."""
    kind, named = parameters(read_head(header).first(b"content-type"))
    return named.get(b"boundary", b"").rstrip() if kind.startswith(b"multipart/") else b""
