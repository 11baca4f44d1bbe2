"""Time that is still to come: what may be offered to somebody (`slots`), and what a yes would cost (`can-i`)."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from amity import grammar, resolve
from amity.period import day_start, iso, local_day, week_name
from amity.queries.spent import DIGITS
from amity.queries.tiers import tier_of
from amity.session import Session
from events.errors import UsageError
from projections.intervals import MINUTE_MS, Span, union_ms
from projections.judgements.booked import busy, week_minutes
from projections.offering import length_for, slots, spread, within
from projections.schema import NOBODY
from projections.workhours import working_spans

HOURS = "Mon-Fri 09:00-17:30"
LENGTH = "30m"  # (ours) of a slot where no tier says so
WEEKS, WEEKS_MAX = 2, 12  # to the end of next week; further only while nothing at all is free or left


class Offer(NamedTuple):
    """What may be offered to one person. `max_minutes`: of a week; None without a budget."""

    person: resolve.Found
    tier: str
    hours: dict[int, tuple[int, int]] | None
    length: float
    notice: float
    limited: bool  # the tier says how long
    max_minutes: float | None


def monday_of(session: Session) -> int:
    """The local day on which the session's week begins."""
    today = local_day(session.as_of_ms, session.zone)
    return today - date.fromordinal(today).weekday()


def hours_of(session: Session) -> dict[int, tuple[int, int]]:
    return grammar.hours(session.rules.get("hours", HOURS))


def max_minutes(session: Session, person: resolve.Found) -> float | None:
    """The person's weekly budget, by whichever of their addresses the settings name first."""
    for budget in session.rules.get("budgets", ()):
        if budget.get("max_minutes_week") is not None and budget["address"].lower() in person.addresses:
            return float(budget["max_minutes_week"])
    return None


def offer_for(session: Session, text: str) -> Offer:
    """Whoever is known, or named in the settings. Raises UsageError where nobody is meant, or several."""
    person = _unmet(session, text) or resolve.person(session.views, text)
    if not person.addresses:
        raise UsageError(f"{person.name} is nobody to meet: write an address or a name.")
    slug = _tier_of(session, person)
    said: dict[str, str] = next(
        (one.get("offer", {}) for one in session.rules.get("tiers", ()) if one["slug"] == slug), {}
    )
    return Offer(
        person,
        slug,
        grammar.hours(said["hours"]) if "hours" in said else None,
        grammar.minutes(said.get("length", LENGTH)),
        grammar.minutes(said["notice"]) if "notice" in said else 0.0,
        "length" in said,
        max_minutes(session, person),
    )


def _unmet(session: Session, text: str) -> resolve.Found | None:
    """Somebody whom the settings name by this address and whom no mail and no meeting has shown yet."""
    address, rules = text.strip().lower(), session.rules
    spelled = {one["address"].lower() for one in rules.get("budgets", ())}
    spelled |= {one.lower() for goal in rules.get("goals", ()) for one in goal.get("people", ())}
    spelled |= {one.lower() for tier in rules.get("tiers", ()) for one in tier.get("members", ())}
    if address not in spelled or "@" not in address:
        return None
    seen = session.views.execute("SELECT 1 FROM address WHERE address = ? AND person > 0", (address,)).fetchone()
    return None if seen else resolve.Found(NOBODY, address, address, (address,))


def _tier_of(session: Session, person: resolve.Found) -> str:
    if person.id != NOBODY:
        return tier_of(session.views, session.rules, [person.id]).get(person.id, "")
    for tier in session.rules.get("tiers", ()):
        if person.key in {member.lower() for member in tier.get("members", ())}:
            return str(tier["slug"])
    return ""


def offered(session: Session, offer: Offer) -> list[Span]:
    """The slots of this week and the next, in ms; where both have none, of the first later week that has some."""
    monday, found = monday_of(session), list[Span]()
    for week in range(WEEKS_MAX):
        if week >= WEEKS and found:
            break
        found += _of_week(session, offer, monday + 7 * week)
    return found


