from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from events import engine
from events.envelope import NewEvent, stream_of
from events.errors import AmityError, Busy, Damaged, UsageError
from events.log import Log, open_log
from events.vocabulary import NoteAdded
from tests.conftest import ROOT


def note(number: int) -> NewEvent:
    return NewEvent(stream_of(number, "note"), 1, number, NoteAdded(addresses=(), text=str(number)))


def pragma(log: Log, name: str) -> object:
    with log.reading() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_a_log_survives_a_power_cut_and_leaves_nothing_in_free_pages(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        assert pragma(log, "journal_mode") == "wal"
        assert pragma(log, "synchronous") == 2  # FULL
        assert pragma(log, "secure_delete") == 1


def test_the_files_are_the_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with open_log(f"sqlite:///{tmp_path}/home/a.db") as log:
            log.append([note(1)])
            assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "home").iterdir()} == {
                "a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600,
            }  # fmt: skip
    finally:
        os.umask(old)


def test_a_tidied_log_has_all_of_it_in_its_file(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        log.append([note(1)])
        assert (tmp_path / "a.db-wal").stat().st_size
        log.tidy()
        assert (tmp_path / "a.db-wal").stat().st_size == 0
        (tmp_path / "copy.db").write_bytes((tmp_path / "a.db").read_bytes())
        log.append([note(2)])
        assert log.head() == 2
    with open_log(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert (copy.head(), copy.verify().ok) == (1, True)


def test_who_tidies_waits_for_nobody_and_loses_nothing(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log, closing(sqlite3.connect(tmp_path / "a.db")) as other:
        log.append([note(1)])
        other.execute("BEGIN IMMEDIATE")  # for as long as it likes
        seen = other.execute("SELECT count(*) FROM events").fetchone()
        log.tidy()
        assert other.execute("SELECT count(*) FROM events").fetchone() == seen == (1,)
        other.rollback()
        log.append([note(2)])
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        assert (log.head(), log.verify().ok) == (2, True)


def test_a_log_that_cannot_be_tidied_says_nothing(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/home/a.db") as log:
        shutil.rmtree(tmp_path / "home")
        (tmp_path / "home").write_text("a file")
        log.tidy()


def test_a_path_may_hold_any_character(tmp_path: Path) -> None:
    path = tmp_path / "is it? 100% #1 ü.db"
    with open_log(f"sqlite:///{path}") as log:
        log.append([note(1)])
    assert path.exists()


def test_a_held_log_is_busy_in_one_sentence_and_free_again(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db", busy_seconds=0.05) as log:
        log.append([note(1)])
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy, match="wait until it ends"):
                log.append([note(2)])
            assert log.head() == 1
            other.execute("ROLLBACK")
        assert log.append([note(2)]).last_position == 2


def test_many_first_openings_at_once_make_one_log(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def open_and_append(number: int) -> None:
        try:
            with open_log(f"sqlite:///{tmp_path}/a.db") as log:
                log.append([note(number)])
        except BaseException as error:  # noqa: BLE001  shown by the main thread
            errors.append(error)

    threads = [threading.Thread(target=open_and_append, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        assert log.verify() == (6, True, None)


def test_another_file_is_not_taken_for_a_log(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"From ana@example.org Mon Sep 17 00:00:00 2001\n" * 99)
    with pytest.raises(Damaged, match=r"a\.db is damaged"):
        open_log(f"sqlite:///{tmp_path}/a.db")


def test_invalid_utf8_in_a_payload_is_named_by_its_position(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_log(f"sqlite:///{path}") as log:
        log.append([NewEvent(stream_of(n, "n"), 1, n, NoteAdded(addresses=(), text=f"mark {n}")) for n in range(9)])
    path.write_bytes(path.read_bytes().replace(b'"mark 5"', b'"mar\xff 5"'))
    with open_log(f"sqlite:///{path}") as log:
        assert log.verify() == (9, False, 6)
        assert b"\xff" in [event for page in log.read() for event in page][5].data


def test_invalid_utf8_elsewhere_is_damaged(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        log.append([note(1), note(2)])
        with log.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE events SET type = CAST(x'FF' AS TEXT) WHERE position = 2")
        with pytest.raises(Damaged):
            list(log.read())
        assert log.verify().first_bad == 2


def test_a_place_where_no_file_can_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AmityError, match="cannot be opened"):
        open_log(f"sqlite:///{tmp_path}/file/a.db")


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/a.db") as log:
        log.append([note(1)])
        with log.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(AmityError, match="free space"):
            log.append([note(number) for number in range(2, 3000)])
        assert log.verify() == (1, True, None)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", ""])
def test_other_databases_are_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(UsageError):
        open_log(url)


def test_an_unreachable_server_is_said() -> None:
    with pytest.raises(AmityError, match="cannot be reached"):
        open_log("postgresql+psycopg://nobody@/none?host=/nonexistent")


def test_programming_errors_stay_what_they_are() -> None:
    plain = create_engine("sqlite://")
    with pytest.raises(sqlite3.ProgrammingError), engine.plain_errors(plain):
        raise sqlite3.ProgrammingError("our own mistake")


def test_what_another_process_does_to_the_file_takes_nothing_from_one_that_opened_it_twice(tmp_path: Path) -> None:
    """Seen red where a new connection opened the file by a handle of its own, and closed it."""
    url = f"sqlite:///{tmp_path}/a.db"
    program = "import sys; from events.log import open_log; log = open_log(sys.argv[1]); log.head(); log.close()"
    with open_log(url) as first:
        first.append([note(1)])
        open_log(url).close()
        subprocess.run([sys.executable, "-c", program, url], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        first.append([note(2)])
        with closing(sqlite3.connect(tmp_path / "a.db")) as other:
            assert other.execute("SELECT count(*) FROM events").fetchone() == (2,)
