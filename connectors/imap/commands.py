"""What may be said to a server: the allow-list through which every byte of every command goes. None of it writes."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

# CLOSE is not among them: it expunges. SELECT, FETCH BODY[…] and RFC822 set \Seen.
_ALLOWED = frozenset(
    b"CAPABILITY NOOP LOGOUT ID ENABLE STARTTLS AUTHENTICATE LOGIN LIST STATUS EXAMINE UNSELECT IDLE".split()
) | {b"UID FETCH", b"UID SEARCH"}
_ITEM = rb"(?:UID|FLAGS|RFC822\.SIZE|BODYSTRUCTURE|X-GM-LABELS|BODY\.PEEK\[[0-9A-Z.]*\](?:<\d+\.\d+>)?)"
_FETCH = re.compile(rb"[\d:,*]+ \(" + _ITEM + rb"(?: " + _ITEM + rb")*\)(?: \(CHANGEDSINCE \d+(?: VANISHED)?\))?")
_BREAKS = re.compile(rb"[\r\n\0]")


class Literal(NamedTuple):
    """A string that cannot stand in a line: it goes after its length, when the server asks for it."""

    data: bytes


Argument: TypeAlias = bytes | Literal


class NotAllowed(Exception):
    """A mistake of this program: something that is not known to be read-only was about to be sent. Nothing was."""


def check(command: bytes, arguments: tuple[Argument, ...]) -> None:
    """Raise NotAllowed unless the command only reads."""
    plain = [argument for argument in arguments if isinstance(argument, bytes)]
    if command not in _ALLOWED or any(_BREAKS.search(argument) for argument in plain):
        raise NotAllowed(command.decode("ascii", "replace"))
    if command == b"UID FETCH" and not _FETCH.fullmatch(b" ".join(plain)):
        raise NotAllowed(b" ".join((command, *plain)).decode("ascii", "replace"))
