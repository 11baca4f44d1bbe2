from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from amity import resolve
from events.errors import UsageError
from projections.schema import BROADCAST, TABLES

PEOPLE = [
    (1, "p1", "Victor Hahn", 1, ["victor@y.org", "vh@corp.com"], ["Hahn, Victor"]),
    (2, "p2", "Victoria Lind", 1, ["vic@z.org"], []),
    (3, "p3", "Ana Ruiz", 1, ["ana@x.org"], ["Annie R."]),
    (4, "p4", "Ana List", 0, ["ana-list@x.org"], []),
    (5, "p5", "Bo", 1, ["bo@x.org"], []),
    (6, "p6", "Bob Stone", 1, ["bob@x.org"], []),
    (7, "p7", "In\u00eas Prado", 1, ["prado@x.org"], []),
]


@pytest.fixture
def views() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    for number, key, name, promoted, addresses, names in PEOPLE:
        connection.execute(
            "INSERT INTO person(id, key, name, kind, promoted, messages_in, messages_out, meetings)"
            " VALUES (?, ?, ?, 'person', ?, 0, 0, 0)",
            (number, key, name, promoted),
        )
        for address in addresses:
            row = connection.execute("INSERT INTO address(address, person) VALUES (?, ?)", (address, number)).lastrowid
            for alias in names:
                connection.execute("INSERT INTO alias VALUES (?, ?, 'mail', 1, 0, 0)", (row, alias))
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("VICTOR@Y.ORG", 1),
        ("vh@corp.com", 1),
        ("p2", 2),
        ("victor hahn", 1),
        ("victor h", 1),
        ("victori", 2),
        ("hahn", 1),
        ("ruiz", 3),
        ("annie", 3),
        ("ana", 3),  # the list was never promoted
        ("ana l", 4),
        ("bo", 5),  # a whole name outranks a beginning
        ("ines", 7),  # without the accents that a keyboard lacks
        ("in\u00eas p", 7),
        ("(broadcast)", BROADCAST),
    ],
)
def test_who_is_meant(views: sqlite3.Connection, text: str, number: int) -> None:
    assert resolve.person(views, text).id == number


def test_several_are_listed(views: sqlite3.Connection) -> None:
    with pytest.raises(UsageError) as raised:
        resolve.person(views, "vic")
    assert [line.split()[0] for line in str(raised.value).splitlines()[1:]] == ["p1", "p2"]


@pytest.mark.parametrize("text", ["", "nobody", "x@nowhere.org"])
def test_nobody_is_said(views: sqlite3.Connection, text: str) -> None:
    with pytest.raises(UsageError, match="Nobody is known"):
        resolve.person(views, text)
