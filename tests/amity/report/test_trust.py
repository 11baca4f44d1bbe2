"""The report says of itself when its parts do not add up to the whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.home import Home

WARNING = "do not trust this report"


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO trouble SELECT max(day), 'parts and whole differ' FROM daily WHERE day <= 739879",
        "UPDATE ledger SET minutes = minutes + 60 WHERE channel = 'meeting'",
    ],
)
def test_a_day_that_does_not_add_up_is_told(life_copy: Home, damage: str) -> None:
    arguments = ("report", "2026-W38", "--as-of", life_copy.as_of)
    assert WARNING not in " ".join(life_copy.invoke(*arguments).stdout.split())
    with closing(sqlite3.connect(life_copy.folder / "views.db")) as views, views:
        views.execute(damage)
    assert WARNING in " ".join(life_copy.invoke(*arguments).stdout.split())
