"""Cards that several accounts and files show."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from events import codec
from events.envelope import NewEvent, revision_of, stream_of
from events.log import open_log
from events.vocabulary import ContactObserved, ContactWithdrawn
from projections import base
from projections.rules import Rules

HOME, WORK, FILE = "carddav:home", "carddav:work", "files:contacts"
Word = ContactObserved | ContactWithdrawn


def card(source: str, name: str = "Ana", uid: str = "c") -> ContactObserved:
    return ContactObserved(source=source, uid=uid, name=name, addresses=("ana@y.org",))


def gone(source: str) -> ContactWithdrawn:
    return ContactWithdrawn(source=source, uid="c")


def held(folder: Path, words: tuple[Word, ...]) -> set[tuple[str, str]]:
    """(source, name) of the cards that are there after all was learned."""
    log = open_log(f"sqlite:///{folder}/amity.db")
    for number, word in enumerate(words):
        revision = revision_of(codec.encode(word) + bytes([number]))
        log.append([NewEvent(stream_of(None, "contact", "uid", word.uid), revision, number, word)])
    base.catch_up(log, folder / "views.db", Rules())
    log.close()
    with closing(sqlite3.connect(folder / "views.db")) as db:
        return set(db.execute("SELECT source, name FROM card"))


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((card(HOME), card(WORK), gone(WORK)), {(HOME, "Ana")}),
        ((card(HOME), card(WORK), gone(HOME)), {(WORK, "Ana")}),
        ((card(HOME), card(WORK), gone(HOME), gone(WORK)), set()),
        ((card(HOME), card(HOME, "Ana Ruiz")), {(HOME, "Ana Ruiz")}),
        ((card(FILE), card(HOME, "Ana Ruiz")), {(HOME, "Ana Ruiz")}),
        ((card(HOME, "Ana Ruiz"), card(FILE)), {(HOME, "Ana Ruiz")}),
        ((card(FILE), card(HOME), gone(HOME)), set()),
        ((card(HOME), gone(HOME), card(FILE)), {(FILE, "Ana")}),
        ((card(FILE), card("files:later", "Ana Ruiz")), {("files:later", "Ana Ruiz")}),
        ((card(HOME), gone(HOME), card(HOME)), {(HOME, "Ana")}),
        ((card(HOME), card(HOME, "Bo", uid="d"), gone(HOME)), {(HOME, "Bo")}),
    ],
)
def test_a_card_is_there_while_somebody_shows_it(
    tmp_path: Path, words: tuple[Word, ...], left: set[tuple[str, str]]
) -> None:
    assert held(tmp_path, words) == left
