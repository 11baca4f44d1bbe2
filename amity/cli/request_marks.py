"""The words of `amity mark` about requests and asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amity.period import instant
from amity.session import Session
from events.errors import UsageError

if TYPE_CHECKING:
    from events.vocabulary import RequestMarked

STATES = ("open", "answered", "accepted", "declined", "redirected", "not-a-request", "delegated")
ASKS = ("asked", "yes", "no", "silence", "thanked")


def is_about_requests(word: str) -> bool:
    """Whether a word of `mark` says what became of a request, and not what a meeting was."""
    return word in STATES or word.partition("=")[0] in {"deferred", "ask"}


def marked(session: Session, position: int, word: str) -> RequestMarked:
    """The decision. Raises UsageError where the word or the position is none."""
    from events.vocabulary import RequestMarked  # noqa: PLC0415  deciding needs the log; --help does not

    name, _, value = word.partition("=")
    if name == "ask":
        if value not in ASKS:
            raise UsageError(f'"{word}" is no mark: write ask={", ask=".join(ASKS)}.')
        _require(session, position, ("message", "note"), "an ask is a mail or a note")
        return RequestMarked(position=position, word=word)
    if name == "deferred" and not value:
        raise UsageError('"deferred" needs the day on which it comes back: write deferred=2026-10-01.')
    _require(session, position, ("message", "occurrence"), "a request is a mail or an invitation")
    if name != "deferred":
        return RequestMarked(position=position, word=word)
    return RequestMarked(position=position, word=name, until_ms=instant(value, session.zone))


def _require(session: Session, position: int, tables: tuple[str, ...], what: str) -> None:
    for table in tables:
        column = "position" if table == "occurrence" else "id"
        if session.views.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (position,)).fetchone():
            return
    raise UsageError(f"#{position} is neither: {what}; `amity inbox`, `waiting` and `asks` print the positions.")
