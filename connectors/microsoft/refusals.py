"""What Graph's answers mean, by what the caller must do. Pure.

https://learn.microsoft.com/graph/errors, …/graph/throttling and …/graph/delta-query-overview (resets). Codes are
compared without case: the services behind Graph write them as they like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from connectors.errors import CursorExpired, Refused, SignInNeeded, TryLater
from connectors.http import Answer
from connectors.http_dates import retry_after
from connectors.microsoft.grant import GUIDE, again
from events.errors import AmityError

_RESETS = ("syncstatenotfound", "syncstateinvalid", "resyncrequired", "resync required", "fullsyncrequired")
_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi"})
_BUSY = frozenset({
    "applicationthrottled", "mailboxconcurrency", "toomanyrequests", "activitylimitreached", "errorserverbusy",
    "errortoomanyobjectsopened", "errormailboxstoreunavailable", "mailboxinfostale", "errormailboxmoveinprogress",
})  # fmt: skip
_BAD, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TIMEOUT, _LOCKED, _GONE = 400, 401, 403, 404, 408, 423, 410
_BANDWIDTH = 509  # of the whole account
_MINUTE = 60.0  # ours, where everyone has to wait and nothing says how long
# The first part of x-ms-throttle-scope: https://learn.microsoft.com/graph/throttling-limits (Throttled responses)
_EVERYONE = frozenset({"application", "tenant", "tenant_application"})
_SLOW_DOWN = frozenset({429, 503, _BANDWIDTH})
_LATER = frozenset({_TIMEOUT, _LOCKED, 425})
_SERVER, _GATEWAY = 500, 504
_TOO_BIG = frozenset({"errorcalendarviewrangetoobig", "errorcalendardurationistoolong"})
_DEEP = 5  # inner errors
_SHOWN = 160  # letters of Microsoft's own words


class Answered(AmityError):
    """Graph said no to this request: the status and `codes` (lower case) decide what it means to the caller.

    `theirs`: whether it was an error of Graph's and not a page of somebody between.
    """

    def __init__(self, sentence: str, status: int, codes: frozenset[str], *, theirs: bool) -> None:
        super().__init__(sentence)
        self.status, self.codes, self.theirs = status, codes, theirs

    @property
    def missing(self) -> bool:
        """Whether Graph itself says that the thing is not there."""
        return self.status == _NOT_FOUND and self.theirs

    @property
    def too_big(self) -> bool:
        """Whether so many days cannot be shown at once."""
        return bool(self.codes & _TOO_BIG)


class Failing(TryLater):
    """Graph is out of order, perhaps for this one request alone; whoever is told to wait waits."""


class TooMuch(Failing):
    """Graph did not come to an end in time: what asks for less may be answered."""


class Denied(SignInNeeded):
    """Graph does not let us read this: of one calendar or folder it may be the others' affair alone."""


class Said(NamedTuple):
    """An error's codes, the inner ones too, in lower case, and its words."""

    codes: frozenset[str]
    message: str


def document_in(body: bytes) -> Any:
    """None where it is none. What is no text in it, half an emoji of a subject, costs only itself."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        pass
    try:
        broken = json.loads(body.decode("utf-8-sig", "replace"))
        return msgspec.json.decode(json.dumps(broken, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def said(body: bytes) -> Said:
    """What an error's body says; nothing where it is no error of Graph's (a page of a proxy)."""
    document = document_in(body)
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        return Said(frozenset(), "")
    message = error.get("message")
    return Said(frozenset(_codes(error)), message if isinstance(message, str) else "")


def _codes(error: dict[str, object]) -> Iterator[str]:
    inner: object = error
    for _ in range(_DEEP):
        if not isinstance(inner, dict):
            return
        if isinstance(inner.get("code"), str):
            yield str(inner["code"]).lower()
        inner = inner.get("innerError") or inner.get("innererror")


def refusal(answer: Answer, *, name: str, wall: float, link: bool) -> AmityError:
    """The error for an answer that is none of 2xx.

    `wall`: seconds since 1970; `link`: whether a link was followed that Graph gave before: what is wrong with one is
    that Graph does not know it any more.
    """
    status, (codes, message) = answer.status, said(answer.body)
    if _is_reset(status, codes, message, link=link):
        return CursorExpired(f"{name}: Microsoft Graph does not know any more where we stood (HTTP {status})")
    busy = status in _SLOW_DOWN or bool(codes & _BUSY)
    if busy or status >= _SERVER or status in _LATER or status < _BAD:
        after = retry_after(answer.headers["retry-after"], wall, answer.headers["date"])
        what = "asks us to slow down" if busy else "is out of order"
        whole = status == _BANDWIDTH or (busy and status < _SERVER)
        everyone = busy and (answer.headers["x-ms-throttle-scope"] or "").partition("/")[0].lower() in _EVERYONE
        kind = TryLater if everyone else TooMuch if status == _GATEWAY else TryLater if whole else Failing
        sentence = f"{name}: Microsoft Graph {what} (HTTP {status}); it is tried again later"
        return kind(sentence, after or (_MINUTE if everyone else None), everyone=everyone)
    if status == _UNAUTHORIZED:
        return SignInNeeded(f"{name}: Microsoft refuses the sign-in although it was just renewed; {again(name)}")
    if codes & _NO_MAILBOX:
        return Refused(
            f"{name}: this mailbox is not in Microsoft's cloud (on a server of the organisation, or without a licence),"
            " and Graph does not reach it; connect it with amity connect imap"
        )
    if status == _FORBIDDEN and codes:
        return Denied(
            f"{name}: Microsoft does not let Amity read this ({'/'.join(sorted(codes))}): it was not allowed, or is not"
            f" any more; {again(name)}"
        )
    named = "/".join(sorted(codes)) or "no reason given"
    sentence = f"{name}: Microsoft Graph refuses (HTTP {status}, {named}){_quoted(message)}; see {GUIDE}"
    return Answered(sentence, status, codes, theirs=bool(codes))


def _is_reset(status: int, codes: frozenset[str], message: str, *, link: bool) -> bool:
    """Every spelling of "begin anew": any 410, the codes in any 4xx, and 400 for a link of Graph's own."""
    if not _BAD <= status < _SERVER:
        return False
    words = " ".join((*codes, message)).lower()
    return status == _GONE or any(reset in words for reset in _RESETS) or (link and status == _BAD)


def _quoted(message: str) -> str:
    words = " ".join(message.split())[:_SHOWN]
    return f': "{words}"' if words and words.isprintable() else ""
