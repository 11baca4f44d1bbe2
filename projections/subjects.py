"""Subjects of mail without the prefixes that programs put before them."""

from __future__ import annotations

import re

# Reply and forward prefixes as mail programs of several languages write them, with an optional count: `Re[2]:`.
_REPLY = (
    "re|aw|antw|sv|vs|ant|odp|res|resp|ref|rif|r|ynt|vá|odg|atb|răsp|απ|ответ|השב|תשובה|"
    "回复|答复|回覆|回復|答覆|返信|답장|회신"
)
_FORWARD = "fw|fwd|wg|tr|rv|enc|vl|pd|i|vb|doorst|ilt|továbbítás|πρθ|转发|轉寄|轉發|転送|전달|пересл|העבר"
_PREFIX = re.compile(
    rf"\s*(?:({_REPLY})|{_FORWARD})\s*(?:[\[(]\d+[\])]|\^?\d{{1,3}})?\s*[:：]\s*",  # noqa: RUF001  the colon that Chinese programs write
    re.IGNORECASE,
)
# What gateways put before mail from outside: "[EXTERNAL] Re: Plan" answers "Plan".
_OUTSIDE = re.compile(
    r"\s*\[\s*(?:ext|external|extern|externe|externo|externer|esterno|外部)(?:[ -](?:e?-?mail|sender))?\s*\]:?\s*",
    re.IGNORECASE,
)
_MARKED = frozenset(":：")  # noqa: RUF001  likewise


def bare(subject: str) -> tuple[str, bool]:
    """Give (the subject without prefixes, case and runs of white space; whether its first prefix says "reply")."""
    if "[" in subject:
        subject = _OUTSIDE.sub("", subject)
    if _MARKED.isdisjoint(subject):
        return " ".join(subject.casefold().split()), False
    at, is_reply, first = 0, False, True
    while match := _PREFIX.match(subject, at):
        if first:
            is_reply, first = match.group(1) is not None, False
        at = match.end()
    return " ".join(subject[at:].casefold().split()), is_reply


def is_forward(subject: str) -> bool:
    """Whether the first prefix of a subject says that the mail was passed on."""
    match = _PREFIX.match(_OUTSIDE.sub("", subject) if "[" in subject else subject)
    return match is not None and match.group(1) is None
