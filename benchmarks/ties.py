"""How often the strength of a tie finds a person's manager, beside plainly counting mails.

    python -m benchmarks.ties [FOLDER] [--each]

FOLDER holds `communication.csv` (who wrote to whom, and when: 167 people of a factory, nine months) and
`reportsto_half_A.csv` (whom they report to); by default they are taken from the shared data. For everybody in the
lines a log is made of the mails that reached or left them, rows of one sender and second being one mail, and all read
models are built from it, as for an owner. Their correspondents are ranked by `tie`; the count is of rows either way.
`--each`: every row is a mail of its own, as if nobody had seen to whom else it went.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.log import open_log
from events.vocabulary import Mailbox, MessageObserved
from projections.base import rebuild
from projections.judgements.numbers import numbers
from projections.query import open_views
from projections.rules import Rules

ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "data" / "ties-manufacturing.tar.gz"
ROWS, LINES = "communication.csv", "reportsto_half_A.csv"
CUTS = (1, 3, 5, 10)


class Mail(NamedTuple):
    sender: int
    at_ms: int
    to: frozenset[int]


def read_mails(folder: Path, *, each: bool) -> list[Mail]:
    """Without mail to oneself, in order of time."""
    groups: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    with (folder / ROWS).open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter=";")):
            sender, other = int(row["Sender"]), int(row["Recipient"])
            at = datetime.fromisoformat(row["EventDate"]).replace(tzinfo=UTC)
            if sender != other:
                groups[round(at.timestamp() * 1000), sender, number if each else 0].add(other)
    return [Mail(sender, at_ms, frozenset(to)) for (at_ms, sender, _), to in sorted(groups.items())]


def read_lines(folder: Path, people: set[int]) -> list[tuple[int, int]]:
    """(employee, manager), both of them in the mails."""
    with (folder / LINES).open(encoding="utf-8", newline="") as file:
        rows = [(row["ID"], row["ReportsToID"]) for row in csv.DictReader(file)]
    lines = [(int(one), int(other)) for one, other in rows if one.isdigit() and other.isdigit()]
    return [(one, other) for one, other in lines if one != other and {one, other} <= people]


def address(number: int) -> str:
    return f"n{number}@plant.example"


def _event(number: int, mail: Mail) -> NewEvent:
    observed = MessageObserved(
        source="files:plant", message_id=f"{number}@plant.example", sent_ms=mail.at_ms, body=f"{number:016x}",
        sender=Mailbox(address(mail.sender)), to=tuple(Mailbox(address(one)) for one in sorted(mail.to)),
        subject=f"Mail {number}", words=50, seen=True,
    )  # fmt: skip
    return NewEvent(stream_of(mail.at_ms, f"mail {number}"), revision_of(encode(observed)), mail.at_ms, observed)


def ties(owner: int, mails: Iterable[Mail], now_ms: int) -> dict[int, float]:
    """By correspondent: the tie of one owner, from their own mails alone."""
    mine = [one for one in mails if owner == one.sender or owner in one.to]
    rules = Rules(addresses=(address(owner),))
    with tempfile.TemporaryDirectory() as folder:
        views = Path(folder) / "views.db"
        with closing(open_log(f"sqlite:///{folder}/amity.db")) as log:
            log.append([_event(number, mail) for number, mail in enumerate(mine)], recorded_ms=now_ms)
            rebuild(log, views, rules)
        with closing(open_views(views)) as conn:
            found = numbers(conn, rules, now_ms)
            rows = conn.execute("SELECT person, address FROM address").fetchall()
    return {int(one.partition("@")[0][1:]): found[person]["tie"] for person, one in rows if person in found}


def counted(owner: int, mails: Iterable[Mail]) -> dict[int, float]:
    """By correspondent: rows either way."""
    rows: Counter[int] = Counter()
    for one in mails:
        rows.update(one.to if one.sender == owner else [one.sender] if owner in one.to else [])
    return dict(rows)


def place(of: int, scores: Mapping[int, float]) -> float:
    """The rank, equals sharing theirs; infinite for whom nothing speaks."""
    own = scores.get(of, 0.0)
    if own <= 0:
        return float("inf")
    above = sum(1 for score in scores.values() if score > own)
    return 1 + above + sum(1 for other, score in scores.items() if score == own and other != of) / 2


def measure(folder: Path, *, each: bool = False, every: int = 1) -> dict[str, list[float]]:
    """By way of ranking: the share of managers among the first 1, 3, 5 and 10, and the mean reciprocal rank.

    Of every line, or of each second, third, …
    """
    mails = read_mails(folder, each=each)
    lines = read_lines(folder, {person for mail in mails for person in {mail.sender, *mail.to}})[::every]
    now_ms = mails[-1].at_ms + 3_600_000
    places: dict[str, list[float]] = {"count": [], "tie": []}
    for owner, manager in lines:
        places["count"].append(place(manager, counted(owner, mails)))
        places["tie"].append(place(manager, ties(owner, mails, now_ms)))
    return {
        name: [*(sum(at <= cut for at in found) / len(found) for cut in CUTS), sum(1 / at for at in found) / len(found)]
        for name, found in places.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--each", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.folder or Path(made) / "ties-manufacturing"
        if asked.folder is None:
            with tarfile.open(ARCHIVE) as tar:
                tar.extractall(made, filter="data")
        found = measure(folder, each=asked.each)
    print(f"{'':8}{''.join(f'first {cut}'.rjust(10) for cut in CUTS)}{'mrr':>10}")
    for name, (*shares, mrr) in found.items():
        print(f"{name:8}{''.join(f'{share:.1%}'.rjust(10) for share in shares)}{mrr:>10.3f}")
    return int(found["tie"][-1] <= found["count"][-1])


if __name__ == "__main__":
    sys.exit(main())
