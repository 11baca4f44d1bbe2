"""`amity place`, `amity rhythm`: what the owner wants with a person, said without editing the settings."""

from __future__ import annotations

from typing import Any

import click

from amity import freshness, grammar
from amity.cli.decide import check_word, days_of, decide, real, today
from amity.cli.options import Call, command
from amity.session import Session
from events.errors import UsageError

_CHOICES = "goal=G, own-sake or max=1h/week"


@command("place", as_of=True)
@click.argument("who", metavar="PERSON")
@click.argument("choice", metavar="goal=G|own-sake|max=1h/week")
def place_command(call: Call, who: str, choice: str) -> None:
    """What time with PERSON is for: a goal, its own sake (never called too much), or at most so much a week."""
    from events.vocabulary import PersonPlaced  # noqa: PLC0415  deciding needs the log; --help does not
    from projections.placements import said  # noqa: PLC0415  likewise

    with today(call) as session:
        person = real(session, who)
        if choice == "own-sake":
            payload = PersonPlaced(addresses=person.addresses, place="own-sake")
            changed = f"Time with {person.name} is for its own sake"
        elif choice.startswith("goal="):
            goal = _goal(session, choice)
            payload = PersonPlaced(addresses=person.addresses, place="goal", goal=goal)
            changed = f"{person.name} belongs to {goal}"
        elif choice.startswith("max="):
            most, before = _budget(choice), said(_written(session), person.addresses, "max_minutes_week")
            payload = PersonPlaced(addresses=person.addresses, place="max", max_minutes_week=most, instead_of=before)
            changed = f"At most {most / 60:g} h a week with {person.name}"
        else:
            raise UsageError(f'"{choice}" is no place: write {_CHOICES}.')
        decide(call, session, payload, changed)


def _written(session: Session) -> dict[str, Any]:
    """The settings as the file has them."""
    seen = freshness.seen(session.views)
    return {} if seen is None else seen.rules


def _goal(session: Session, choice: str) -> str:
    check_word(session, choice)
    goal = choice.removeprefix("goal=")
    solo = {one["slug"] for one in session.rules.get("goals", ()) if one.get("solo")}
    if goal in solo or goal == "unassigned":
        raise UsageError(f"{goal} is no goal for people: write the name of another one.")
    return goal


def _budget(choice: str) -> float:
    try:
        return grammar.weekly(choice.removeprefix("max="))
    except ValueError as error:
        raise UsageError(f"{error}.") from None


@command("rhythm", as_of=True)
@click.argument("who", metavar="PERSON")
@click.argument("every", metavar="'every 6w'")
def rhythm_command(call: Call, who: str, every: str) -> None:
    """How often to be in touch with PERSON; holds until [people] in amity.toml says something new, or `undo`."""
    from events.vocabulary import RhythmSet  # noqa: PLC0415  deciding needs the log; --help does not
    from projections.placements import said  # noqa: PLC0415  likewise

    days = days_of(every.strip().lower().removeprefix("every").strip())
    with today(call) as session:
        person = real(session, who)
        before = said(_written(session), person.addresses, "every_days")
        payload = RhythmSet(addresses=person.addresses, every_days=days, instead_of=before)
        decide(call, session, payload, f"In touch with {person.name} every {days:g} days")
