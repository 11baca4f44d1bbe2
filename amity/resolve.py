"""PERSON: an address, a printed id, or the beginning of a name that fits nobody else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from events.errors import UsageError
from projections.keyed import bare
from projections.schema import BROADCAST, GROUP

PSEUDO = {BROADCAST: "(broadcast)", GROUP: "(group)"}
ALONE = "(solo)"


class Found(NamedTuple):
    """One person: `id` in the views, `key` as printed."""

    id: int
    key: str
    name: str
    addresses: tuple[str, ...]


def person(views: sqlite3.Connection, text: str) -> Found:
    """The person that is meant. Raises UsageError: nobody, or several, who are then listed."""
    wanted = text.strip().casefold()
    for number, name in PSEUDO.items():
        if wanted == name:
            return Found(number, name, name, ())
    ids = _candidates(views, wanted)
    if not ids:
        raise UsageError(f'Nobody is known as "{text}": `amity people --all` lists everybody.')
    if len(ids) > 1:
        shown = [_line(found(views, number)) for number in sorted(ids)[:10]]
        more = [f"  and {len(ids) - 10} more"] if len(ids) > 10 else []  # noqa: PLR2004  one screen
        raise UsageError(
            "\n".join([f'"{text}" fits {len(ids)} people; write an address or more of the name:', *shown, *more])
        )
    return found(views, ids.pop())


def _line(one: Found) -> str:
    return f"  {one.key}  {one.name}  {' '.join(one.addresses)}"


def _candidates(views: sqlite3.Connection, wanted: str) -> set[int]:
    exact = views.execute(
        "SELECT id FROM person WHERE key = ? UNION SELECT person FROM address WHERE address = ? AND person > 0",
        (wanted, wanted),
    ).fetchall()
    if exact or not wanted:
        return {row[0] for row in exact}
    promoted = {row[0] for row in views.execute("SELECT id FROM person WHERE promoted = 1")}
    names = views.execute(
        "SELECT id, name FROM person UNION"
        " SELECT address.person, alias.name FROM alias JOIN address ON address.id = alias.address_id WHERE person > 0"
    ).fetchall()
    if fitting := _fitting(names, wanted, promoted, str.casefold):
        return fitting
    from projections.goals import fold  # noqa: PLC0415  "ines" may mean Inês: only who was not found otherwise pays

    return _fitting(names, fold(wanted), promoted, fold)


def _fitting(names: list[tuple[int, str]], wanted: str, promoted: set[int], fold: Callable[[str], str]) -> set[int]:
    """Who is called so; else whose name begins so; else who has a word in the name that does."""
    whole: set[int] = set()
    begins: set[int] = set()
    inside: set[int] = set()
    for number, name in names:
        folded = fold(str(name))
        if folded == wanted:
            whole.add(number)
        if folded.startswith(wanted):
            begins.add(number)
        if any(word.startswith(wanted) for word in folded.replace(",", " ").split()):
            inside.add(number)
    for circle in (whole, begins, inside):
        if circle & promoted or circle:
            return circle & promoted or circle
    return set()


def found(views: sqlite3.Connection, number: int) -> Found:
    """The printed form of one id."""
    return everybody(views, [number])[number]


def everybody(views: sqlite3.Connection, numbers: list[int]) -> dict[int, Found]:
    """The printed forms of many ids at once; an id that is nobody's is time alone."""
    known = {number: Found(number, name, name, ()) for number, name in PSEUDO.items()}
    wanted = json.dumps(numbers)
    rows: dict[int, list[Any]] = {
        row[0]: [row[1], row[2], []]
        for row in views.execute(
            "SELECT id, key, name FROM person WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
        )
    }
    addresses = views.execute(
        "SELECT person, address FROM address WHERE person IN (SELECT value FROM json_each(?)) ORDER BY address",
        (wanted,),
    )
    for number, address in addresses:
        if number in rows:
            rows[number][2].append(bare(address))
    for number, (key, name, found) in rows.items():
        known[number] = Found(number, key, name, tuple(dict.fromkeys(found)))
    return {number: known.get(number, Found(number, ALONE, ALONE, ())) for number in numbers}


def shape(one: Found) -> dict[str, Any]:
    """A person as every command prints it."""
    return {"id": one.key, "name": one.name, "addresses": list(one.addresses)}
