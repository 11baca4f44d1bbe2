"""Any folder of anything: the account adds up, a second import stores nothing, the order of arrival is all the same."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import import_paths
from connectors.pages import ImportResult
from events.log import Log, open_log
from tests.connectors.test_base import adds_up, calendar, card, mail, mbox

RUNS = {"sync.completed.v1", "item.quarantined.v1"}


class File(NamedTuple):
    """A file to write: `things` in it, all told `items` of them, of which `bad` cannot be read."""

    name: str
    data: bytes
    things: frozenset[str]
    items: int
    bad: int = 0


NUMBERS = st.lists(st.integers(0, 8), min_size=1, max_size=5)


def _mbox(name: str, numbers: list[int]) -> File:
    return File(f"{name}.mbox", mbox(*numbers).encode(), frozenset(f"mail {n}" for n in numbers), len(numbers))


def _message(name: str, numbers: list[int]) -> File:
    return File(f"{name}.eml", mail(numbers[0]).encode(), frozenset({f"mail {numbers[0]}"}), 1)


def _maildir(name: str, numbers: list[int]) -> File:
    return File(f"{name}/cur/{name}:2,S", mail(numbers[0]).encode(), frozenset({f"mail {numbers[0]}"}), 1)


def _calendar(name: str, numbers: list[int]) -> File:
    uids = list(dict.fromkeys(f"m{n}" for n in numbers))
    return File(name, calendar(*uids).encode(), frozenset(uids), len(uids))


def _cards(name: str, numbers: list[int]) -> File:
    names = [f"N{n}" for n in numbers]
    text = "".join(map(card, names)) + "BEGIN:VCARD\nFN:cut"
    return File(f"{name}.txt", text.encode(), frozenset(names), len(names) + 1, bad=1)


def _table(name: str, numbers: list[int]) -> File:
    rows = "".join(f"N{n},n{n}@x.org\n" for n in numbers)
    return File(f"{name}.csv", f"Name,E-mail\n{rows}".encode(), frozenset(f"N{n}" for n in numbers), len(numbers))


def _zip(name: str, numbers: list[int]) -> File:
    stream = io.BytesIO()
    inner = [_mbox(name, numbers), _calendar(name, numbers)]
    with zipfile.ZipFile(stream, "w") as archive:
        for file in inner:
            archive.writestr(f"Takeout/{file.name}", file.data)
    things = frozenset[str]().union(*(file.things for file in inner))
    return File(f"{name}.zip", stream.getvalue(), things, sum(file.items for file in inner))


def _junk(name: str, numbers: list[int]) -> File:
    return File(f"{name}.bin", b"\x00\x01" + bytes(numbers), frozenset(), 1)


MAKERS: list[Callable[[str, list[int]], File]] = [
    _mbox, _message, _maildir, _calendar, _cards, _table, _zip, _junk,
]  # fmt: skip
FILES = st.lists(st.tuples(st.sampled_from(MAKERS), NUMBERS), min_size=1, max_size=6).map(
    lambda made: [maker(f"f{at}", numbers) for at, (maker, numbers) in enumerate(made)]
)


def write(root: Path, files: list[File], *, old: bool = True) -> None:
    for file in files:
        path = root / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        if old:
            os.utime(path, (1_600_000_000, 1_600_000_000))


def streams(log: Log) -> set[bytes]:
    return {event.stream for page in log.read() for event in page if event.type not in RUNS}


def run(paths: list[Path], log: Log) -> ImportResult:
    return adds_up(import_paths(paths, log, page=3))


@settings(max_examples=15)
@given(FILES, st.randoms())
def test_any_folder(files: list[File], dice: object) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "things")
        write(root, files)
        with open_log(f"sqlite:///{place}/one.db") as log, open_log(f"sqlite:///{place}/two.db") as other:
            first = run([root], log)
            assert first.seen == sum(file.items for file in files)
            assert first.stored == len(frozenset[str]().union(*(file.things for file in files)))
            assert len(first.problems) == sum(file.bad for file in files)

            head = log.head()
            again = run([root], log)
            assert (again.seen, again.stored, log.head()) == (first.seen, 0, head)

            os.rename(root, f"{place}/elsewhere")  # noqa: PTH104  every file under another name, nothing believed
            moved = run([Path(place, "elsewhere")], log)
            assert (moved.seen, moved.stored, moved.problems) == (first.seen, 0, first.problems)

            paths = sorted(Path(place, "elsewhere").iterdir())
            dice.shuffle(paths)  # type: ignore[attr-defined]  # a random.Random that hypothesis drives
            for path in paths:
                run([path, path], other)
            assert streams(other) == streams(log)


@settings(max_examples=15)
@given(NUMBERS, NUMBERS)
def test_a_longer_file_stores_what_is_new_only(before: list[int], more: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place, open_log(f"sqlite:///{place}/one.db") as log:
        path = Path(place, "mail.mbox")
        path.write_text(mbox(*before))
        run([path], log)
        with path.open("a") as stream:
            stream.write(mbox(*more))
        assert run([path], log).stored == len(set(more) - set(before))
