"""Invented months of a life as plain values, and the files in which they reach the program."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ME = ("me@x.org", "me@corp.com")
FIRST = (  # no two names are alike: who is who is not what is tested here
    "ana bo cyrus dagmar emil fiona gustav hana igor jutta kofi lars mirela nuno oona pavel quincy rosa sven tamar "
    "ulrik vera wanda xenia yusuf zelda akira brunhild"
)
LAST = (
    "ruiz holt nakamura petrov quist abara lindqvist moreau tanaka weiss osei dahl popescu silva virtanen novak drake "
    "marino bergman levi thorn sokolova kowalski papadaki demir fitz sato egger"
)
PEOPLE = tuple(f"{first}.{last}@{last}.example" for first, last in zip(FIRST.split(), LAST.split(), strict=True))
WINDOWS = ("2026-10-19", "2026-03-16", "2026-12-21", "2024-02-19")  # both changes of clocks, W53, a leap day
ZONES = ("Europe/Helsinki", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
DAYS = 21


@dataclass(frozen=True, slots=True)
class Guest:
    address: str
    answer: str = "ACCEPTED"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """`start` is a wall time in `zone` ("" floats); `days` > 0 is all-day; `series` is (FREQ, COUNT)."""

    uid: str
    title: str
    start: datetime
    minutes: int
    zone: str = "UTC"
    calendar: str = "Work"
    guests: tuple[Guest, ...] = ()
    mine: str | None = None
    my_address: str = ME[0]
    organizer: str = ""
    status: str = ""
    busy: str = ""
    transparent: bool = False
    private: bool = False
    days: int = 0
    series: tuple[str, int] | None = None
    excluded: frozenset[int] = frozenset()
    cancelled: frozenset[int] = frozenset()
    moved: tuple[tuple[int, datetime, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    key: str
    at: datetime
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    words: int = 20
    subject: str = ""
    reply_to: str = ""
    seen: bool = True
    box: str = "mail"
    headers: tuple[str, ...] = ()
    label: str = ""
    text: str = ""


@dataclass(slots=True)
class World:
    zone: str
    attendance: str
    email: str
    marks: bool
    meetings: list[Meeting] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    people: dict[str, dict[str, float]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    def settings(self) -> str:
        """What stands after `[me]`: three goals of people, titles, labels and calendars, one that is fed alone."""
        lines = [f'[policy]\nattendance = "{self.attendance}"\nemail = "{self.email}"\n']
        match = {"launch": '["launch", "label:v2"]', "hiring": '["hiring", "calendar:Product"]', "people": "[]"}
        for goal, rules in match.items():
            members = ", ".join(f'"{who}" = {share}' for who, share in self.people[goal].items())
            lines.append(f"[goals.{goal}]\nweight = {self.weights[goal]}\nmatch = {rules}\npeople = {{ {members} }}\n")
        lines.append('[goals.growth]\nsolo = true\nmatch = ["deep"]\n')
        return "\n".join(lines)


def _answer(rng: random.Random) -> str:
    return rng.choices(("ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"), (6, 1, 1, 2))[0]


def _guests(rng: random.Random) -> tuple[Guest, ...]:
    size = rng.choice((1, 1, 1, 2, 2, 3, 4, 6, 8, 9, 10, 18, 19, 25))
    steady = size >= 18 and rng.random() < 0.7  # all of them come, so that the limit of 18 is met exactly
    found = [Guest(who, "ACCEPTED" if steady else _answer(rng)) for who in rng.sample(PEOPLE, size)]
    if rng.random() < 0.2:
        found.append(Guest("blue@rooms.example", "ACCEPTED", rng.choice(("ROOM", "RESOURCE"))))
    if size < 7 and rng.random() < 0.1:
        found.append(Guest("everybody@groups.example", "ACCEPTED", "GROUP"))
    return tuple(found)


def _meeting(rng: random.Random, number: int, first: datetime, answering: float) -> Meeting:  # noqa: C901, PLR0912, PLR0915  one draw after another
    start = first + timedelta(days=rng.randrange(DAYS), hours=rng.randrange(6, 19), minutes=rng.choice((0, 15, 30, 50)))
    minutes = rng.choice((15, 30, 45, 60, 60, 90, 120))
    zone = rng.choice(("UTC", "", "Europe/Paris", "America/New_York", "Asia/Kolkata"))
    word = rng.choice(("", "", "launch", "Hiring", "deep"))
    base: dict[str, object] = {
        "uid": f"u{number}@x", "title": f"{word} talk {number}".strip(), "calendar": rng.choice(("Work", "Product")),
        "private": rng.random() < 0.05, "my_address": rng.choice(ME),
    }  # fmt: skip
    kinds = {"guests": 12, "alone": 3, "day": 1, "long": 1, "late": 2, "series": 3, "away": 1, "others": 1}
    kind = rng.choices([*kinds], [*kinds.values()])[0]
    mine: str | None = "ACCEPTED"
    if rng.random() > answering:
        mine = rng.choice(("NEEDS-ACTION", "NEEDS-ACTION", "TENTATIVE", "DECLINED"))
    guests = _guests(rng)
    organizer = rng.choice(("", ME[0], guests[0].address))
    if organizer == guests[0].address and len(guests) < 7 and rng.random() < 0.3:
        guests = guests[1:]  # the organiser is missing from the list
    if organizer == ME[0] and rng.random() < 0.5:
        mine = None
    if organizer == ME[0] and mine == "TENTATIVE":
        mine = "ACCEPTED"  # an organiser in doubt: the text does not say
    base |= {"guests": guests, "mine": mine, "organizer": organizer}
    if kind == "alone":
        base |= {"guests": (), "mine": None, "organizer": ""}
    elif kind == "day":
        base |= {"days": rng.choice((1, 2))}
        start = start.replace(hour=0, minute=0)
    elif kind == "long":
        minutes = rng.choice((480, 481, 600, 1439, 1440, 2000))
    elif kind == "late":
        start, minutes, zone = start.replace(hour=23), rng.choice((90, 120, 240)), zone or "Europe/Paris"
    elif kind == "series":
        freq, count = rng.choice((("WEEKLY", 3), ("DAILY", 5)))
        start = min(start, first + timedelta(days=5, hours=9))
        indices = list(range(1, count))
        rng.shuffle(indices)
        moved = ((indices[0], start + timedelta(days=indices[0] * (7 if freq == "WEEKLY" else 1), hours=3), 45),)
        base |= {
            "series": (freq, count), "moved": moved if rng.random() < 0.6 else (),
            "cancelled": frozenset(indices[1:2] if rng.random() < 0.6 else ()),
        }  # fmt: skip
        if count > 3 and rng.random() < 0.6:
            base["excluded"] = frozenset(indices[2:3])
        zone = zone or "Europe/Paris"
    elif kind == "away":
        base |= {"guests": (), "mine": None, "organizer": "", "busy": "OOF", "title": f"Away {number}"}
        if rng.random() < 0.4:
            base |= {"days": 1}
            start = start.replace(hour=0, minute=0)
        else:
            minutes = rng.choice((60, 240, 600))
    elif kind == "others":
        base |= {"mine": None, "organizer": rng.choice(("", "chief@elsewhere.example"))}
    if kind != "away":
        base["status"] = rng.choices(("", "CONFIRMED", "TENTATIVE", "CANCELLED"), (6, 4, 1, 1))[0]
        base["busy"] = rng.choices(("", "BUSY", "TENTATIVE", "FREE", "WORKINGELSEWHERE"), (16, 4, 1, 1, 1))[0]
        base["transparent"] = not base["busy"] and rng.random() < 0.06  # two marks that contradict: the text is silent
    if base.get("days"):
        zone = ""
    return Meeting(start=start, minutes=minutes, zone=zone, **base)  # type: ignore[arg-type]


def _letters(rng: random.Random, first: datetime, count: int, *, marks: bool) -> Iterator[Letter]:  # noqa: C901, PLR0912  likewise
    used: set[datetime] = set()
    sent: list[Letter] = []
    for number in range(count):
        at = (first + timedelta(days=rng.randrange(DAYS), seconds=rng.randrange(86400))).replace(tzinfo=UTC)
        if sent and rng.random() < 0.4:
            at = sent[-1].at + timedelta(seconds=rng.choice((7, 61, 180, 1500)))  # shortly after the one before
        if at in used:
            continue
        used.add(at)
        word = rng.choice(("", "", "", "launch", "hiring"))
        subject = f"{word} matter {number}".strip()
        label = "v2" if marks and rng.random() < 0.08 else ""  # a label alone would say "read"
        words = rng.choice((0, 3, 9, 40, 95, 200, 400, 1500))
        parent = rng.choice(sent) if sent and rng.random() < 0.3 else None
        reply_to = ""
        if parent is not None and parent.at < at:
            reply_to, subject = parent.key, rng.choice((f"Re: {parent.subject}", subject))
        seen = not marks or rng.random() < 0.8
        if rng.random() < 0.5:
            size = rng.choice((1, 1, 2, 3, 5, 8, 9, 18, 19, 24))
            found = rng.sample(PEOPLE, size)
            cut = rng.randint(1, size)
            to, cc = tuple(found[:cut]), tuple(found[cut:])
            if rng.random() < 0.1:
                cc += (ME[1],)
            if rng.random() < 0.06:
                to, cc, reply_to, subject = (rng.choice(ME),), (), "", f"memo {number}"
            letter = Letter(f"m{number}@x", at, rng.choice(ME), to, cc, words, subject, reply_to, label=label)
        else:
            to, cc = (rng.choice(ME),), tuple(rng.sample(PEOPLE, rng.choice((0, 0, 2, 20))))
            if rng.random() < 0.2:
                to, cc = (PEOPLE[-1],), to
            headers: tuple[str, ...] = ()
            box, sender = "mail", rng.choice(PEOPLE[:-1])
            chance = rng.random()
            if chance < 0.06:
                headers, sender = ("List-Unsubscribe: <https://shop.example/off>",), "news@shop.example"
                reply_to = ""
            elif chance < 0.1:
                headers, sender = ("Auto-Submitted: auto-replied",), "watcher@machines.example"
                reply_to = ""
            elif chance < 0.14:
                to, cc = (PEOPLE[-1],), ()
            elif chance < 0.2:
                box = "Trash"
            letter = Letter(
                f"m{number}@x", at, sender, to, cc, words, subject, reply_to, seen, box, headers, label if seen else ""
            )
        if not letter.headers:  # what I would answer a machine is another matter
            sent.append(letter)
        yield letter


def world(seed: int) -> World:
    """The world of this seed: always the same one."""
    rng = random.Random(seed)  # noqa: S311  worlds are repeatable, not secret
    made = World(
        zone=rng.choice(ZONES),
        attendance=rng.choice(("strict", "inclusive", "auto")),
        email=rng.choice(("words", "words", "flat")),
        marks=rng.random() < 0.7,
    )
    first = datetime.fromisoformat(rng.choice(WINDOWS))
    answering = rng.choice((0.1, 0.9, 0.6))
    made.meetings = [_meeting(rng, number, first, answering) for number in range(rng.choice((4, 15, 40)))]
    made.letters = list(_letters(rng, first, rng.choice((0, 10, 60)), marks=made.marks))
    if rng.random() < 0.2:  # a day of more reading than a day has
        day = first + timedelta(days=3)
        made.letters += [
            Letter(f"r{n}@x", (day + timedelta(minutes=n)).replace(tzinfo=UTC), PEOPLE[n % 20], (ME[0],), (), 2000,
                   f"volume {n}") for n in range(70)
        ]  # fmt: skip
    for goal in ("launch", "hiring", "people"):
        members = rng.sample(PEOPLE[:14], 4)
        made.people[goal] = dict(zip(members, (0.5, 0.25, 0.2, 0.05), strict=True))
        made.weights[goal] = rng.choice((0.1, 0.2, 0.3))
    return made


def _when(name: str, wall: datetime, zone: str) -> str:
    text = f"{wall:%Y%m%dT%H%M%S}"
    if zone == "UTC":
        return f"{name}:{text}Z"
    return f"{name};TZID={zone}:{text}" if zone else f"{name}:{text}"


def _end(meeting: Meeting, start: datetime, minutes: int, home: str) -> datetime:
    """The wall time that is really so many minutes later."""
    zone = ZoneInfo(meeting.zone or home)
    instant = start.replace(tzinfo=zone).astimezone(UTC) + timedelta(minutes=minutes)
    return instant.astimezone(zone).replace(tzinfo=None)


def _component(meeting: Meeting, times: list[str], extra: list[str], status: str) -> str:
    lines = ["BEGIN:VEVENT", f"UID:{meeting.uid}", f"SUMMARY:{meeting.title}", *times, *extra]
    if meeting.organizer:
        lines.append(f"ORGANIZER:mailto:{meeting.organizer}")
    if meeting.mine is not None:
        lines.append(f"ATTENDEE;PARTSTAT={meeting.mine}:mailto:{meeting.my_address}")
    for guest in meeting.guests:
        kind = f";CUTYPE={guest.kind}" if guest.kind else ""
        lines.append(f"ATTENDEE{kind};PARTSTAT={guest.answer}:mailto:{guest.address}")
    lines += [f"STATUS:{status}"] if status else []
    lines += [f"X-MICROSOFT-CDO-BUSYSTATUS:{meeting.busy}"] if meeting.busy else []
    lines += ["TRANSP:TRANSPARENT"] if meeting.transparent else []
    lines += ["CLASS:PRIVATE"] if meeting.private else []
    return "\r\n".join([*lines, "END:VEVENT", ""])


def vevents(meeting: Meeting, home: str) -> Iterator[str]:
    """The entry and its exceptions."""

    def times(start: datetime, minutes: int) -> list[str]:
        end, zone = _end(meeting, start, minutes, home), ZoneInfo(meeting.zone or home)
        early, late = (end.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
        if meeting.zone and early != late:
            instant = start.replace(tzinfo=zone).astimezone(UTC) + timedelta(minutes=minutes)
            return [_when("DTSTART", start, meeting.zone), _when("DTEND", instant, "UTC")]  # this hour comes twice
        return [_when("DTSTART", start, meeting.zone), _when("DTEND", end, meeting.zone)]

    if meeting.days:
        last = meeting.start + timedelta(days=meeting.days)
        dates = [f"DTSTART;VALUE=DATE:{meeting.start:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"]
        yield _component(meeting, dates, [], meeting.status)
        return
    extra = []
    step = timedelta(0)
    if meeting.series:
        step = timedelta(days=7 if meeting.series[0] == "WEEKLY" else 1)
        extra.append(f"RRULE:FREQ={meeting.series[0]};COUNT={meeting.series[1]}")
        extra += [_when("EXDATE", meeting.start + step * index, meeting.zone) for index in sorted(meeting.excluded)]
    yield _component(meeting, times(meeting.start, meeting.minutes), extra, meeting.status)
    for index, start, minutes in meeting.moved:
        original = _when("RECURRENCE-ID", meeting.start + step * index, meeting.zone)
        yield _component(meeting, times(start, minutes), [original], meeting.status)
    for index in sorted(meeting.cancelled):
        wall = meeting.start + step * index
        original = _when("RECURRENCE-ID", wall, meeting.zone)
        yield _component(meeting, times(wall, meeting.minutes), [original], "CANCELLED")


def body_of(letter: Letter) -> str:
    """Exactly so many words; the first is the letter's own, so that no two letters are a mail merge by accident."""
    if letter.text:
        return letter.text
    own = ["w" + "".join(c for c in letter.key if c.isalnum()) for _ in range(min(1, letter.words))]
    rest = ["word"] * (letter.words - len(own))
    words = own + rest
    return "\n".join(" ".join(words[at : at + 12]) for at in range(0, len(words), 12))


