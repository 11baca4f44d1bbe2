"""What the owner wants, as plain values: the settings that projections and judgements compute with.

Built from the settings file (`amity.settings`) or from the log's own `goal.set`, `tier.set`, … at an earlier position.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec


class Goal(msgspec.Struct, frozen=True, omit_defaults=True):
    """One goal. `people`: address to weight within the goal; `match`: title words, `label:…`, `calendar:…`."""

    slug: str
    weight: float = 0.0
    weekly_minutes: float | None = None
    match: tuple[str, ...] = ()
    people: dict[str, float] = {}
    public: bool = False
    solo: bool = False


class Tier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A circle of people. `members` are addresses and `label:…`; `every_days` an explicit target for all of them."""

    slug: str
    every_days: float | None = None
    members: tuple[str, ...] = ()
    offer: dict[str, str] = {}


class Budget(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the owner wants with one person, named by one address."""

    address: str
    max_minutes_week: float | None = None
    every_days: float | None = None
    protected: bool = False
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


class Rules(msgspec.Struct, frozen=True, omit_defaults=True):
    """All settings that change a number. `hours` as `Mon-Fri 09:00-17:30`; addresses lower case."""

    timezone: str = "UTC"
    addresses: tuple[str, ...] = ()
    hours: str = "Mon-Fri 09:00-17:30"
    goals: tuple[Goal, ...] = ()
    tiers: tuple[Tier, ...] = ()
    budgets: tuple[Budget, ...] = ()
    attendance: str = "auto"  # strict, inclusive, auto (F1)
    email: str = "words"  # words, flat (F4)
    care_floor: float | None = None  # share of the time with people that those who care are to have (lessons, L7)
    working_on: tuple[str, ...] = ()
    help_wanted: tuple[str, ...] = ()

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
