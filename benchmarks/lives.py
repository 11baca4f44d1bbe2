"""An invented life of many years, the same in every run: mail in threads, bulk mail, single meetings and series."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.log import Log, open_log
from events.vocabulary import Attendee, Mailbox, MeetingObserved, MessageObserved, Payload

ME = "me@x.org"
SUBJECTS = ("Roadmap", "Lunch", "Launch plan", "Numbers", "Hiring", "Contract", "Questions", "Pricing", "Trip", "Notes")
DAY_MS = 86_400_000
PAGE = 10_000
Thread = tuple[str, str, Mailbox]  # the last mail's Message-ID, its subject, the other one
SETTINGS = f"""\
[me]
timezone = "Europe/Helsinki"
addresses = ["{ME}"]

[goals.launch]
weight = 0.6
weekly = "10h"
match = ["launch"]
people = {{ "p1@y1.org" = 0.5, "p2@y2.org" = 0.3, "p60@y60.org" = 0.2 }}

[goals.hiring]
weight = 0.4
weekly = "3h"
match = ["hiring"]
people = {{ "p3@y3.org" = 1.0 }}

[goals.growth]
solo = true
weekly = "4h"
match = ["trip"]

[tiers.close]
every = "14d"
members = [{", ".join(f'"p{n}@y{n % 100}.org"' for n in range(5, 20))}]

[tiers.network]
every = "105d"
members = [{", ".join(f'"p{n}@y{n % 100}.org"' for n in range(20, 120))}]

[people."p4@y4.org"]
max = "1h/week"
"""


class Life(NamedTuple):
    """How much of everything. `meetings` counts occurrences, those of the series included."""

    messages: int = 300_000
    meetings: int = 30_000
    people: int = 10_000
    years: int = 10
    series: int = 45
    until_ms: int = 1_789_930_800_000  # 2026-09-20T19:00:00Z

    @property
    def since_ms(self) -> int:
        return self.until_ms - self.years * 365 * DAY_MS


def live(life: Life) -> Iterator[NewEvent]:
    """Mail in order of time, then series, then single meetings."""
    dice = random.Random("a life")  # noqa: S311  reproducible, not secret
    threads: list[Thread] = []
    span = life.until_ms - life.since_ms
    for number in range(life.messages):
        at_ms = life.since_ms + span * number // life.messages
        yield _event(_mail(dice, life, number, at_ms, threads), at_ms, f"mail {number}")
    weeks = life.years * 52
    each = min(weeks, life.meetings // 4 // max(life.series, 1))  # a quarter of all meetings recur
    for number in range(life.series if each else 0):
        at_ms = life.since_ms + dice.randrange(weeks - each + 1) * 7 * DAY_MS + number % 5 * DAY_MS
        guests = dice.choice((1, 1, 2, 4, 8, 40))
        series = _meeting(dice, life, f"series {number}", at_ms, guests, f"FREQ=WEEKLY;COUNT={each}")
        yield _event(series, at_ms, f"series {number}")
    single = life.meetings - life.series * each
    for number in range(single):
        at_ms = life.since_ms + span * number // single
        guests = 40 if number % 200 == 0 else dice.choice((1, 1, 1, 2, 3, 5, 10))
        yield _event(_meeting(dice, life, f"{number}", at_ms, guests), at_ms, f"meeting {number}")


def _person(dice: random.Random, life: Life) -> Mailbox:
    """Zipf: the n-th has a share of 1/n."""
    number = int(life.people ** dice.random())
    return Mailbox(f"p{number}@y{number % 100}.org", f"Person Number{number}")


def _mail(dice: random.Random, life: Life, number: int, at_ms: int, threads: list[Thread]) -> MessageObserved:
    references: tuple[str, ...] = ()
    other, subject = _person(dice, life), f"{dice.choice(SUBJECTS)} {number % 997}"
    if threads and dice.random() < 0.5:
        parent, subject, other = threads[dice.randrange(max(0, len(threads) - 200), len(threads))]
        references, subject = (parent,), f"Re: {subject.removeprefix('Re: ')}"
    mine = dice.random() < 0.35
    bulk = not mine and not references and dice.random() < 0.6
    me = Mailbox(ME, "Me Myself")
    if bulk:
        other = Mailbox(f"news{dice.randrange(600)}@bulk.org", "News")
    copied = () if bulk else tuple(_person(dice, life) for _ in range(dice.choice((0, 0, 0, 1, 2))))
    mail = MessageObserved(
        source="files:mail", where=f"all.mbox:{number * 4000}", message_id=f"{dice.getrandbits(80):x}@mail.y.org",
        sent_ms=at_ms, sender=me if mine else other, to=(other,) if mine else (me,), cc=copied, subject=subject,
        references=references, words=dice.randrange(200), body=f"{dice.getrandbits(64):016x}",
        kind="bulk" if bulk else "", why="List-Unsubscribe" if bulk else "", seen=True, box="sent" if mine else "inbox",
        asks=dice.random() < 0.3,
    )  # fmt: skip
    if not bulk:
        threads.append((mail.message_id, subject, other))
        del threads[:-1000]
    return mail


def _meeting(dice: random.Random, life: Life, uid: str, at_ms: int, guests: int, *rules: str) -> MeetingObserved:
    day = datetime.fromtimestamp(at_ms // 1000, UTC)
    start = day.replace(hour=dice.randrange(8, 17), minute=dice.choice((0, 30)), second=0)
    answers = ("accepted", "accepted", "accepted", "needs-action", "declined")
    others = {one.address: one for one in (_person(dice, life) for _ in range(guests))}
    said = (Attendee(one.address, one.name, dice.choice(answers)) for one in others.values())
    return MeetingObserved(
        source="files:cal", uid=f"{uid}@cal", start=f"{start:%Y-%m-%dT%H:%M:%S}", zone="Europe/Helsinki",
        seconds=dice.choice((1800, 3600, 5400)), title=dice.choice(SUBJECTS), organizer=Mailbox(ME), rules=rules,
        attendees=(Attendee(ME, "", "accepted"), *said),
    )  # fmt: skip


def _event(payload: Payload, at_ms: int, key: str) -> NewEvent:
    return NewEvent(stream_of(at_ms, key), revision_of(encode(payload)), at_ms, payload)


def write(log: Log, life: Life) -> None:
    """Append the whole life, recorded when it ends."""
    page: list[NewEvent] = []
    for event in live(life):
        page.append(event)
        if len(page) == PAGE:
            log.append(page, recorded_ms=life.until_ms)
            page = []
    log.append(page, recorded_ms=life.until_ms)


def home(folder: Path, life: Life) -> Path:
    """A home that has this life in its log and settings to judge it by; made once."""
    made = folder / f"home-{life.messages}-{life.meetings}"
    if (made / "amity.toml").exists():
        return made
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    (made / "amity.db").unlink(missing_ok=True)
    log = open_log(f"sqlite:///{made / 'amity.db'}")
    write(log, life)
    log.close()
    (made / "amity.toml").write_text(SETTINGS, encoding="utf-8")
    return made
