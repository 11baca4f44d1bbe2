"""How long all read models take to build anew, against a plain scan-and-decode of the same log, in one run.

    python -m benchmarks.rebuild [--messages 300000] [--meetings 30000] [--log amity.db --me ADDRESS]

Limit: 6 times the scan; the aim is 3. The log is an invented life of ten years, or one that stands there already.
Peak memory is that of this process, and is told before and after.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from events.codec import decode, encode
from events.envelope import NewEvent, revision_of, stream_of
from events.log import Log, open_log
from events.vocabulary import Attendee, Mailbox, MeetingObserved, MessageObserved, Payload
from projections.base import rebuild
from projections.rules import Goal, Rules

ME = "me@x.org"
PEOPLE = 10_000
TEN_YEARS_MS = 3650 * 86_400_000
END_MS = 1_788_256_800_000
SUBJECTS = ("Roadmap", "Lunch", "Launch plan", "Numbers", "Hiring", "Contract", "Questions", "Pricing", "Trip", "Notes")
LIMIT = 6


def life(messages: int, meetings: int) -> Iterator[NewEvent]:
    """Mail in order of time, threads of about three, few people with most of it; then meetings, a fifth in series."""
    dice = random.Random("rebuild")  # noqa: S311  the same life in every run
    threads: list[tuple[str, str, Mailbox]] = []
    for number in range(messages):
        at_ms = END_MS - TEN_YEARS_MS + TEN_YEARS_MS * number // messages
        yield _event(_mail(dice, number, at_ms, threads), at_ms, f"{number}")
    for number in range(meetings):
        at_ms = END_MS - TEN_YEARS_MS + TEN_YEARS_MS * number // meetings
        yield _event(_meeting(dice, number, at_ms), at_ms, f"m{number}")


def _person(dice: random.Random) -> Mailbox:
    number = int(PEOPLE * dice.random() ** 3)
    return Mailbox(f"p{number}@y{number % 100}.org", f"Person Number{number}")


def _mail(dice: random.Random, number: int, at_ms: int, threads: list[tuple[str, str, Mailbox]]) -> MessageObserved:
    references: tuple[str, ...] = ()
    other, subject = _person(dice), f"{dice.choice(SUBJECTS)} {number % 997}"
    if threads and dice.random() < 0.65:
        parent, subject, other = threads[dice.randrange(max(0, len(threads) - 200), len(threads))]
        references, subject = (parent,), f"Re: {subject.removeprefix('Re: ')}"
    mine = dice.random() < 0.35
    me = Mailbox(ME, "Me Myself")
    copied = tuple(_person(dice) for _ in range(dice.choice((0, 0, 0, 1, 2))))
    bulk = not mine and not references and dice.random() < 0.4
    mail = MessageObserved(
        source="files:mail", where=f"all.mbox:{number * 4000}", message_id=f"{dice.getrandbits(80):x}@mail.y.org",
        sent_ms=at_ms, sender=me if mine else other, to=(other,) if mine else (me,), cc=copied, subject=subject,
        references=references, words=dice.randrange(200), body=f"{dice.getrandbits(64):016x}",
        kind="bulk" if bulk else "", why="List-Unsubscribe" if bulk else "", seen=True, box="sent" if mine else "inbox",
        asks=dice.random() < 0.3,
    )  # fmt: skip
    threads.append((mail.message_id, subject, other))
    del threads[:-1000]
    return mail


def _meeting(dice: random.Random, number: int, at_ms: int) -> MeetingObserved:
    day = datetime.fromtimestamp(at_ms // 1000, UTC).replace(
        hour=dice.randrange(8, 17), minute=dice.choice((0, 30)), second=0
    )
    others = tuple(
        Attendee(one.address, one.name, dice.choice(("accepted", "accepted", "needs-action", "declined")))
        for one in (_person(dice) for _ in range(dice.choice((1, 1, 2, 3, 5, 10))))
    )
    until = (day + timedelta(days=70)).strftime("%Y%m%dT%H%M%SZ")
    return MeetingObserved(
        source="files:cal", uid=f"{number}@cal", start=day.strftime("%Y-%m-%dT%H:%M:%S"), zone="Europe/Helsinki",
        seconds=dice.choice((1800, 3600, 5400)), title=dice.choice(SUBJECTS), organizer=Mailbox(ME),
        attendees=(Attendee(ME, "", "accepted"), *others),
        rules=(f"FREQ=WEEKLY;UNTIL={until}",) if number % 50 == 0 else (),
    )  # fmt: skip


def _event(payload: Payload, at_ms: int, key: str) -> NewEvent:
    return NewEvent(stream_of(at_ms, key), revision_of(encode(payload)), at_ms, payload)


def write(log: Log, events: Iterator[NewEvent]) -> None:
    page: list[NewEvent] = []
    for event in events:
        page.append(event)
        if len(page) == 10_000:
            log.append(page)
            page = []
    log.append(page)


def scan(log: Log) -> tuple[int, float]:
    """Read and decode every event, and do nothing with it."""
    begun, count = time.perf_counter(), 0
    for batch in log.read(batch=10_000):
        for event in batch:
            decode(event.type, event.data)
            count += 1
    return count, time.perf_counter() - begun


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=300_000)
    options.add_argument("--meetings", type=int, default=30_000)
    options.add_argument("--log", type=Path)
    options.add_argument("--me", default=ME)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    goals = (
        Goal("launch", 0.6, match=("launch",), people={"p1@y1.org": 1.0}),
        Goal("growth", solo=True, match=("trip",)),
    )
    rules = Rules(timezone="Europe/Helsinki", addresses=(chosen.me,), goals=goals)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = open_log(f"sqlite:///{chosen.log or folder / 'amity.db'}")
        if not chosen.log:
            write(log, life(chosen.messages, chosen.meetings))
        before, ratios = peak_mb(), []
        for _ in range(chosen.rounds):
            count, plain = scan(log)
            begun = time.perf_counter()
            rebuild(log, folder / "views.db", rules)
            took = time.perf_counter() - begun
            ratios.append(took / plain)
            print(
                f"{count} events: scan {plain:.2f} s, rebuild {took:.2f} s = {ratios[-1]:.1f} times "
                f"({1e6 * took / count:.0f} us an event; limit {LIMIT})"
            )
        print(
            f"peak memory {before:.0f} MB before, {peak_mb():.0f} MB after; "
            f"views {(folder / 'views.db').stat().st_size / 1e6:.0f} MB"
        )
        log.close()
    return int(min(ratios) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
