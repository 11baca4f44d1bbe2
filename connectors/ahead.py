"""Reading ahead: processes of our own translate mail on the other cores, and the import takes it in the order of files.

What they hand over is what the import would have read itself. Where one dies, declines, or finds another file than was
promised, the import reads that piece itself. Nothing outlives the import: who writes to a process that is gone, ends.
"""

from __future__ import annotations

import os
import select
import signal
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple, Self

import msgspec

from connectors.files.registry import read_found
from connectors.files.sniff import HEAD_BYTES, Kind, kind_of
from connectors.files.walk import Found, Stamp
from connectors.items import Item, Problem, Skipped
from connectors.pages import people_in
from events.codec import encode
from events.envelope import NewEvent
from events.processes import may_fork

WORTH_BYTES = 8 << 20  # less than this is read sooner than processes are started
JOB_BYTES = 1 << 19  # of mail, handed over at once: many small jobs give every process as much to do
JOB_FILES = 200
_LARGEST_MAIL = 2 << 20  # in a file of its own
PROCESSES = 2  # the import itself has little to do beside them; more would wait for it
_PIPE_BYTES = 1 << 20  # about 2,000 messages
_HELD_BYTES = 8 << 20  # and beyond them, so that nobody waits while the import still opens its log
_LENGTH = struct.Struct("<Q")
_LETTERS = (".eml", ".emlx")


class Piece(NamedTuple):
    """A file, or of a large mbox the messages that begin in [begin, end)."""

    found: Found
    begin: int = 0
    end: int | None = None


class _Skipped(msgspec.Struct, tag=True):
    reason: str


class _Problem(msgspec.Struct, tag=True):
    where: str
    why: str


_Job = list[Piece]
_Event = tuple[bytes, int | None, int, tuple[str, bytes, int]]  # NewEvent with an Encoded, as it is written
_Packed = _Event | _Skipped | _Problem
_Answer = list[list[NewEvent | _Skipped | _Problem] | None]  # of each piece of a job; None: declined
_DECODER = msgspec.msgpack.Decoder(_Answer)


class _Process(NamedTuple):
    number: int
    answers: BinaryIO


class Ahead:
    """The pieces of one path that are read ahead. Use it as a context: at its end no process is left."""

    def __init__(self, found: Iterable[Found], source: str) -> None:
        self._jobs = _jobs(found) if may_fork() else []
        self._processes: list[_Process] = []
        self._planned: dict[str, list[Piece]] = {}
        for piece in (piece for job in self._jobs for piece in job):
            self._planned.setdefault(piece.found.where, []).append(piece)
        self._waiting = self._answers()
        try:
            for first in range(PROCESSES if self._jobs else 0):
                self._start(self._jobs[first::PROCESSES], source)
        except OSError:  # no more processes or files are allowed
            self.close()

    def pieces(self, found: Found) -> list[Piece]:
        """The pieces in which a file is to be read, in order."""
        planned = self._planned.get(found.where)
        return planned if planned and planned[0].found == found else [Piece(found)]

    def items(self, piece: Piece) -> list[Item] | None:
        """What was read of a piece; None where it was not read ahead. Ask in the order in which they were planned."""
        if piece.found.where not in self._planned:
            return None
        planned, answer = next(self._waiting, (None, None))
        if planned != piece:  # the files are no longer those that were found: nothing of this can be used
            self.close()
            return None
        return None if answer is None else list(map(_item, answer))

    def close(self) -> None:
        """End all processes, wherever they are."""
        self._planned, self._waiting = {}, iter(())
        for process in self._processes:
            process.answers.close()
            os.kill(process.number, signal.SIGKILL)
        for process in self._processes:
            os.waitpid(process.number, 0)
        self._processes = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, jobs: list[_Job], source: str) -> None:
        parent = os.getpid()
        answers, sink = os.pipe()
        process = _Process(os.fork(), os.fdopen(answers, "rb"))
        if process.number == 0:
            try:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                for other in (*self._processes, process):
                    other.answers.close()
                _work(jobs, source, sink, parent)
            finally:
                os._exit(0)  # nothing that was opened before the fork is this process's to close
        os.close(sink)
        self._processes.append(process)

    def _answers(self) -> Iterator[tuple[Piece, Any]]:
        for number, job in enumerate(self._jobs):
            answer = _received(self._processes[number % PROCESSES].answers)
            yield from zip(job, answer or [None] * len(job), strict=True)


