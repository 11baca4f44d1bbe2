"""Responses of IMAP (RFC 3501, section 9) to lists: pure, and total for whatever bytes a server may send."""

from __future__ import annotations

import re
from typing import TypeAlias

Token: TypeAlias = "bytes | list[Token] | None"  # noqa: S105  no secret: a piece of a response

_DIGITS = 19  # of 63 bits (RFC 7162)
_LONGEST = 1_000  # bytes of a quoted string: lines of commands stay short
_UNQUOTABLE = re.compile(rb"[^ -~]")
DEPTH = 100  # nested lists; a mail with deeper parts is no honest one
_TOKEN = re.compile(
    rb"[ \t]*+(?:(\()|(\))|\"((?:[^\"\\]|\\.)*+)\"|((?:[^\s()\"\[{]|\[[^\]]*+\])++))",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_COUNT = re.compile(rb"~?\{\d{1,20}\+?\}\Z")


class Unreadable(ValueError):
    """These bytes are no response."""


def parse(parts: list[bytes]) -> list[Token]:
    """What a response says: atoms, numbers and strings as bytes, NIL as None, parentheses as lists.

    `parts`: text, literal, text, …, as they were read; a text that a literal follows ends with its `{count}`.
    """
    found: list[Token] = []
    open_lists = [found]
    for number, part in enumerate(parts):
        if number % 2:
            open_lists[-1].append(part)
        else:
            _text(_COUNT.sub(b"", part) if number + 1 < len(parts) else part, open_lists)
    if len(open_lists) > 1:
        raise Unreadable("a list is not closed")
    return found


def _text(text: bytes, open_lists: list[list[Token]]) -> None:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(repr(text[at : at + 40]))
        at = match.end()
        _, _, quoted, atom = match.groups()
        if atom is not None:
            open_lists[-1].append(None if atom.upper() == b"NIL" else atom)
        elif quoted is not None:
            open_lists[-1].append(_ESCAPE.sub(rb"\1", quoted) if b"\\" in quoted else quoted)
        elif match[1]:
            _open(open_lists)
        elif len(open_lists) == 1:
            raise Unreadable("a list ends that did not begin")
        else:
            open_lists.pop()


def _open(open_lists: list[list[Token]]) -> None:
    if len(open_lists) > DEPTH:
        raise Unreadable("lists are nested too deeply")
    inner: list[Token] = []
    open_lists[-1].append(inner)
    open_lists.append(inner)


def pairs(tokens: Token) -> dict[bytes, Token]:
    r"""`(UID 7 FLAGS (\Seen))` as a dict with upper-case names; the first of each name counts."""
    found: dict[bytes, Token] = {}
    if isinstance(tokens, list):
        for name, value in zip(tokens[::2], tokens[1::2], strict=False):
            if isinstance(name, bytes):
                found.setdefault(name.upper(), value)
    return found


def number(token: Token) -> int | None:
    """A number of at most 63 bits (RFC 7162); None for anything else."""
    if isinstance(token, bytes) and token.isdigit() and len(token) <= _DIGITS:
        return int(token)
    return None


def quoted(text: bytes) -> bytes | None:
    """A string as it stands in a command; None where only a literal can say it."""
    if len(text) > _LONGEST or _UNQUOTABLE.search(text):
        return None
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
