"""`person`, and the numbers beside every name of `people`: joint work, tie, initiative, rhythm, time line."""

from __future__ import annotations

from typing import Any

from amity import resolve
from amity.queries import dossier, judged
from amity.queries.persons import people
from amity.queries.spent import DIGITS
from amity.session import Session
from events.errors import UsageError

TIMELINE = 40  # newest contacts that are shown
GIVEN = 3  # years of give and take


def with_numbers(session: Session, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of `people` with collaboration, tie, initiative and chasing; all zero for lists, rooms and robots."""
    from projections.judgements.numbers import nobody_numbers, numbers  # noqa: PLC0415  only people are judged

    found = numbers(session.views, judged.rules_of(session), session.as_of_ms)
    ids = dict(session.views.execute("SELECT key, id FROM person").fetchall())
    return [entry | (found.get(ids.get(entry["id"], 0)) or nobody_numbers()) for entry in entries]


def found(session: Session, text: str) -> resolve.Found:
    """Who is meant. Raises UsageError also for what is no person."""
    who = resolve.person(session.views, text)
    if not who.addresses:
        raise UsageError(f"{who.name} is no person: `amity explain '{who.name}'` shows what it stands for.")
    return who


def person(session: Session, text: str) -> dict[str, Any]:
    """The document of `amity person`."""
    from projections.judgements.numbers import person_numbers  # noqa: PLC0415  only people are judged

    who = found(session, text)
    entry = people(session, everyone=True, one=who.id)[0]
    cadence = next(iter(judged.neglected(session, [who.id])), None)
    budget = next((one for one in judged.over(session) if one["person"]["id"] == who.key), None)
    rules = judged.rules_of(session)
    return {
        **entry,
        **person_numbers(session.views, rules, who.id, session.as_of_ms),
        **_minutes(session, who.id),
        "cadence": cadence,
        "budget": budget,
        **dossier.dossier(session, who.id),
        "timeline": dossier.touches(session, who.id, TIMELINE),
    }


def _minutes(session: Session, number: int) -> dict[str, float]:
    """Attributed and face time of all days until now; face time is shown here only and enters no sum."""
    row = session.views.execute(
        "SELECT total(minutes), total(face) FROM ledger WHERE person = ? AND at_ms <= ? AND from_ms <= ?",
        (number, session.as_of_ms, session.as_of_ms),
    ).fetchone()
    return {"minutes": round(row[0], DIGITS), "face_minutes": round(row[1], DIGITS)}


def lines(one: dict[str, Any]) -> list[str]:
    """A person's page as text, not yet cut to a width; nothing in it is safe for a terminal yet."""
    who = one["initiative"]
    found = [
        f"{one['name']}  {' '.join(one['addresses'])}",
        f"known as: {', '.join(one['names'])}" if one["names"] else "",
        f"{one['messages_in']} mails in, {one['messages_out']} out, {one['meetings']} meetings; {_span(one)}",
        f"{one['minutes'] / 60:.1f} h of yours; {one['face_minutes'] / 60:.1f} h in one room or thread",
        f"tie {one['tie']:.0f} of 100{_parts(one['tie_parts'])}",
        f"closeness {one['closeness']:.0f} of 100{_parts(one['closeness_parts'])}",
        f"you began {who['mine']}, they {who['theirs']}: {who['verdict']}",
        one["chasing_why"],
        began(one),
        shared(one),
        *(f"topics {of['period']}: {', '.join(of['words'])} {_cited(of)}" for of in one["topics"]),
        *(given(of) for of in one["give_and_take"][:GIVEN]),
        *loops(one),
    ]
    if one["cadence"]:
        found.append(f"{one['cadence']['state']}: {one['cadence']['why']} {_cited(one['cadence'])}")
    if one["budget"]:
        found.append(f"{one['budget']['state']}: {one['budget']['why']} {_cited(one['budget'])}")
    found += [f"joined because: {why}" for why in one["why"]]
    found += [contact_line(item) for item in one["timeline"]]
    return [line for line in found if line]


def began(one: dict[str, Any]) -> str:
    """How it began, in a line; "" where nothing tells."""
    first = one["began"]
    if not first:
        return ""
    how = f'in "{first["title"]}"' if first["kind"] == "meeting" else f'by mail "{first["title"]}"'
    how = "with a note of yours" if first["kind"] == "note" else how
    by = f"introduced by {first['introducer']['name']}, " if first["introducer"] else ""
    group = f" among {first['others']} others" if first["others"] > 1 and not by else ""
    return f"began: {by}{first['at'][:10]} {how}{group} {_cited(first)}"


def shared(one: dict[str, Any]) -> str:
    """Whom both know, in a line."""
    people = one["shared_people"]
    names = ", ".join(of["person"]["name"] for of in people)
    return f"shared people: {names} {_cited({'evidence': [of['evidence'][0] for of in people]})}" if people else ""


def given(of: dict[str, Any], *, cited: bool = True) -> str:
    """One year of give and take, in a line."""
    return (
        f"{of['year']}: they asked {of['they_asked']}, you answered {of['i_answered']};"
        f" you asked {of['i_asked']}, they answered {of['they_answered']}"
    ) + (f" {_cited(of)}" if cited else "")


def loops(one: dict[str, Any]) -> list[str]:
    """What is open either way, a line each."""
    turn = {"you": "waits for you", "them": "waits for them"}
    return [f"{turn[of['who']]} since {of['since'][:10]}: {of['subject']} {_cited(of)}" for of in one["open_loops"]]


def contact_line(item: dict[str, Any]) -> str:
    """One interaction of a time line."""
    return f"  {item['at'][:16].replace('T', ' ')}  {item['kind']:<7} {item['title']}  #{item['position']}"


def _parts(parts: dict[str, float]) -> str:
    return f" ({', '.join(f'{name} {part:.0f}' for name, part in parts.items())})" if parts else ""


def _span(one: dict[str, Any]) -> str:
    return f"{one['first'][:10]} to {one['last'][:10]}" if one["first"] else "never in touch"


def _cited(entry: dict[str, Any]) -> str:
    return " ".join(f"#{position}" for position in entry["evidence"][-4:])