def _of_week(session: Session, offer: Offer, monday: int) -> list[Span]:
    zone = session.zone
    since, until = day_start(monday, zone), day_start(monday + 7, zone)
    open_at = max(since, session.as_of_ms + round(offer.notice * MINUTE_MS))
    left_ms = None
    if offer.max_minutes is not None:
        spent = week_minutes(session.views, monday, monday + 7, session.as_of_ms).get(offer.person.id, 0.0)
        left_ms = max(0, int((offer.max_minutes - spent) * MINUTE_MS))
    length_ms = length_for(round(offer.length * MINUTE_MS), left_ms)
    if not length_ms or open_at >= until:
        return []
    windows = working_spans(hours_of(session), zone, open_at, until)
    if offer.hours is not None:
        windows = within(windows, working_spans(offer.hours, zone, open_at, until))
    by_day: dict[int, list[Span]] = {}
    for span in slots(windows, busy(session.views, open_at, until), length_ms):
        by_day.setdefault(local_day(span[0], zone), []).append(span)
    return spread(by_day, left_ms)


def slots_for(session: Session, text: str) -> list[dict[str, str]]:
    """The document of `amity slots`: nothing but times, fit to be sent."""
    spans = offered(session, offer_for(session, text))
    return [{"start": iso(start, session.zone), "end": iso(end, session.zone)} for start, end in spans]


def preview(session: Session, length: float, text: str, *, weekly: bool) -> dict[str, Any]:
    """The document of `amity can-i`: this ISO week before and after a yes, and what it would break.

    `ok` is a matter of the person's budget alone; `notes` say what else speaks against it. A meeting of two costs its
    length. `four_weeks` are the last three and this one, a weekly meeting counted in each.
    """
    offer, monday = offer_for(session, text), monday_of(session)
    before = week_minutes(session.views, monday, monday + 7, session.as_of_ms).get(offer.person.id, 0.0)
    earlier = week_minutes(session.views, monday - 21, monday, session.as_of_ms).get(offer.person.id, 0.0)
    after, most = before + length, offer.max_minutes
    breaks = _budget(offer, after)
    return {
        "person": resolve.shape(offer.person),
        "before_minutes": round(before, DIGITS),
        "after_minutes": round(after, DIGITS),
        "max_minutes": most,
        "ok": not breaks,
        "breaks": breaks,
        "notes": [*_goals(session, offer, length), *_tier(offer, length)],
        "weekly": weekly,
        "length_minutes": length,
        "week": week_name(monday),
        "four_weeks": {
            "before_minutes": round(earlier + before, DIGITS),
            "after_minutes": round(earlier + before + length * (4 if weekly else 1), DIGITS),
            "max_minutes": None if most is None else 4 * most,
        },
    }


def _budget(offer: Offer, after: float) -> list[str]:
    if offer.max_minutes is None or after <= offer.max_minutes:
        return []
    return [f"budget: {after / 60:.1f} h this week, {offer.max_minutes / 60:.1f} h are meant for {offer.person.name}"]


def _tier(offer: Offer, length: float) -> list[str]:
    if not offer.limited or length <= offer.length:
        return []
    return [f"tier {offer.tier}: offers {offer.length:.0f} min"]


def _goals(session: Session, offer: Offer, length: float) -> list[str]:
    """Goals whose rest of this week fits into the free working time without this meeting, and does not with it."""
    from amity.queries.goals import wanted  # noqa: PLC0415  `slots` does without

    monday = monday_of(session)
    until = day_start(monday + 7, session.zone)
    work = working_spans(hours_of(session), session.zone, session.as_of_ms, until)
    taken = within(work, busy(session.views, session.as_of_ms, until))
    free = (union_ms(work) - union_ms(taken)) / MINUTE_MS
    missing = {slug: rest for slug, rest, key in wanted(session, monday) if rest > 0 and offer.person.id not in key}
    whole = sum(missing.values())
    if not free - length < whole <= free:
        return []
    return [
        f"goal {slug}: {rest / 60:.1f} h are still missing this week, and too little is left for all goals"
        for slug, rest in missing.items()
    ]
