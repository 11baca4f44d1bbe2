from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from events import quick
from events.envelope import OWNER, NewEvent, stream_of
from events.errors import Damaged
from events.log import open_log
from events.vocabulary import NoteAdded


def test_the_head_is_the_logs_head(tmp_path: Path) -> None:
    path = tmp_path / "100% a?b#c.db"
    assert quick.head(path) == 0
    with open_log(f"sqlite:///{path}") as log:
        assert quick.head(path) == 0
        log.append([NewEvent(stream_of(n, "n"), 1, n, NoteAdded(addresses=(), text="")) for n in range(3)])
        assert quick.head(path) == log.head() == 3  # while it is open elsewhere
        log.of("ana").append([NewEvent(stream_of(9, "n"), 1, 9, NoteAdded(addresses=(), text=""))])
    assert (quick.head(path), quick.head(path, "ana"), quick.head(path, "bo")) == (3, 1, 0)
    assert quick.is_log(path)


def test_other_files_are_no_logs(tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert not quick.is_log(other)
    other.write_bytes(b"")
    assert not quick.is_log(other)
    assert quick.head(other) == 0
    other.write_bytes(b"From ana@example.org\n" * 99)
    assert not quick.is_log(other)
    with pytest.raises(Damaged, match="cannot be read as a log"):
        quick.head(other)
    assert not quick.is_log(tmp_path)


def test_the_owner_is_the_one_of_a_single_person() -> None:
    assert inspect.signature(quick.head).parameters["owner"].default == OWNER


def test_it_loads_nothing_but_the_standard_library() -> None:
    code = "import sys, events.quick; print([n for n in ('sqlalchemy', 'msgspec', 'alembic') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
