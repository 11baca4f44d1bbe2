"""What Google's answers mean, by what the caller must do. Pure.

https://developers.google.com/workspace/gmail/api/guides/handle-errors and …/calendar/api/guides/errors: the reason
decides, not the status alone; a quota is 403 or 429 for the same thing.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple

import msgspec

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.google.grant import GUIDE, again
from connectors.http import Answer
from connectors.http_dates import retry_after
from events.errors import AmityError

# Any limit on how much or how fast is asked.
_BUSY = frozenset({
    "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED", "limitExceeded", "concurrentLimitExceeded",
})  # fmt: skip
_DAILY = frozenset({"dailyLimitExceeded"})
_MINUTE = 60.0  # a project's limits are of a minute, or of a day
_DAILY_SECONDS = 3_600.0  # the day ends at midnight in California; asking hourly costs nothing
_NARROW = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_DISABLED = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_LIMIT_IN_TEXT = re.compile(r"\blimit '([^']{1,100})'")  # "… and limit 'Queries per minute per user' of service …"
_OF_A_USER = re.compile(r"per.?user", re.IGNORECASE)
_RETRY_IN_TEXT = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)")
_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _TOO_MANY, _SERVER = 401, 403, 408, 429, 500
_SHOWN = 160  # letters of Google's own words


class Answered(AmityError):
    """Google said no to this request: `reasons` decide what it means to the caller."""

    def __init__(self, sentence: str, status: int, reasons: frozenset[str]) -> None:
        super().__init__(sentence)
        self.status, self.reasons = status, reasons


class Failing(TryLater):
    """Google is out of order, perhaps for this one request alone."""


class Said(NamedTuple):
    """An error's reasons (of errors[] and of ErrorInfo), its words, and the quota that is used up, where it says so."""

    reasons: frozenset[str]
    message: str
    limit: str = ""

    def everyone(self) -> bool:
        """Whether the quota is that of the whole project: so all of its accounts have to wait."""
        return bool(self.reasons & _DAILY) or (bool(self.limit) and _OF_A_USER.search(self.limit) is None)


def said(body: bytes) -> Said:
    """What an error's body says; nothing where it is no error of Google's (a page of a proxy)."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Said(frozenset(), "")
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        return Said(frozenset(), "")
    entries = [*_entries(error, "errors"), *_entries(error, "details")]
    reasons = {entry.get("reason") for entry in entries} | {error.get("status")}
    found = error.get("message")
    message = found if isinstance(found, str) else ""
    return Said(frozenset(reason for reason in reasons if isinstance(reason, str)), message, _limit(entries, message))


def _limit(entries: list[dict[str, object]], message: str) -> str:
    """The name of the quota: in ErrorInfo, or within Google's words."""
    for entry in entries:
        metadata = entry.get("metadata")
        limit = metadata.get("quota_limit") if isinstance(metadata, dict) else None
        if isinstance(limit, str):
            return limit
    found = _LIMIT_IN_TEXT.search(message)
    return found[1] if found is not None else ""


def _entries(error: dict[str, object], key: str) -> list[dict[str, object]]:
    found = error.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def refusal(answer: Answer, *, name: str, what: str, wall: float) -> AmityError:
    """The error for an answer that is none of 2xx. `what`: Gmail, Google Calendar; `wall`: seconds since 1970."""
    status, words = answer.status, said(answer.body)
    reasons, message, everyone = words.reasons, words.message, words.everyone()
    if status == _UNAUTHORIZED:
        return SignInNeeded(f"{name}: {what} refuses the sign-in although it was just renewed; {again(name)}")
    after = _after(answer, message, wall)
    if status == _TIMEOUT or status >= _SERVER:
        return Failing(f"{name}: {what} is out of order (HTTP {status}); it is tried again later", after)
    if status == _TOO_MANY or (status == _FORBIDDEN and reasons & _BUSY):
        after = after or (_DAILY_SECONDS if reasons & _DAILY else _MINUTE if everyone else None)
        return TryLater(f"{name}: {what} asks us to slow down; it is tried again later", after, everyone=everyone)
    if status == _FORBIDDEN and reasons & _NARROW:
        return SignInNeeded(f"{name}: {what} was not among what you let Amity read; {again(name)} and tick its box")
    if status == _FORBIDDEN and reasons & _DISABLED:
        return Refused(f"{name}: {what} is not enabled in your Google project; enable it there ({GUIDE}, step 2)")
    named = "/".join(sorted(reasons)) or "no reason given"
    return Answered(f"{name}: {what} refuses (HTTP {status}, {named}){_quoted(message)}", status, reasons)


def _after(answer: Answer, message: str, wall: float) -> float | None:
    """The seconds that Google asks for: in the header, or within its words."""
    header, served = answer.headers["retry-after"], answer.headers["date"]
    found = _RETRY_IN_TEXT.search(message) if header is None else None
    if found is not None:
        with suppress(ValueError):
            whole = datetime.fromisoformat(found[1]) + timedelta(seconds=1)  # HTTP dates have no fractions
            header = format_datetime(whole, usegmt=True)
    return retry_after(header, wall, served)


def _quoted(message: str) -> str:
    words = " ".join(message.split())[:_SHOWN]
    return f': "{words}"' if words.isprintable() and words else ""
