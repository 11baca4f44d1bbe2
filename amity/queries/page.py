"""`now`: the page for others, and what changed on it in a week."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from amity.period import iso
from amity.queries.judged import rules_of
from amity.session import Session
from projections.page import Page, difference, page
from projections.rules import Rules

WEEK_MS = 7 * 24 * 3600 * 1000


def now(session: Session) -> dict[str, Any]:
    """The document of `amity now`."""
    return _page(rules_of(session)).document()


def changed(session: Session) -> dict[str, Any]:
    """The page with what came and went since a week ago; `since` is None where nothing had been recorded then."""
    rules = rules_of(session)
    today = _page(rules)
    since_ms = session.as_of_ms - WEEK_MS
    before = _recorded(session, since_ms)
    private = [goal.slug for goal in rules.goals if not goal.public]
    found = difference(today if before is None else _page(before), today, private)
    since = None if before is None else iso(since_ms, session.zone)
    return today.document() | {"since": since, **found}


def _page(rules: Rules) -> Page:
    return page(rules.goals, rules.working_on, rules.help_wanted, rules.hours, rules.timezone)


def _recorded(session: Session, at_ms: int) -> Rules | None:
    """The settings as the log had them recorded at an instant; None where it had none."""
    from amity import wiring  # noqa: PLC0415  only the comparison reads the log

    with closing(wiring.open_home(session.home)) as log:
        return wiring.rules_at(log, at_ms)
