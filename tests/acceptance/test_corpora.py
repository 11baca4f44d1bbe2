"""Everything there is, and damaged copies of it: nothing crashes, every item is accounted for, nothing is doubled."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import import_paths
from connectors.pages import ImportResult
from events.log import Log, open_log

pytestmark = pytest.mark.slow
CORPORA = ["email-eml-suites", "email-spamassassin", "email-list-linux-mips", "ics", "contacts"]
DAMAGED = ["email-eml-suites", "email-spamassassin", "ics", "contacts"]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(f"sqlite:///{tmp_path / 'amity.db'}")
    yield opened
    opened.close()


def accounted(result: ImportResult) -> bool:
    return result.seen == result.stored + result.duplicates + sum(result.skipped.values()) + len(result.problems)


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_whole_corpus(corpus: str, shared_data: Path, log: Log) -> None:
    result = import_paths([shared_data / corpus], log)
    assert accounted(result)
    assert result.stored > 0
    assert all(problem.where and problem.why for problem in result.problems)
    assert log.verify().ok


@pytest.mark.parametrize("corpus", DAMAGED)
def test_damaged_copies(corpus: str, shared_data: Path, log: Log, tmp_path: Path) -> None:
    """Each file once more with bytes flipped, cut out, doubled, or with control bytes strewn in; seeded by its name."""
    copies = tmp_path / "damaged"
    shutil.copytree(shared_data / corpus, copies)
    for path in sorted(copies.rglob("*")):
        if path.is_file():
            path.write_bytes(damaged(path.read_bytes(), random.Random(str(path.relative_to(copies)))))  # noqa: S311
    result = import_paths([copies], log)
    assert accounted(result)
    assert log.verify().ok
    again = import_paths([copies], log)
    assert again.stored == 0
    assert again.seen == result.seen


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content after a handful of accidents."""
    found = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        if not found:
            break
        at = chance.randrange(len(found))
        length = chance.choice([1, 2, 10, 200])
        match chance.randrange(5):
            case 0:
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at:at] = bytes(chance.choices([0, 9, 10, 13, 27, 58, 59, 61, 128, 155, 255], k=length))
            case _:
                found = found[: max(at, 20)]
    return bytes(found)
