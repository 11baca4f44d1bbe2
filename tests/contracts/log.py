"""What every log promises, on whichever database: inherit `LogContract` and give the fixture `new_url`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from events import transfer
from events.codec import decode, encode
from events.envelope import NewEvent, StoredEvent, stream_of
from events.errors import Conflict, Damaged, UsageError
from events.log import Log, Outcome, open_log
from events.vocabulary import MessageObserved, PersonSnoozed
from tests.contracts.log_machine import check_against_model

NEW, CHANGED, KNOWN = Outcome.NEW_STREAM, Outcome.NEW_REVISION, Outcome.KNOWN


def mail(number: int, revision: int = 1, subject: str = "") -> NewEvent:
    payload = MessageObserved(source="files:test", subject=subject or f"mail {number} äöü", words=number)
    return NewEvent(stream_of(number, "message", str(number)), revision, number, payload)


def snooze(revision: int | None = None) -> NewEvent:
    return NewEvent(stream_of(None, "person", "ana"), revision, 5, PersonSnoozed(addresses=("ana@x.org",), days=7))


def everything(log: Log) -> list[StoredEvent]:
    return [event for page in log.read() for event in page]


def tamper(log: Log, sql: str, **values: Any) -> None:
    """What an outside program with access to the database may do: nothing refuses it, the chain shows it."""
    with log.writing() as connection:
        assert connection.execute(text(sql), values).rowcount > 0


class LogContract:
    @pytest.fixture
    def log(self, new_url: Callable[[], str]) -> Iterator[Log]:
        with open_log(new_url()) as log:
            yield log

    @pytest.fixture
    def full(self, log: Log) -> Log:
        for start in range(0, 30, 10):
            log.append([mail(number) for number in range(start, start + 10)])
        return log

    def test_an_empty_log_has_no_head_no_events_and_verifies(self, log: Log) -> None:
        assert log.head() == 0
        assert list(log.read()) == []
        assert log.verify() == (0, True, None)

    def test_events_come_back_in_order_with_what_they_were_given(self, log: Log) -> None:
        appended = log.append([mail(3), mail(1), mail(2)], recorded_ms=77)
        assert appended.outcomes == [NEW, NEW, NEW]
        assert appended.last_position == log.head() == 3
        stored = everything(log)
        assert [event.position for event in stored] == [1, 2, 3]
        for event, given in zip(stored, (mail(3), mail(1), mail(2)), strict=True):
            assert event == (event.position, given.stream, 1, given.payload.wire, given.happened_ms, 77, event.data)
            assert event.data == encode(given.payload)
            assert decode(event.type, event.data) == given.payload

    def test_what_is_known_is_a_no_op(self, log: Log) -> None:
        log.append([mail(1), mail(2)])
        before = everything(log)
        assert log.append([mail(1), mail(2)]) == ([KNOWN, KNOWN], 2)
        assert everything(log) == before

    def test_another_revision_of_a_stream_is_told_from_a_new_stream(self, log: Log) -> None:
        log.append([mail(5)])
        given = [mail(5, revision=2), mail(5), mail(6), mail(4), mail(6, revision=-9)]
        assert log.append(given) == ([CHANGED, KNOWN, NEW, NEW, CHANGED], 5)

    def test_a_duplicate_within_a_batch_is_known(self, log: Log) -> None:
        given = [mail(1), mail(1), mail(1, revision=2), mail(1)]
        assert log.append(given) == ([NEW, KNOWN, CHANGED, KNOWN], 2)

    def test_revision_zero_is_a_revision(self, log: Log) -> None:
        log.append([mail(1, revision=0)])
        assert everything(log)[0].revision == 0
        assert log.append([mail(1, revision=0)]).outcomes == [KNOWN]

    def test_the_log_numbers_events_that_bring_no_revision(self, log: Log) -> None:
        assert log.append([snooze(), snooze()]) == ([NEW, CHANGED], 2)
        assert log.append([snooze()]) == ([CHANGED], 3)
        assert [event.revision for event in everything(log)] == [1, 2, 3]

    def test_numbered_and_named_revisions_share_a_stream(self, log: Log) -> None:
        log.append([snooze(revision=4)])
        assert log.append([snooze(), snooze(revision=9), snooze()]).outcomes == [CHANGED, CHANGED, CHANGED]
        assert [event.revision for event in everything(log)] == [4, 5, 9, 10]

    def test_a_decision_on_an_outdated_view_raises_and_stores_nothing(self, log: Log) -> None:
        log.append([snooze(revision=1)])
        with pytest.raises(Conflict, match="read again"):
            log.append([mail(1), snooze(revision=1)], cursor=("s", "t", "c"))
        assert log.head() == 1
        assert log.cursor("s", "t") is None

    def test_page_and_cursor_are_one_transaction(self, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
        log.append([mail(1)], cursor=("files:a", "all", "one"))
        assert log.cursor("files:a", "all") == "one"
        monkeypatch.setattr("events.log._set_cursor", _fail)
        with pytest.raises(RuntimeError):
            log.append([mail(2)], cursor=("files:a", "all", "two"))
        assert (log.head(), log.cursor("files:a", "all")) == (1, "one")

    def test_a_cursor_moves_with_nothing_new(self, log: Log) -> None:
        assert log.append([], cursor=("files:a", "all", "one")) == ([], 0)
        log.append([], cursor=("files:a", "all", "two"))
        log.append([], cursor=("files:a", "other", "x"))
        assert log.cursor("files:a", "all") == "two"
        assert log.cursor("files:b", "all") is None
        assert log.of("other").cursor("files:a", "all") is None

    def test_owners_have_positions_and_streams_of_their_own(self, log: Log) -> None:
        ana, bo = log.of("ana"), log.of("bo")
        ana.append([mail(1), mail(2)])
        assert bo.append([mail(1)]) == ([NEW], 1)
        assert (ana.head(), bo.head(), log.head()) == (2, 1, 0)
        assert len(everything(bo)) == 1
        assert ana.verify() == (2, True, None)
        assert bo.verify() == (1, True, None)

    def test_recorded_time_never_goes_back(self, log: Log) -> None:
        log.append([mail(1)], recorded_ms=1000)
        log.append([mail(2)], recorded_ms=400)
        log.append([mail(3)], recorded_ms=1001)
        log.append([mail(4)])
        times = [event.recorded_ms for event in everything(log)]
        assert times[:3] == [1000, 1000, 1001]
        assert abs(times[3] - time.time() * 1000) < 60_000

    def test_reading_is_a_half_open_stream_of_pages(self, full: Log) -> None:
        pages = list(full.read(5, until=27, batch=8))
        assert [len(page) for page in pages] == [8, 8, 6]
        assert [event.position for page in pages for event in page] == list(range(6, 28))
        assert list(full.read(30)) == []

    def test_a_reader_holds_up_no_writer_and_sees_what_is_added(self, full: Log) -> None:
        reader = full.read(batch=10)
        next(reader)
        full.append([mail(100)])
        assert [len(page) for page in reader] == [10, 10, 1]

    def test_a_large_batch_is_one_append(self, log: Log) -> None:
        many = [mail(number) for number in range(25_000)]
        assert log.append(many).last_position == 25_000
        assert log.append([*many, mail(-1)]) == ([KNOWN] * 25_000 + [NEW], 25_001)
        assert log.verify().ok

    def test_text_of_any_kind_survives(self, log: Log) -> None:
        subject = 'NUL \0, BiDi \u202e, line\u2028 and\n, astral 🦊, quote " and \\'
        log.append([mail(1, subject=subject)])
        payload = decode(*everything(log)[0][3::3])
        assert isinstance(payload, MessageObserved)
        assert payload.subject == subject

    @pytest.mark.parametrize(
        "change",
        ["payload = replace(payload, 'mail', 'nail')", "happened_ms = happened_ms + 1", "recorded_ms = recorded_ms - 1",
         "type = 'message.withdrawn.v1'", "revision = revision + 1", "payload = payload || ' '", "payload = '{'"],
    )  # fmt: skip
    def test_verify_names_a_changed_event(self, full: Log, change: str) -> None:
        tamper(full, f"UPDATE events SET {change} WHERE position = 17")
        assert full.verify() == (30, False, 17)

    def test_verify_names_a_changed_hash_and_stream(self, full: Log) -> None:
        tamper(full, "UPDATE events SET hash = :value WHERE position = 4", value=bytes(32))
        assert full.verify().first_bad == 4
        tamper(full, "UPDATE events SET stream = :value WHERE position = 3", value=b"x" * 16)
        assert full.verify().first_bad == 3

    @pytest.mark.parametrize(("first", "last", "bad"), [(1, 1, 1), (9, 9, 9), (30, 30, 30), (21, 30, 21), (1, 30, 1)])
    def test_verify_names_a_missing_event(self, full: Log, first: int, last: int, bad: int) -> None:
        tamper(full, "DELETE FROM events WHERE position BETWEEN :first AND :last", first=first, last=last)
        assert full.verify() == (30 - (last - first + 1), False, bad)

    def test_verify_names_swapped_events(self, full: Log) -> None:
        for old, new in ((6, 1006), (7, 6), (1006, 7)):
            tamper(full, "UPDATE events SET position = :new WHERE position = :old", old=old, new=new)
        assert full.verify().first_bad == 6

    def test_verify_names_an_event_added_behind_the_logs_back(self, full: Log) -> None:
        copy = "position + 1, stream, revision + 1, type, happened_ms, recorded_ms, payload, hash"
        tamper(full, f"INSERT INTO events SELECT owner, {copy} FROM events WHERE position = 30")
        assert full.verify() == (31, False, 31)

    def test_verify_notices_a_lost_or_changed_head(self, full: Log) -> None:
        tamper(full, "UPDATE heads SET hash = :value", value=bytes(32))
        assert full.verify() == (30, False, 30)
        tamper(full, "DELETE FROM heads")
        assert full.verify() == (30, False, 1)

    def test_the_place_of_a_cut_off_tail_is_not_taken_by_others(self, full: Log) -> None:
        tamper(full, "DELETE FROM events WHERE position = 30")
        full.append([mail(500)])
        assert full.verify().first_bad == 30

    @pytest.mark.parametrize("taken", [31, 130, 131, 260, 285])
    def test_a_page_whose_place_is_taken_anywhere_is_refused_whole(self, full: Log, taken: int) -> None:
        columns = "stream, revision + 1, type, happened_ms, recorded_ms, payload, hash"
        tamper(full, f"INSERT INTO events SELECT owner, {taken}, {columns} FROM events WHERE position = 30")
        with pytest.raises(Conflict):
            full.append([mail(number) for number in range(100, 355)], cursor=("s", "t", "c"))
        assert (full.head(), full.cursor("s", "t")) == (30, None)
        assert [event.position for event in everything(full)] == [*range(1, 31), taken]
        tamper(full, f"DELETE FROM events WHERE position = {taken}")
        assert full.append([mail(number) for number in range(100, 355)]).last_position == 285
        assert full.verify() == (285, True, None)

    def test_export_and_restore_give_the_same_log(
        self, full: Log, new_url: Callable[[], str], tmp_path: Path
    ) -> None:
        full.of("ana").append([mail(1), mail(2)])
        full.append([snooze()], cursor=("files:a", "all", "c7"), recorded_ms=2**45)
        export = tmp_path / "export"
        transfer.export_log(full, export)
        with open_log(new_url()) as copy:
            transfer.restore_log(copy, export)
            assert list(copy.rows(99)) == list(full.rows(99))
            assert copy.verify() == full.verify()
            assert copy.cursor("files:a", "all") == "c7"
            assert copy.of("ana").head() == 0  # an export is one owner's
            transfer.export_log(copy, tmp_path / "again")
            assert _files(tmp_path / "again") == _files(export)
            assert copy.append([snooze()]) == ([CHANGED], 32)
            assert copy.verify().ok

    def test_an_export_restored_for_another_owner_is_chained_anew(
        self, full: Log, new_url: Callable[[], str], tmp_path: Path
    ) -> None:
        transfer.export_log(full, tmp_path / "export")
        with open_log(new_url(), owner="ana") as copy:
            transfer.restore_log(copy, tmp_path / "export")
            assert everything(copy) == everything(full)
            assert copy.verify() == full.verify()
            assert copy.hash_at(30) != full.hash_at(30)
            assert copy.of("me").head() == 0
            transfer.export_log(copy, tmp_path / "back")
        with open_log(new_url()) as again:
            transfer.restore_log(again, tmp_path / "back")
            assert again.hash_at(30) == full.hash_at(30)

    def test_restore_refuses_a_log_that_is_not_empty(self, full: Log, tmp_path: Path) -> None:
        transfer.export_log(full, tmp_path)
        with pytest.raises(UsageError, match="not empty"):
            transfer.restore_log(full, tmp_path)

    def test_restore_of_a_changed_export_stores_nothing(
        self, full: Log, new_url: Callable[[], str], tmp_path: Path
    ) -> None:
        manifest = transfer.export_log(full, tmp_path)
        path = tmp_path / manifest.log
        lines = path.read_bytes().splitlines(keepends=True)
        changed = lines[12].replace(b"mail", b"nail")
        broken = {
            "line 13": [*lines[:12], changed, *lines[13:]],
            "line 14": [*lines[:13], *lines[14:]],
            "does not hold event 30": lines[:-1],
            "line 30": [*lines[:-1], lines[-1][:50]],
        }
        with open_log(new_url()) as copy:
            for words, content in broken.items():
                path.write_bytes(b"".join(content))
                with pytest.raises(Damaged, match=words):
                    transfer.restore_log(copy, tmp_path)
                assert copy.head() == 0

    def test_a_damaged_log_is_not_exported_as_if_it_were_whole(self, full: Log, tmp_path: Path) -> None:
        tamper(full, "UPDATE events SET payload = '{}' WHERE position = 8")
        with pytest.raises(Damaged, match="event 8"):
            transfer.export_log(full, tmp_path)
        with pytest.raises(UsageError, match="no export"):
            transfer.restore_log(full, tmp_path)

    def test_appenders_at_once_leave_no_gap_and_a_tailing_reader_misses_nothing(
        self, new_url: Callable[[], str]
    ) -> None:
        url = new_url()
        open_log(url).close()
        done, seen, errors = threading.Event(), list[StoredEvent](), list[BaseException]()

        def appender(offset: int) -> None:
            try:
                with open_log(url) as log:
                    for page in range(30):  # every other page is sent by a neighbour too
                        log.append([mail((page * 4 + offset // 2 * 2) * 5 + item) for item in range(5)])
            except BaseException as error:  # noqa: BLE001  shown by the main thread
                errors.append(error)

        def tail() -> None:
            with open_log(url) as log:
                last = False
                while not last:
                    last = done.wait(0.001)  # one more look after the writers have ended
                    for page in log.read(seen[-1].position if seen else 0, batch=7):
                        seen.extend(page)

        threads = [threading.Thread(target=appender, args=(offset,)) for offset in range(4)]
        reader = threading.Thread(target=tail)
        for thread in (reader, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        reader.join()
        assert not errors
        with open_log(url) as log:
            assert log.head() == 30 * 2 * 5
            assert seen == everything(log)
            assert log.verify().ok
        assert [event.position for event in seen] == list(range(1, 301))
        assert all(earlier.recorded_ms <= later.recorded_ms for earlier, later in pairwise(seen))

    def test_it_behaves_like_a_dictionary_of_what_was_appended(self, log: Log) -> None:
        check_against_model(log)


def _fail(*_: object) -> None:
    raise RuntimeError("the power went out")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
