"""`brief`: what to know before a meeting, in twelve lines; nothing in it is later than the session's now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amity import resolve
from amity.period import iso
from amity.queries import dossier, judged, known
from amity.session import Session
from amity.terminal import WIDTH, cells, cut, safe

LINES = 12
PEOPLE = 5  # that are told of in one meeting
CITED = 2  # positions at the end of a line
NOTHING = "No meeting with others is to come in your calendar."
_NEXT = """
SELECT o.id, o.start_ms, o.end_ms, o.title, o.private, o.n, o.position FROM occurrence o
WHERE o.start_ms > :now AND o.day >= (:now / 86400000) + 719162 AND o.all_day = 0
AND (o.verdict = '' OR o.verdict LIKE 'uncertain:%') AND o.n > 0
AND EXISTS (SELECT 1 FROM attendance t JOIN address a ON a.id = t.address_id JOIN person p ON p.id = a.person
    WHERE t.occurrence = o.id AND t.takes_part AND p.kind = 'person' AND (:person = 0 OR p.id = :person))
ORDER BY o.start_ms, o.end_ms, o.uid LIMIT 1"""
# New people first, then those whose last contact is longest ago.
_WITH = """
SELECT p.id, (SELECT max(at_ms) FROM touch u WHERE u.person = p.id AND u.at_ms <= :now) AS last
FROM attendance t JOIN address a ON a.id = t.address_id JOIN person p ON p.id = a.person
WHERE t.occurrence = :id AND t.takes_part AND p.kind = 'person' GROUP BY p.id ORDER BY last IS NOT NULL, last, p.key"""
_MINUTES = "SELECT total(minutes) FROM ledger WHERE person = ? AND at_ms <= ? AND from_ms <= ?"
Found = dict[str, Any]


def brief(session: Session, text: str) -> Found:
    """The document of `amity brief`: of PERSON, or of the first one of the next meeting; `lines` is its text.

    Where no meeting is to come, `meeting` is null and nobody is told of.
    """
    if text == "next":
        coming = _coming(session, 0)
        if coming is None:
            return {"meeting": None, "participants": [], "lines": [NOTHING]}
        first = known.person(session, resolve.found(session.views, coming[1][0]).key)
        several = [first, *_others(session, coming[1][1:PEOPLE])]
        lines = _of_meeting(coming[0], several, len(coming[1]))
    else:
        first = known.person(session, text)
        coming, several = _coming(session, _id(session, first)), [first]
        lines = [_head(first)]
        lines += [_line(f"next: {_when(coming[0])}", [coming[0]["position"]])] if coming else []
        lines += _of_person(first, LINES - len(lines))
    meeting = coming[0] if coming else None
    participants = [
        {"person": {key: one[key] for key in ("id", "name", "addresses")}, "new": _is_new(one)} for one in several
    ]
    return {**first, "meeting": meeting, "participants": participants, "lines": [cut(line, WIDTH) for line in lines]}


def _id(session: Session, entry: Found) -> int:
    found: int = session.views.execute("SELECT id FROM person WHERE key = ?", (entry["id"],)).fetchone()[0]
    return found


def _coming(session: Session, person: int) -> tuple[Found, list[int]] | None:
    """The next meeting with others, or with one person, and who takes part in it."""
    about: dict[str, int] = {"now": session.as_of_ms, "person": person}
    row = session.views.execute(_NEXT, about).fetchone()
    if row is None:
        return None
    number, start, end, title, private, n, position = row
    about["id"] = number
    meeting = {
        "title": dossier.PRIVATE if private else title, "start": iso(start, session.zone),
        "end": iso(end, session.zone), "others": n, "position": position,
    }  # fmt: skip
    return meeting, [one for one, _ in session.views.execute(_WITH, about)]


def _others(session: Session, people: list[int]) -> list[Found]:
    """Less is told of the others: the last contacts, how it began, the rhythm, what is open."""
    if not people:
        return []
    shown = resolve.everybody(session.views, people)
    rhythm = {one["person"]["id"]: one for one in judged.neglected(session, people)}
    loops = dossier.open_loops(session, people)
    return [
        {
            **resolve.shape(shown[number]), "minutes": _minutes(session, number),
            "began": dossier.began(session, number),
            "last_contacts": dossier.touches(session, number, 1, qualifying=True), "open_loops": loops[number],
            "cadence": rhythm.get(shown[number].key), "shared_people": [], "topics": [], "give_and_take": [],
        }
        for number in people
    ]  # fmt: skip


def _minutes(session: Session, number: int) -> float:
    found: float = session.views.execute(_MINUTES, (number, session.as_of_ms, session.as_of_ms)).fetchone()[0]
    return found


def _is_new(one: Found) -> bool:
    return not one["last_contacts"] and not one["began"]


def _of_meeting(meeting: Found, several: Sequence[Found], count: int) -> list[str]:
    names = ", ".join(one["name"] for one in several) + (
        f" and {count - len(several)} more" if count > len(several) else ""
    )
    lines = [_line(f"{_when(meeting)} with {names}", [meeting["position"]])]
    left, each = LINES - 1, (LINES - 1) // len(several)
    for place, one in enumerate(several):
        room = left - each * (len(several) - 1 - place)  # what the ones before did not need
        told = _of_person(one, room - 1)
        lines += [_head(one), *told][:room]
        left = LINES - len(lines)
    return lines


def _when(meeting: Found) -> str:
    return f'{meeting["start"][:10]} {meeting["start"][11:16]}-{meeting["end"][11:16]} "{meeting["title"]}"'


def _of_person(one: Found, room: int) -> list[str]:
    """What matters most first; each line ends in the positions that it rests on."""
    if _is_new(one):
        return [" new to you: nothing of theirs is in your mail and calendar"][:room]
    lines = [_last(one), _how(one)]
    lines += [_loop(of) for who in ("you", "them") for of in one["open_loops"] if of["who"] == who][:4]
    if one["topics"]:
        topic = one["topics"][0]
        lines.append(_line(f" topics {topic['period']}: {', '.join(topic['words'])}", topic["evidence"]))
    if one.get("initiative"):
        who, year = one["initiative"], one["give_and_take"][:1]
        asked = f"; {known.given(year[0], cited=False)}" if year else ""
        lines.append(
            _line(f" you began {who['mine']}, they {who['theirs']}{asked}", year[0]["evidence"] if year else [])
        )
    for of in one["last_contacts"][1:]:
        lines.append(_line(f" before: {_contact(of)}", [of["position"]]))
    return [line for line in lines if line][: max(room, 0)]


def _head(one: Found) -> str:
    """Who, how often, how much."""
    parts = []
    if one["cadence"]:
        parts.append(f"usual every {one['cadence']['usual_days']:.0f} d, now {one['cadence']['elapsed_days']:.0f} d")
    if one["minutes"] >= 60:  # noqa: PLR2004  an hour
        since = f" since {one['began']['at'][:4]}" if one["began"] else ""
        parts.append(f"{one['minutes'] / 60:.0f} h{since}")
    cited = one["cadence"]["evidence"] if one["cadence"] else [of["position"] for of in one["last_contacts"][:1]]
    return _line(f"{one['name']}  {' · '.join(parts) or ' '.join(one['addresses'])}", cited)


def _last(one: Found) -> str:
    if not one["last_contacts"]:
        return " never met, and no mail was answered"
    return _line(f" last: {_contact(one['last_contacts'][0])}", [one["last_contacts"][0]["position"]])


def _contact(of: Found) -> str:
    day = of["at"][:10]
    kind = {"in": "mail from them", "out": "mail to them"}.get(of["kind"], of["kind"])
    length = f" {of['minutes']:.0f} min" if of["kind"] == "meeting" and of["minutes"] else ""
    return f'{day} {kind}{length} "{of["title"]}"' if of["title"] else f"{day} {kind}{length}"


def _how(one: Found) -> str:
    first = one["began"]
    if not first:
        return ""
    by = f"introduced by {first['introducer']['name']}, " if first["introducer"] else ""
    names = ", ".join(of["person"]["name"] for of in one["shared_people"][:3])
    return _line(f" how: {by}{first['at'][:10]}" + (f" · shared people: {names}" if names else ""),
                 [*first["evidence"], *(of["evidence"][0] for of in one["shared_people"][:1])])  # fmt: skip


def _loop(of: Found) -> str:
    turn = "you owe" if of["who"] == "you" else "they owe"
    return _line(f" {turn}: {of['subject']}, since {of['since'][:10]}", of["evidence"])


def _line(text: str, positions: Sequence[int]) -> str:
    """A line of at most 80 columns that keeps its positions."""
    cited = "".join(f" #{position}" for position in list(positions)[-CITED:])
    return cut(safe(text), WIDTH - cells(cited)) + cited