def message(letter: Letter, *, marks: bool) -> str:
    lines = ["From x Tue Sep  1 10:00:00 2026", f"From: {letter.sender}", f"To: {', '.join(letter.to)}"]
    lines += [f"Cc: {', '.join(letter.cc)}"] if letter.cc else []
    lines += [f"Date: {letter.at:%a, %d %b %Y %H:%M:%S +0000}", f"Subject: {letter.subject}"]
    lines += [f"Message-ID: <{letter.key}>"]
    lines += [f"In-Reply-To: <{letter.reply_to}>"] if letter.reply_to else []
    lines += [f"Status: {'RO' if letter.seen else 'O'}"] if marks else []
    lines += [f"X-Gmail-Labels: {letter.label}"] if letter.label else []
    return "\n".join([*lines, *letter.headers, "", body_of(letter), "", ""])


def files(made: World) -> dict[str, str]:
    """Name and content of each file: two calendars and two mailboxes."""
    found = {}
    for calendar in ("Work", "Product"):
        entries = "".join(
            entry for meeting in made.meetings if meeting.calendar == calendar for entry in vevents(meeting, made.zone)
        )
        head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:{calendar}\r\n"
        found[f"{calendar}.ics"] = f"{head}{entries}END:VCALENDAR\r\n"
    for box in ("mail", "Trash"):
        text = "".join(message(letter, marks=made.marks) for letter in made.letters if letter.box == box)
        if text:
            found[f"{box}.mbox"] = text
    return found
