"""The import loop: every item accounted for, nothing twice, nothing of the past read again, nothing changed unseen."""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import import_paths
from connectors.files import registry, vcf
from connectors.files.sniff import Kind
from connectors.items import Item
from connectors.pages import ImportResult
from connectors.progress import Progress
from events.errors import AmityError
from events.log import Log, open_log

LONG_AGO = 1_600_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path}/amity.db") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "things"
    made.mkdir()
    return made


def card(name: str) -> str:
    return f"BEGIN:VCARD\nFN:{name}\nEMAIL:{name.lower()}@x.org\nEND:VCARD\n"


def meeting(uid: str) -> str:
    return f"BEGIN:VEVENT\nUID:{uid}\nDTSTART:20260105T100000Z\nDTEND:20260105T110000Z\nSUMMARY:{uid}\nEND:VEVENT\n"


def calendar(*uids: str) -> str:
    return "BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(map(meeting, uids)) + "END:VCALENDAR\n"


def mail(number: int) -> str:
    return (
        f"Message-ID: <{number}@x.org>\nDate: Mon, 5 Jan 2026 10:00:{number % 60:02} +0000\n"
        f"From: a@x.org\nTo: b@x.org\n"
        f"Subject: number {number}\n\nThis is message number {number}.\n"
    )


def mbox(*numbers: int) -> str:
    return "".join(f"From a@x.org Mon Jan  5 10:00:00 2026\n{mail(number)}\n" for number in numbers)


def put(folder: Path, name: str, text: str | bytes, *, settled: bool = True) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if settled:
        os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def adds_up(result: ImportResult) -> ImportResult:
    assert result.seen == result.stored + result.duplicates + sum(result.skipped.values()) + len(
        result.problems
    )
    return result


def types(log: Log) -> list[str]:
    return [event.type for page in log.read() for event in page]


def test_everything_in_a_folder_is_accounted_for(folder: Path, log: Log) -> None:
    put(folder, "people.vcf", card("Ana") + card("Ana") + "BEGIN:VCARD\nFN:cut")
    put(folder, "work.ics", calendar("m1", "m2"))
    put(folder, "sub/mail.mbox", mbox(1, 2, 1))
    put(folder, "sub/1.eml", mail(3))
    put(folder, "box/cur/1:2,S", mail(4))
    put(folder, "book.csv", "Name,E-mail\nBo,bo@x.org\n")
    put(folder, "photo.jpg", b"\xff\xd8\xff\xe0")
    result = adds_up(import_paths([folder], log))
    assert (result.seen, result.stored, result.duplicates) == (12, 8, 2)
    assert result.skipped == {"not_recognised": 1}
    assert [problem.where for problem in result.problems] == ["people.vcf:9"]
    assert types(log).count("item.quarantined.v1") == 1
    assert types(log)[-1] == "sync.completed.v1"


def test_a_second_import_stores_nothing_and_records_no_run_of_unchanged_files(folder: Path, log: Log) -> None:
    put(folder, "people.vcf", card("Ana") + "BEGIN:VCARD\nFN:cut")
    put(folder, "mail.mbox", mbox(1, 2))
    first = import_paths([folder], log)
    head = log.head()
    second = adds_up(import_paths([folder], log))
    assert (second.seen, second.stored, second.duplicates) == (first.seen, 0, first.stored + first.duplicates)
    assert second.problems == first.problems
    assert log.head() == head


def test_unchanged_files_are_not_opened(folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "people.vcf", card("Ana"))
    import_paths([folder], log)
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("opened"))
    assert import_paths([folder], log).duplicates == 1


def test_a_changed_file_of_the_same_size_and_time_is_read(folder: Path, log: Log) -> None:
    path = put(folder, "people.vcf", card("Ana"))
    import_paths([folder], log)
    put(folder, path.name, card("Bob"))
    assert import_paths([folder], log).stored == 1


@pytest.mark.parametrize(("age", "believed"), [(0.5, False), (5.0, True)])
def test_a_file_read_within_a_coarse_clocks_tick_of_its_change_is_read_again(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch, age: float, *, believed: bool
) -> None:
    path = put(folder, "people.vcf", card("Ana"))
    second = int(time.time())
    os.utime(path, (second, second))
    monkeypatch.setattr(time, "time_ns", lambda: int((second + age) * 1e9))
    import_paths([folder], log)
    read: list[str] = []

    def note(*_: object, where: str, **__: str) -> Iterator[Item]:
        read.append(where)
        return iter(())

    monkeypatch.setattr(vcf, "read", note)
    import_paths([folder], log)
    assert (read == []) is believed


def test_another_log_reads_everything(folder: Path, log: Log, tmp_path: Path) -> None:
    put(folder, "people.vcf", card("Ana"))
    import_paths([folder], log)
    with open_log(f"sqlite:///{tmp_path}/other.db") as other:
        assert import_paths([folder], other).stored == 1


def test_a_longer_mbox_stores_what_is_new(folder: Path, log: Log) -> None:
    put(folder, "mail.mbox", mbox(1, 2))
    import_paths([folder], log)
    put(folder, "mail.mbox", mbox(1, 2, 3))
    result = adds_up(import_paths([folder], log))
    assert (result.stored, result.duplicates) == (1, 2)