def _jobs(found: Iterable[Found]) -> list[_Job]:
    """What is worth reading ahead, in order: ranges of mboxes, and mails in files of their own, many at once."""
    jobs: list[_Job] = []
    held: _Job = []
    size = total = 0
    for one in found:
        if one.stamp.size <= _LARGEST_MAIL and (one.maildir or one.where.endswith(_LETTERS)):
            held.append(Piece(one))
            size += one.stamp.size
        elif one.stamp.size > JOB_BYTES and _is_mbox(one):
            total += one.stamp.size
            jobs += [held] if held else []
            held, size = [], 0
            cuts = [*range(0, one.stamp.size, JOB_BYTES), one.stamp.size]
            jobs += [[Piece(one, begin, end)] for begin, end in pairwise(cuts)]
        if size >= JOB_BYTES or len(held) >= JOB_FILES:
            jobs.append(held)
            total += size
            held, size = [], 0
    jobs += [held] if held else []
    return jobs if total + size >= WORTH_BYTES else []


def _is_mbox(found: Found) -> bool:
    try:
        with open(found.path, "rb") as stream:  # noqa: PTH123  a Path costs more than the opening
            return not found.maildir and kind_of(stream.read(HEAD_BYTES), found.where) is Kind.MBOX
    except OSError:
        return False


def _work(jobs: Sequence[_Job], source: str, sink: int, parent: int) -> None:
    """Read jobs until all are done or nobody wants them any more."""
    _enlarge(sink)
    os.set_blocking(sink, False)
    held = bytearray()
    for job in jobs:
        answer = msgspec.msgpack.encode([_read(piece, source, parent) for piece in job])
        held += _LENGTH.pack(len(answer)) + answer
        _send(sink, held, _HELD_BYTES)
    _send(sink, held, 0)


def _read(piece: Piece, source: str, parent: int) -> list[_Packed] | None:
    """The items of a piece; None for whatever the import had better see itself."""
    items = []
    try:
        with open(piece.found.path, "rb") as stream:  # noqa: PTH123  likewise
            if not _same(stream, piece.found.stamp):
                return None
            for item in read_found(piece.found, stream, source=source, begin=piece.begin, end=piece.end):
                items.append(_packed(item))
                if os.getppid() != parent:
                    os._exit(0)
            return items if _same(stream, piece.found.stamp) else None
    except Exception:  # noqa: BLE001  the import meets it again and tells of it
        return None


def _same(stream: BinaryIO, stamp: Stamp) -> bool:
    found = os.fstat(stream.fileno())
    return stamp == (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _packed(item: Item) -> _Packed:
    if isinstance(item, NewEvent):
        stream, revision, happened_ms, payload = item
        return stream, revision, happened_ms, (payload.wire, encode(payload), people_in(item))
    return _Skipped(item.reason) if isinstance(item, Skipped) else _Problem(item.where, item.why)


def _item(packed: NewEvent | _Skipped | _Problem) -> Item:
    if isinstance(packed, NewEvent):
        return packed
    return Skipped(packed.reason) if isinstance(packed, _Skipped) else Problem(packed.where, packed.why)


def _enlarge(pipe: int) -> None:
    try:
        import fcntl  # noqa: PLC0415  only where there is fork

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):  # smaller pipes do, they only wait more often
        return


def _send(pipe: int, held: bytearray, most: int) -> None:
    """Hand over what the pipe takes; wait only where more than `most` bytes would be held back."""
    while held:
        try:
            with memoryview(held) as all_of_it, all_of_it[:_PIPE_BYTES] as some:
                written = os.write(pipe, some)
            del held[:written]
        except BlockingIOError:
            if len(held) <= most:
                return
            select.select([], [pipe], [])


def _received(answers: BinaryIO) -> _Answer | None:
    """The next answer of a process; None once it is gone."""
    length = answers.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    data = answers.read(size)
    return _DECODER.decode(data) if len(data) == size else None
