"""`who` and `intros`: whom to ask, and who should meet whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from amity import resolve
from amity.queries import judged, searching
from amity.session import Session
from events.errors import AmityError, UsageError

if TYPE_CHECKING:
    from projections.fulltext import Hits

Rows = list[dict[str, Any]]


def who(session: Session, topic: str) -> Rows:
    """The entries of `amity who`."""
    from projections.judgements import helpers  # noqa: PLC0415  each command pays for its own formula

    (hits,) = searching.find(session, [topic])
    return helpers.who(session.views, judged.rules_of(session), hits, session.as_of_ms) if hits else []


def intros(session: Session, *, everything: bool) -> Rows:
    """The entries of `amity intros`."""
    from projections.judgements import introductions  # noqa: PLC0415  each command pays for its own formula

    def find(topic: str) -> Mapping[str, Hits]:
        return searching.find(session, [topic])[0]

    rules = judged.rules_of(session)
    return introductions.introductions(session.views, rules, find, session.as_of_ms, everything=everything)


def draft(session: Session, first: resolve.Found, second: resolve.Found, why: str) -> str:
    """The mail that introduces two who both agreed. Raises AmityError where something keeps it from being sent."""
    from projections.introductions import compose, problems  # noqa: PLC0415  each command pays for its own formula
    from projections.judgements import introductions  # noqa: PLC0415  likewise

    rules = judged.rules_of(session)
    needy, giving, topic = introductions.topic_of(session.views, rules, first.id, second.id)
    names = {first.id: first.name, second.id: second.name}
    course = introductions.courses(session.views, session.as_of_ms).get((min(names), max(names)))
    agreed = [names[one] for one in (course.opted if course else ()) if one in names]
    if not topic and not why:
        raise UsageError(f"Nothing tells why {first.name} and {second.name} should meet: say it with --why.")
    reason = why or f"{names[needy].split()[0]} is looking for it at the moment."
    text = compose(names[needy], names[giving], topic or "what you will hear below", reason)
    wrong = problems(text, (first.name, second.name), agreed)
    if wrong:
        mark = f"amity intros mark {first.addresses[0]} {second.addresses[0]} opted-in"
        raise AmityError(" ".join([*wrong, f"When both agreed: `{mark}`."]))
    return text
