from __future__ import annotations

import pytest

from projections.judgements.carers import care
from projections.judgements.serial import series_of
from projections.rules import Rules
from tests.projections.judgements.world import NOW, World, ago


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Cleaning log 12/06/2026", "cleaning log"),
        ("Registo de limpeza 2026-06-12", "registo de limpeza"),
        ("Flash report June 3", "flash report"),
        ("Status: week 23", "status:"),
        ("Wochenbericht KW 12", "wochenbericht"),
        ("日報 6月12日", "日報"),
        ("Lunch?", ""),
        ("Hello 7", ""),
        ("May I ask you something", ""),
    ],
)
def test_a_series_is_known_by_its_date(subject: str, name: str) -> None:
    assert series_of(subject) == name


def writer(world: World, subject: str, *, asks: bool = False, answered: bool = False) -> list[str]:
    """Who is on the care list where somebody wrote ten times and the owner once."""
    person = world.person("door")
    for number in range(10):
        more = {"answered_ms": ago(20 * number + 9)} if answered else {}
        world.touch(person, 20 * number + 10, "in", opened="theirs", qualifying=0, asks=int(asks), **more)
        world._conn.execute(
            "UPDATE message SET subject = ? WHERE id = ?", (subject.format(f"{number + 1:02d}"), world.items)
        )
    world.touch(person, 300, "out")
    return [row["person"]["name"] for row in care(world.conn, Rules(), NOW)]


def test_dated_notices_are_no_beginnings() -> None:
    assert writer(World(), "Cleaning log {}/06/2026") == []


@pytest.mark.parametrize("asks", [False, True])
def test_what_asks_or_bears_no_date_begins_something(asks: bool) -> None:  # noqa: FBT001  a parameter
    assert writer(World(), "Cleaning log {}/06/2026" if asks else "Hello {}", asks=asks) == ["Door"]


def test_a_series_that_was_answered_is_a_conversation() -> None:
    assert writer(World(), "Cleaning log {}/06/2026", answered=True) == ["Door"]
