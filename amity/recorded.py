"""The settings as facts of the log: what changed since they were recorded, and what held at an earlier position."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from events.envelope import NewEvent, stream_of
from events.vocabulary import (
    BudgetDropped,
    BudgetSet,
    GoalDropped,
    GoalSet,
    PageSet,
    Payload,
    ProfileSet,
    TierDropped,
    TierSet,
)
from projections.rules import Budget, Goal, Rules, Tier

Key = tuple[str, str]
SETTINGS = frozenset(
    kind.wire for kind in (ProfileSet, PageSet, GoalSet, GoalDropped, TierSet, TierDropped, BudgetSet, BudgetDropped)
)


def facts_of(rules: Rules, bodies: str) -> dict[Key, Payload]:
    """What the settings say, one payload for each thing that can be set."""
    facts: dict[Key, Payload] = {
        ("profile", ""): ProfileSet(
            timezone=rules.timezone, addresses=rules.addresses, hours=rules.hours,
            attendance=rules.attendance, email=rules.email, bodies=bodies,
            care_floor=rules.care_floor,
        )
    }  # fmt: skip
    if rules.working_on or rules.help_wanted:
        facts["page", ""] = PageSet(working_on=rules.working_on, help_wanted=rules.help_wanted)
    for goal in rules.goals:
        said = msgspec.structs.asdict(goal)
        facts["goal", goal.slug] = GoalSet(goal=said.pop("slug"), **said)
    for tier in rules.tiers:
        said = msgspec.structs.asdict(tier)
        facts["tier", tier.slug] = TierSet(tier=said.pop("slug"), **said)
    for budget in rules.budgets:
        said = msgspec.structs.asdict(budget)
        facts["budget", budget.address] = BudgetSet(person=said.pop("address"), **said)
    return facts


def standing(payloads: Iterable[Payload]) -> dict[Key, Payload]:
    """What holds after these facts of the log, in the order in which they were recorded."""
    facts: dict[Key, Payload] = {}
    for payload in payloads:
        match payload:
            case ProfileSet():
                facts["profile", ""] = payload
            case PageSet():
                facts["page", ""] = payload
            case GoalSet():
                facts["goal", payload.goal] = payload
            case TierSet():
                facts["tier", payload.tier] = payload
            case BudgetSet():
                facts["budget", payload.person] = payload
            case GoalDropped():
                facts.pop(("goal", payload.goal), None)
            case TierDropped():
                facts.pop(("tier", payload.tier), None)
            case BudgetDropped():
                facts.pop(("budget", payload.person), None)
    return {key: payload for key, payload in facts.items() if payload != PageSet()}


def changes(before: dict[Key, Payload], after: dict[Key, Payload], now_ms: int) -> list[NewEvent]:
    """The events that lead from what is recorded to what the settings say now."""
    found = [(key, payload) for key, payload in after.items() if before.get(key) != payload]
    found += [(key, _dropped(key)) for key in before if key not in after]
    return [NewEvent(stream_of(None, "settings", *key), None, now_ms, payload) for key, payload in found]


def _dropped(key: Key) -> Payload:
    kind, name = key
    if kind == "goal":
        return GoalDropped(goal=name)
    if kind == "page":
        return PageSet()
    return TierDropped(tier=name) if kind == "tier" else BudgetDropped(person=name)


def rules_of(facts: dict[Key, Payload]) -> Rules:
    """The rules that these facts make: the inverse of `facts_of`."""
    profile = facts.get(("profile", ""), ProfileSet())
    said = msgspec.structs.asdict(profile)
    said.pop("bodies")
    page = facts.get(("page", ""), PageSet())
    said |= msgspec.structs.asdict(page)
    goals, tiers, budgets = [], [], []
    for payload in facts.values():
        fields = msgspec.structs.asdict(payload)
        if isinstance(payload, GoalSet):
            goals.append(Goal(slug=fields.pop("goal"), **fields))
        elif isinstance(payload, TierSet):
            tiers.append(Tier(slug=fields.pop("tier"), **fields))
        elif isinstance(payload, BudgetSet):
            budgets.append(Budget(address=fields.pop("person"), **fields))
    return Rules(goals=tuple(goals), tiers=tuple(tiers), budgets=tuple(budgets), **said)
