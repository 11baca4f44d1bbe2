"""Reading ahead: the log is the same with and without it, and no process outlives its import, however that ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from connectors import ahead
from connectors.ahead import Ahead, Piece
from connectors.base import import_paths, read_ahead
from connectors.files.mbox import messages
from connectors.files.walk import Found, walk
from connectors.items import Item
from events import processes
from events.log import Log, open_log

COUNT = 300


@pytest.fixture(autouse=True)
def _small_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "WORTH_BYTES", 1)
    monkeypatch.setattr(ahead, "JOB_BYTES", 10_000)
    monkeypatch.setattr(processes, "_cores", lambda: 2)


def mail(number: int, text: str = "word\n" * 30) -> str:
    return (
        f"From: Ana <ana{number % 7}@x.org>\nTo: me@x.org\nSubject: mail {number}\nMessage-ID: <{number}@x.org>\n"
        f"Date: Mon, 6 Sep 2021 10:{number % 60:02d}:00 +0000\n\n{text}\n"
    )


def mbox(numbers: range) -> str:
    return "".join(f"From ana@x.org Mon Sep  6 10:00:00 2021\n{mail(number)}\n" for number in numbers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "things"
    (made / "dir" / "cur").mkdir(parents=True)
    (made / "a.mbox").write_text(mbox(range(COUNT)))
    (made / "b.vcf").write_text("BEGIN:VCARD\nFN:Bo\nEMAIL:bo@x.org\nEND:VCARD\n")
    (made / "broken.eml").write_text("nothing\n\nof mail\n")
    (made / "empty.eml").write_text("")
    for number in range(COUNT, COUNT + 40):
        (made / "dir" / "cur" / f"{number}:2,S").write_text(mail(number))
        (made / f"{number}.eml").write_text(mail(number + 100))
    (made / "z.mbox").write_text(mbox(range(250, 500)).replace("\n", "\r\n"))
    return made


def stored(log: Log) -> list[tuple[int, bytes, int, str, bytes]]:
    return [
        (one.position, one.stream, one.revision, one.type, one.data)
        for page in log.read()
        for one in page
    ]


def imported(folder: Path, home: Path, begun: Ahead | None = None) -> tuple[object, object]:
    home.mkdir()
    with open_log(f"sqlite:///{home}/amity.db") as log:
        result = import_paths([folder], log, ahead=begun)
        return result, stored(log)


@pytest.fixture
def alone(folder: Path, tmp_path: Path) -> tuple[object, object]:
    """What the import gives without any other process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "_cores", lambda: 1)
        return imported(folder, tmp_path / "alone")


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that the import starts; others, such as a database server of other tests, are not asked about."""
    numbers: list[int] = []
    fork = os.fork

    def noted() -> int:
        number = fork()
        if number:
            numbers.append(number)
        return number

    monkeypatch.setattr(os, "fork", noted)
    monkeypatch.setattr(processes, "_cores", lambda: 2)  # also where there is one
    return numbers


def none_is_left(forked: list[int]) -> bool:
    """Whether processes were started, and all were ended and collected."""
    return bool(forked) and not any(exists(number) for number in forked)


def exists(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_log_is_the_same(folder: Path, tmp_path: Path, alone: object, forked: list[int]) -> None:
    assert imported(folder, tmp_path / "helped") == alone
    with read_ahead(folder) as begun:
        assert imported(folder, tmp_path / "early", begun) == alone
    assert none_is_left(forked)


def test_something_is_read_ahead_and_a_second_import_starts_nothing(folder: Path, tmp_path: Path) -> None:
    taken = 0
    answered = Ahead.items

    def counted(self: Ahead, piece: Piece) -> list[Item] | None:
        nonlocal taken
        found = answered(self, piece)
        taken += len(found or ())
        return found

    with open_log(f"sqlite:///{tmp_path}/amity.db") as log, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ahead, "items", counted)
        import_paths([folder], log)
        assert taken > 600
        long_ago = 1_600_000_000
        for path in folder.rglob("*"):
            os.utime(path, (long_ago, long_ago))
        import_paths([folder], log)
        patch.setattr(os, "fork", lambda: pytest.fail("nothing changed"))
        import_paths([folder], log)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("step", [1_000, 7_777, 100_000])
def test_the_ranges_of_an_mbox_give_the_whole(step: int, ends: str) -> None:
    quoting = "Hi\n\nFrom here on nothing\n\nFrom ana@x.org Mon Sep  6 10:00:00 2021\nno header\n\n>From x\n"
    text = mbox(range(60)).replace("word\n", quoting, 1)
    data = ("\n\n" + text).replace("\n", ends).encode()
    whole = list(messages(io.BytesIO(data), "a"))
    cuts = [*range(0, len(data), step), len(data)]
    parts = [
        one
        for begin, end in pairwise(cuts)
        for one in messages(io.BytesIO(data), "a", begin, end)
    ]
    assert parts == whole
    assert len(whole) >= 60


@pytest.mark.parametrize("at", [1, 40, 200])
def test_a_process_that_dies_costs_nothing(
    folder: Path, tmp_path: Path, alone: object, forked: list[int], monkeypatch: pytest.MonkeyPatch, *, at: int
) -> None:
    packed, seen, parent = ahead._packed, [0], os.getpid()

    def die(item: object) -> object:
        seen[0] += 1
        if seen[0] == at and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return packed(item)  # type: ignore[arg-type]

    monkeypatch.setattr(ahead, "_packed", die)
    assert imported(folder, tmp_path / "helped") == alone
    assert none_is_left(forked)


def test_an_answer_that_was_cut_off_is_read_anew(
    folder: Path, tmp_path: Path, alone: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(pipe: io.RawIOBase, data: bytes) -> None:
        pipe.write(data[: len(data) // 2])
        os._exit(1)

    monkeypatch.setattr(ahead, "_send", half)
    assert imported(folder, tmp_path / "helped") == alone


def test_files_that_changed_meanwhile_are_read_as_they_are(folder: Path, tmp_path: Path) -> None:
    with read_ahead(folder) as begun:
        (folder / "a.mbox").write_text(mbox(range(1000, 1300)))
        (folder / "dir" / "cur" / f"{COUNT}:2,S").unlink()
        helped = imported(folder, tmp_path / "helped", begun)
    monkey = pytest.MonkeyPatch()
    monkey.setattr(processes, "_cores", lambda: 1)
    assert helped == imported(folder, tmp_path / "again")
    monkey.undo()


def test_nothing_is_started_on_one_core_or_beside_threads_or_for_little(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [one for one in walk(folder) if isinstance(one, Found)]

    def pieces() -> list[Piece]:
        with Ahead(found, "files:x") as begun:
            return begun.pieces(found[0])

    mboxes = [one for one in found if one.where.endswith("mbox")]
    with Ahead(mboxes, "files:x") as begun:
        assert len(begun.pieces(mboxes[0])) > 1
    monkeypatch.setattr(ahead, "WORTH_BYTES", 1 << 30)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process was started"))
    pieces()
    monkeypatch.setattr(ahead, "WORTH_BYTES", 1)
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    pieces()
    waiting.set()
    thread.join()
    monkeypatch.setattr(processes, "_cores", lambda: 1)
    pieces()


def test_what_a_pipe_does_not_take_is_held_back_up_to_a_bound_and_none_of_it_is_lost() -> None:
    """The import opens its log meanwhile: whoever reads for it does not stand still."""
    answers, sink = os.pipe()
    os.set_blocking(sink, False)
    told = os.urandom(300_000)  # a pipe holds 64 KiB, or what the system's limit leaves it
    held = bytearray(told)
    ahead._send(sink, held, len(told))
    assert 0 < len(held) < len(told)
    with os.fdopen(answers, "rb") as reader:
        got: list[bytes] = []
        reading = threading.Thread(target=lambda: got.append(reader.read(len(told))))
        reading.start()
        ahead._send(sink, held, 0)
        reading.join()
    assert not held
    assert got == [told]
    with pytest.raises(BrokenPipeError):
        ahead._send(sink, bytearray(told), 0)
    os.close(sink)


PROGRAM = """
import sys, time
from pathlib import Path
from connectors import ahead
from connectors.base import read_ahead
from events import processes
ahead.WORTH_BYTES, ahead.JOB_BYTES, processes._cores, ahead._PIPE_BYTES = 1, 10_000, lambda: 2, 4096
with read_ahead(Path(sys.argv[1])) as begun:
    print(*(process.number for process in begun._processes), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def importing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        yield program
        program.kill()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_running(importing: subprocess.Popen[str], sign: signal.Signals) -> None:
    assert importing.stdout
    numbers = [int(number) for number in importing.stdout.readline().split()]
    assert len(numbers) == ahead.PROCESSES
    assert all(running(number) for number in numbers)
    importing.send_signal(sign)
    importing.wait(timeout=10)
    until = time.monotonic() + 10
    while any(running(number) for number in numbers) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(running(number) for number in numbers)


def running(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
