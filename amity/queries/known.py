"""`person`, and the numbers beside every name of `people`: joint work, tie, initiative, rhythm, time line."""

from __future__ import annotations

from typing import Any

from amity import resolve
from amity.period import iso
from amity.queries import judged
from amity.queries.counted import PRIVATE
from amity.queries.persons import people
from amity.queries.spent import DIGITS
from amity.session import Session
from events.errors import UsageError

TIMELINE = 40  # newest contacts that are shown
_TOUCHES = """
    SELECT touch.at_ms, touch.kind, touch.position, touch.n, touch.opened, occurrence.title, occurrence.private,
        message.subject, note.text
    FROM touch
    LEFT JOIN occurrence ON touch.kind = 'meeting' AND occurrence.id = touch.item
    LEFT JOIN message ON touch.kind IN ('in', 'out') AND message.id = touch.item
    LEFT JOIN note ON touch.kind = 'note' AND note.id = touch.item
    WHERE touch.person = ? AND touch.at_ms <= ? ORDER BY touch.at_ms DESC, touch.position DESC LIMIT ?
"""


def with_numbers(session: Session, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of `people` with collaboration, tie, initiative and chasing; all zero for lists, rooms and robots."""
    from projections.judgements.numbers import nobody_numbers, numbers  # noqa: PLC0415  only people are judged

    found = numbers(session.views, judged.rules_of(session), session.as_of_ms)
    ids = dict(session.views.execute("SELECT key, id FROM person").fetchall())
    return [entry | (found.get(ids.get(entry["id"], 0)) or nobody_numbers()) for entry in entries]


def person(session: Session, text: str) -> dict[str, Any]:
    """The document of `amity person`."""
    from projections.judgements.numbers import person_numbers  # noqa: PLC0415  only people are judged

    found = resolve.person(session.views, text)
    if not found.addresses:
        raise UsageError(
            f"{found.name} is no person: `amity explain '{found.name}'` shows what it stands for."
        )
    entry = next(one for one in people(session, everyone=True) if one["id"] == found.key)
    cadence = next(iter(judged.neglected(session, [found.id])), None)
    budget = next((one for one in judged.over(session) if one["person"]["id"] == found.key), None)
    rules = judged.rules_of(session)
    return {
        **entry,
        **person_numbers(session.views, rules, found.id, session.as_of_ms),
        **_minutes(session, found.id),
        "cadence": cadence,
        "budget": budget,
        "open_loops": [],
        "timeline": _timeline(session, found.id),
    }


def _minutes(session: Session, number: int) -> dict[str, float]:
    """Attributed and face time of all days until now; face time is shown here only and enters no sum."""
    row = session.views.execute(
        "SELECT total(minutes), total(face) FROM ledger WHERE person = ? AND at_ms <= ? AND from_ms <= ?",
        (number, session.as_of_ms, session.as_of_ms),
    ).fetchone()
    return {"minutes": round(row[0], DIGITS), "face_minutes": round(row[1], DIGITS)}


def _timeline(session: Session, number: int) -> list[dict[str, Any]]:
    rows = session.views.execute(_TOUCHES, (number, session.as_of_ms, TIMELINE)).fetchall()
    return [
        {"position": position, "at": iso(at, session.zone), "kind": kind, "others": n, "opened": opened,
         "title": PRIVATE if private else title or subject or text or ""}
        for at, kind, position, n, opened, title, private, subject, text in rows
    ]  # fmt: skip


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
    ]
    if one["cadence"]:
        found.append(f"{one['cadence']['state']}: {one['cadence']['why']} {_cited(one['cadence'])}")
    if one["budget"]:
        found.append(f"{one['budget']['state']}: {one['budget']['why']} {_cited(one['budget'])}")
    found += [f"joined because: {why}" for why in one["why"]]
    found += [
        f"  {item['at'][:16].replace('T', ' ')}  {item['kind']:<7} {item['title']}  #{item['position']}"
        for item in one["timeline"]
    ]
    return [line for line in found if line]


def _parts(parts: dict[str, float]) -> str:
    return f" ({', '.join(f'{name} {part:.0f}' for name, part in parts.items())})" if parts else ""


def _span(one: dict[str, Any]) -> str:
    return f"{one['first'][:10]} to {one['last'][:10]}" if one["first"] else "never in touch"


def _cited(entry: dict[str, Any]) -> str:
    return " ".join(f"#{position}" for position in entry["evidence"][-4:])
