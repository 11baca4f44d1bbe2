"""The index over words: any script, any query, any order of catching up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections import fulltext
from projections.goals import words
from tests.projections.judgements.world import World

SUBJECTS = {
    1: "Term sheet comments", 2: "Re: Term sheet comments", 3: "关于定价的问题", 4: "กำหนดราคาใหม่",
    5: "Größe der Überschrift", 6: "PRICING", 7: "Sheet music", 8: "東京タワー", 9: "Препис на договора",
}  # fmt: skip


def saved(world: World, path: Path) -> Path:
    made = world.conn
    made.commit()  # an open transaction is never copied
    with closing(sqlite3.connect(path)) as copy:
        made.backup(copy)
    return path


@pytest.fixture
def world() -> World:
    world = World()
    for number, subject in SUBJECTS.items():
        world.put("message", id=number, subject=subject, at_ms=number)
    world.put("occurrence", id=1, title="Pricing workshop")
    world.put("occurrence", id=2, title="Secret pricing", private=1)
    world.put("note", id=77, text="knows pricing")
    world.person("dana")
    return world


def found(folder: Path, views: Path, text: str, log: str = "a") -> tuple[list[int], list[str]]:
    index = fulltext.open_index(folder / "search.db", views, log)
    try:
        hits = fulltext.search(index, fulltext.query(text))
    finally:
        index.close()
    return sorted(hits.mails), sorted(hits.phrases)


@pytest.mark.parametrize(
    ("text", "mails"),
    [
        ("term sheet", [1, 2]), ("SHEET", [1, 2, 7]), ('"sheet music"', [7]), ('"music sheet"', []), ("pric", [6]),
        ("定价", [3]), ("价定", []), ("ราคา", [4]), ("uberschrift", [5]), ("grosse", [5]), ("東京", [8]),
        ("договор", [9]), ("zebra", []),
    ],
)  # fmt: skip
def test_words_are_found_in_every_script(world: World, tmp_path: Path, text: str, mails: list[int]) -> None:
    assert found(tmp_path, saved(world, tmp_path / "views.db"), text)[0] == mails


def test_titles_notes_and_names_are_found_and_private_titles_are_not(world: World, tmp_path: Path) -> None:
    views = saved(world, tmp_path / "views.db")
    assert found(tmp_path, views, "pricing") == ([6], ["Pricing workshop", "knows pricing"])
    assert found(tmp_path, views, "dana")[1] == ["Dana", "dana@x.org"]
    assert b"Secret" not in (tmp_path / "search.db").read_bytes()


def test_what_is_new_is_caught_up_with_and_equals_an_index_made_at_once(world: World, tmp_path: Path) -> None:
    views = saved(world, tmp_path / "views.db")
    assert found(tmp_path, views, "budget") == ([], [])
    world.put("message", id=50, subject="Budget", at_ms=50)
    world.put("note", id=78, text="budget too")
    views.unlink()
    saved(world, views)
    assert found(tmp_path, views, "budget", "b") == ([50], ["budget too"])
    assert found(tmp_path, views, "sheet", "b")[0] == [1, 2, 7]
    (tmp_path / "search.db").unlink()
    assert found(tmp_path, views, "budget", "b") == ([50], ["budget too"])


def test_what_was_forgotten_leaves_the_index(world: World, tmp_path: Path) -> None:
    views = saved(world, tmp_path / "views.db")
    assert found(tmp_path, views, "music")[0] == [7]
    world.conn.execute("UPDATE message SET subject = '' WHERE id = 7")
    views.unlink()
    saved(world, views)
    assert found(tmp_path, views, "music", "b")[0] == []


def test_a_damaged_index_is_made_anew_and_its_file_is_private(world: World, tmp_path: Path) -> None:
    views = saved(world, tmp_path / "views.db")
    (tmp_path / "search.db").write_bytes(b"no database at all" * 100)
    assert found(tmp_path, views, "music")[0] == [7]
    assert (tmp_path / "search.db").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_to_is_searched_all_the_same(world: World, tmp_path: Path) -> None:
    views = saved(world, tmp_path / "views.db")
    assert found(tmp_path / "absent" / "folder", views, "music")[0] == [7]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40))
def test_any_text_is_a_valid_query(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    views = empty(tmp_path_factory)
    index = fulltext.open_index(views.with_name("search.db"), views, "a")
    fulltext.search(index, fulltext.query(text))
    for term in fulltext.terms(text):
        fulltext.search(index, fulltext.about(term))
    index.close()


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=25))
def test_whatever_is_kept_is_found_by_itself(text: str) -> None:
    index = sqlite3.connect(":memory:", isolation_level=None)
    fulltext._make(index)
    index.execute("INSERT INTO text(rowid, words) VALUES (1, ?)", (" ".join(words(text)),))
    asked = fulltext.query(f'"{text}"') if '"' not in text else fulltext.query(text)
    assert fulltext.search(index, asked).mails == ([1] if words(text) else [])
    index.close()


_MADE: list[Path] = []


def empty(factory: pytest.TempPathFactory) -> Path:
    """One file for all examples."""
    if not _MADE:
        _MADE.append(saved(World(), factory.mktemp("empty") / "views.db"))
    return _MADE[0]
