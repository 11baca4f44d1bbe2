"""The page for others (L4): built from what the owner called public, and from nothing else.

It takes four values and sees no log, no people and no mail: whatever is not handed in cannot be on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from projections.rules import Goal


class Page(NamedTuple):
    """What others may read. `hours` as in the settings, by the walls of `timezone`."""

    working_on: tuple[str, ...]
    goals: tuple[str, ...]  # the names of public ones
    help_wanted: tuple[str, ...]
    hours: str
    timezone: str

    def document(self) -> dict[str, Any]:
        return self._asdict() | {key: list(getattr(self, key)) for key in LISTS}


LISTS = ("working_on", "goals", "help_wanted")


def page(
    goals: Iterable[Goal], working_on: Iterable[str], help_wanted: Iterable[str], hours: str, timezone: str
) -> Page:
    """The page of these settings; of a goal that is public, its name."""
    public = tuple(goal.slug for goal in goals if goal.public)
    return Page(tuple(working_on), public, tuple(help_wanted), hours, timezone)


def difference(before: Page, now: Page, private: Iterable[str] = ()) -> dict[str, dict[str, list[str]]]:
    """What came and what went, by part of the page.

    The name of a goal that was public and is not any more (`private`) went without being named again.
    """
    hidden = set(private)

    def gone(old: Iterable[str], new: Iterable[str]) -> list[str]:
        return [one for one in old if one not in set(new)]

    came = {key: gone(getattr(now, key), getattr(before, key)) for key in LISTS}
    went = {key: gone(getattr(before, key), getattr(now, key)) for key in LISTS}
    went["goals"] = [one for one in went["goals"] if one not in hidden]
    came["hours"] = [now.hours] if (now.hours, now.timezone) != (before.hours, before.timezone) else []
    went["hours"] = [before.hours] if came["hours"] else []
    return {"came": came, "went": went}
