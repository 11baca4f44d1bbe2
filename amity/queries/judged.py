"""The judgements for a session: each is asked of `projections.judgements` when it is wanted, and only then imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amity.session import Session
from events.errors import UsageError

if TYPE_CHECKING:
    from projections.judgements.carers import Giving
    from projections.judgements.exchanges import Recent
    from projections.judgements.silence import Silence
    from projections.rules import Rules

Entries = list[dict[str, Any]]


def rules_of(session: Session) -> Rules:
    """The settings as values."""
    import msgspec  # noqa: PLC0415  27 ms that `time` does without

    from projections.rules import Rules  # noqa: PLC0415  likewise

    return msgspec.convert(session.rules, Rules)


def neglected(session: Session, only: list[int] | None = None) -> Entries:
    """Everybody with a rhythm, or of `only` these ids of the views."""
    from projections.judgements import neglect  # noqa: PLC0415  each command pays for its own formula

    return neglect.neglected(session.views, rules_of(session), session.as_of_ms, only)


def silent(session: Session, only: list[int] | None = None) -> list[Silence]:
    """Of `neglected`, those whose state is not ok, not yet told."""
    from projections.judgements import neglect  # noqa: PLC0415  each command pays for its own formula

    return neglect.silent(session.views, rules_of(session), session.as_of_ms, only)


def silences(session: Session, only: list[int]) -> list[Silence]:
    """The same of these, in no order."""
    from projections.judgements import silence, wants  # noqa: PLC0415  each command pays for its own formula

    wanted = wants.read_wants(session.views, rules_of(session))
    return silence.silences(session.views, wanted, session.as_of_ms, only, silent=True)


def told(session: Session, found: list[Silence]) -> Entries:
    """The entries of `neglected` for these."""
    from projections.judgements import neglect  # noqa: PLC0415  each command pays for its own formula

    return neglect.told(session.views, rules_of(session), found, session.as_of_ms)


def settled(session: Session, alert: str, since_ms: int) -> set[int]:
    """Whose alert was answered after `since_ms` and until now, by their ids of the views."""
    from projections.judgements import wants  # noqa: PLC0415  each command pays for its own formula

    return wants.settled(session.views, alert, since_ms, session.as_of_ms) if since_ms < session.as_of_ms else set()


def over(session: Session) -> Entries:
    from projections.judgements import spending  # noqa: PLC0415  each command pays for its own formula

    return spending.over(session.views, rules_of(session), session.as_of_ms)


def over_ratios(session: Session) -> dict[str, float]:
    """Of `over` the ids and ratios of the flags."""
    from projections.judgements import spending  # noqa: PLC0415  each command pays for its own formula

    return spending.over_ratios(session.views, rules_of(session), session.as_of_ms)


def fading(session: Session) -> Entries:
    from projections.judgements import dwindling  # noqa: PLC0415  each command pays for its own formula

    return dwindling.fading(session.views, rules_of(session), session.as_of_ms)


def giving(session: Session) -> Giving:
    """Who cares, who is owed, and who cares and is seldom answered."""
    from projections.judgements import carers  # noqa: PLC0415  each command pays for its own formula

    return carers.giving(session.views, rules_of(session), session.as_of_ms)


def chasing(session: Session, limit: int, recent: dict[int, Recent]) -> Entries:
    """Whom the owner reaches out to in vain, those with the most time; `recent` as `giving` has read it."""
    from projections.judgements import chased  # noqa: PLC0415  each command pays for its own formula

    return chased.chasing(session.views, rules_of(session), session.as_of_ms, limit, recent)


def level(session: Session, alert: str, key: str) -> float:
    """What the owner accepts by calling an alert fine: the number that it was raised for.

    Raises UsageError where there is nothing to accept.
    """
    found = {"neglected": neglected, "over": over, "fading": fading}[alert](session)
    entry = next((one for one in found if one["person"]["id"] == key), None)
    if entry is None:
        raise UsageError(f"There is no alert `{alert}` about {key}: `amity {alert}` lists those there are.")
    return float(entry["level"])
