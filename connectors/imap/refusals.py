"""What a server's NO, BAD or BYE means: the error by what the caller must do (RFC 5530; RFC 9051, section 7.1)."""

from __future__ import annotations

import re
from typing import NamedTuple

from connectors.errors import Refused, SignInNeeded, StreamEnded, TryLater
from events.errors import AmityError

_SAID = 200  # characters of the server's own words
_LATER = frozenset({"INUSE", "UNAVAILABLE", "OVERQUOTA", "THROTTLED", "LIMIT"})
_BROKEN = frozenset({"SERVERBUG", "CONTACTADMIN"})  # of the one thing that was asked for, or of all
_SIGN_IN = frozenset({"AUTHENTICATIONFAILED", "EXPIRED", "AUTHORIZATIONFAILED", "WEBALERT"})
_ENDED = frozenset({"NONEXISTENT", "NOPERM", "ACL", "CANNOT"})
# Codes are younger than many servers: Gmail, Exchange and Yahoo say these things in words.
_BUSY = re.compile(
    r"too many|simultaneous|try (?:again|later)|temporar|rate limit|throttl|unavailable|bandwidth|overloaded|"
    r"in use|locked|timed? ?out",
    re.IGNORECASE,
)
_MISSING = re.compile(r"not exist|doesn't exist|not found|no such|unknown mailbox|nonexistent", re.IGNORECASE)
_BACKOFF = re.compile(r"Suggested Backoff Time: (\d{1,9}) milliseconds", re.IGNORECASE)  # Exchange Online
_CODE = re.compile(rb"\[([^\]\s]{1,40})(?: ([^\]]*))?\][ \t]*")


class Status(NamedTuple):
    """How a command ended, or what the server says between: `OK`, `NO`, `BAD`, `BYE` or `PREAUTH`."""

    kind: str
    code: str
    value: bytes
    text: str


def status(kind: bytes, rest: bytes) -> Status:
    """`NO`, `[INUSE] Try later` → its parts; the words are cut and made printable."""
    found = _CODE.match(rest)
    code, value = (found[1].decode("ascii", "replace").upper(), found[2] or b"") if found else ("", b"")
    text = rest[found.end() if found else 0 :][: 4 * _SAID].decode("utf-8", "replace")
    shown = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return Status(kind.decode("ascii", "replace").upper(), code, value, shown[:_SAID])


class ServerSaidNo(Exception):
    """The tagged answer to one command was NO or BAD; what it means depends on the command."""

    def __init__(self, answer: Status) -> None:
        super().__init__(answer.text)
        self.answer = answer


def busy(answer: Status) -> bool:
    """Whether any command may well succeed later that is refused now."""
    if answer.code in _SIGN_IN | _ENDED | _BROKEN:
        return False
    return answer.kind == "BYE" or answer.code in _LATER or bool(_BUSY.search(answer.text))


def later(answer: Status, who: str) -> TryLater:
    """`who`: `work: the mail server imap.example.org`."""
    asked = _BACKOFF.search(answer.text)
    after = int(asked[1]) / 1000 if asked else None
    return TryLater(f"{who} is busy or away{_words(answer)}; it will be asked again later", after)


def at_sign_in(answer: Status, who: str) -> AmityError:
    """The meaning of a refusal of name and password or token."""
    if busy(answer) or answer.code in _BROKEN:
        return later(answer, who)
    if answer.kind == "BAD":
        return Refused(f"{who} does not understand how we sign in{_words(answer)}; ask who runs it")
    return SignInNeeded(
        f"{who} does not accept the user or the password{_words(answer)}; connect the account again (many providers "
        "want an app password here)"
    )


def at_folder(answer: Status, who: str, folder: str) -> AmityError:
    """The meaning of a refusal to open a folder."""
    if answer.code in _SIGN_IN:
        return at_sign_in(answer, who)
    if answer.code in _ENDED or (not busy(answer) and _MISSING.search(answer.text)):
        return StreamEnded(f"{who} no longer lets the folder {folder} be read{_words(answer)}")
    return later(answer, who)


def _words(answer: Status) -> str:
    return f' ("{answer.text}")' if answer.text else ""