def test_a_file_under_another_name_and_a_message_in_another_folder_store_nothing(
    folder: Path, log: Log
) -> None:
    path = put(folder, "mail.mbox", mbox(1, 2))
    import_paths([folder], log)
    path.rename(folder / "Archive.mbox")
    put(folder, "box/cur/1:2,S", mail(1))
    result = adds_up(import_paths([folder], log))
    assert (result.stored, result.duplicates) == (0, 3)


def test_changed_flags_of_a_maildir_message_are_no_new_message(folder: Path, log: Log) -> None:
    path = put(folder, "box/new/1", mail(1))
    import_paths([folder], log)
    (folder / "box" / "cur").mkdir()
    path.rename(folder / "box" / "cur" / "1:2,S")
    result = adds_up(import_paths([folder], log))
    assert (result.stored, result.duplicates) == (0, 1)


def test_a_page_is_stored_before_the_next_is_read(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "people.vcf", "".join(card(f"N{number}") for number in range(25)))
    read = vcf.read

    def cut(*args: object, **options: str) -> Iterator[Item]:
        for number, item in enumerate(read(*args, **options)):  # type: ignore[arg-type]  # passed through
            if number == 24:
                raise KeyboardInterrupt
            yield item

    monkeypatch.setattr(vcf, "read", cut)
    with pytest.raises(KeyboardInterrupt):
        import_paths([folder], log, page=10)
    assert log.head() == 20
    monkeypatch.undo()
    result = adds_up(import_paths([folder], log, page=10))
    assert (result.stored, result.duplicates) == (5, 20)


def test_a_reader_that_dies_costs_the_rest_of_its_file_only(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.vcf", card("Ana") + card("Bo"))
    put(folder, "b.ics", calendar("m1"))
    read = vcf.read

    def die(*args: object, **options: str) -> Iterator[Item]:
        yield next(read(*args, **options))  # type: ignore[arg-type]  # passed through
        raise RecursionError

    monkeypatch.setattr(vcf, "read", die)
    result = adds_up(import_paths([folder], log))
    assert result.stored == 2
    (problem,) = result.problems
    assert problem.where.startswith("a.vcf:")
    assert "RecursionError" in problem.why
    monkeypatch.undo()
    assert import_paths([folder], log).stored == 1, "a file whose reading died is read again"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bin", b"\x00\x01\x02"),
        ("empty", b""),
        ("x.vcf", b"junk"),
        ("x.zip", b"PK\x03\x04x"),
        ("x.ics", b"<p>"),
    ],
)
def test_a_single_hopeless_file_is_an_error_and_in_a_folder_it_is_not(
    folder: Path, log: Log, name: str, content: bytes
) -> None:
    path = put(folder, name, content)
    with pytest.raises(AmityError, match=name):
        import_paths([path], log)
    assert log.head() == 0
    assert adds_up(import_paths([folder], log)).seen == 1


def test_a_missing_path_is_an_error_before_anything_is_read(folder: Path, log: Log) -> None:
    put(folder, "a.vcf", card("Ana"))
    with pytest.raises(AmityError, match="no such file"):
        import_paths([folder, folder / "missing"], log)
    assert log.head() == 0


def test_parts_of_an_archive_given_together(folder: Path, log: Log) -> None:
    parts = []
    for number in (1, 2):
        parts.append(folder / f"takeout-00{number}.zip")
        with zipfile.ZipFile(parts[-1], "w") as archive:
            archive.writestr("Takeout/Contacts/All.vcf", card(f"N{number}") + card("Both"))
            archive.writestr("Takeout/Mail/All mail.mbox", mbox(number))
    result = adds_up(import_paths(parts, log))
    assert (result.stored, result.duplicates) == (5, 1)


def test_progress_never_goes_back_and_ends_at_the_end(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.progress._EVERY_SECONDS", 0.0)
    for number in range(5):
        put(folder, f"{number}.vcf", card(f"N{number}") * 3)
    moments: list[Progress] = []
    import_paths([folder], log, progress=moments.append)
    done = [moment.bytes_done for moment in moments]
    assert done == sorted(done)
    last = moments[-1]
    assert (last.files, last.items, last.bytes_done) == (5, 15, last.bytes_total)
    assert last.seconds_left == 0


def test_progress_through_an_archive_never_goes_back(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.progress._EVERY_SECONDS", 0.0)
    with zipfile.ZipFile(folder / "t.zip", "w") as archive:
        for name in "cab":
            archive.writestr(f"{name}.vcf", "".join(card(f"{name}{n}") for n in range(5000)))
    moments: list[Progress] = []
    import_paths([folder], log, progress=moments.append)
    done = [moment.bytes_done for moment in moments]
    assert done == sorted(done)
    assert len(set(done)) > 3


def test_files_that_cannot_be_opened_are_left(
    folder: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "a.vcf", card("Ana"))
    put(folder, "b.vcf", card("Bo"))
    opened = open

    def refuse(path: str, mode: str) -> object:
        if path.endswith("a.vcf"):
            raise PermissionError
        return opened(path, mode)

    monkeypatch.setattr("builtins.open", refuse)
    result = adds_up(import_paths([folder], log))
    assert (result.stored, result.skipped) == (1, {"unreadable": 1})


def test_every_kind_has_its_reader() -> None:
    for kind in Kind:
        if kind is not Kind.ZIP:
            assert callable(registry.reader_of(kind))
