"""An invented half year of one founder, written as ordinary files: a mailbox, a calendar, cards and settings.

Nobody in it exists. The same bytes come out every time. Each person is there so that one section of the weekly report
has something true to say; who is who stands in `CAST`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from amity.demo.cast import AS_OF, CAST, ME, WEEKS, Mail, Meeting, at
from amity.demo.talks import talks

__all__ = ["AS_OF", "write"]

VICTORS_MONTH = 1  # he took more than was agreed in the week before the reported one, and again
PHRASES = (
    "I looked at the numbers again and they hold.", "The draft is in the folder; the second part matters most.",
    "We should settle this before the end of the week.", "Thank you for the quick turn on this one.",
    "The customer asked for two changes, both of them small.", "I moved the date by a day and told the others.",
    "Here is what I would leave out, and why.", "Let us keep it short and decide on Thursday.",
    "The test went well except for the last step.", "I will write the summary and send it round.",
)  # fmt: skip


def write(folder: Path) -> list[Path]:
    """Write the four files into `folder`; returns what there is to import. `amity.toml` is among the files."""
    chance = random.Random(38)  # noqa: S311  a story needs a seed, not a secret
    mails = sorted([*_mails(chance), *talks()], key=lambda mail: (mail.at, mail.number))
    (folder / "mail.mbox").write_text("".join(_mbox(mail, chance) for mail in mails), encoding="utf-8")
    (folder / "calendar.ics").write_text(_calendar(list(_meetings())), encoding="utf-8")
    (folder / "contacts.vcf").write_text("".join(_card(*person) for person in CAST.values()), encoding="utf-8")
    (folder / "amity.toml").write_text(SETTINGS, encoding="utf-8")
    return [folder / "mail.mbox", folder / "calendar.ics", folder / "contacts.vcf"]


def _meetings() -> Iterator[Meeting]:
    """The calendar: series that run the whole time, and what makes the reported week this week."""
    start = WEEKS
    crowd = tuple((f"colleague{i:02d}@amity.example", f"Colleague {i:02d}") for i in range(40))
    weekly = "FREQ=WEEKLY"
    yield Meeting("launch-standup", at(start, 0, 9, 30), 45, "Launch plan", (CAST["ana"], CAST["bo"], CAST["mei"]),
                  rule=weekly)
    yield Meeting("launch-review", at(start, 2, 13), 90, "Launch review", (CAST["ana"], CAST["mei"]), rule=weekly)
    yield Meeting("ana-one", at(start, 3, 10), 60, "Ana / Mika", (CAST["ana"],), rule=weekly)
    yield Meeting("bo-one", at(start, 1, 13), 45, "Bo / Mika", (CAST["bo"],), rule=weekly)
    yield Meeting("hiring", at(start, 1, 15), 60, "Interview debrief", (CAST["sam"],), rule=weekly)
    yield Meeting("noor", at(start, 4, 13), 45, "Interview pipeline", (CAST["noor"], CAST["sam"]), rule=weekly)
    yield Meeting("growth", at(start, 2, 9), 120, "Deep work: writing course", (), rule=weekly)
    yield Meeting("all-hands", at(start, 2, 10), 60, "All hands", crowd, rule=weekly)
    yield Meeting("mum", at(start, 6, 17), 40, "Call home", (CAST["mum"],), rule=weekly)
    for week in range(start, 3, -2):  # a fortnightly habit that stopped
        yield Meeting(f"dana-{week}", at(week, 3, 15), 50, "Fundraise: Dana", (CAST["dana"],))
    yield Meeting("hiro-7", at(7, 0, 11), 45, "Fundraise: Hiro", (CAST["hiro"],))
    yield Meeting("hiro-12", at(12, 0, 11), 45, "Fundraise: Hiro", (CAST["hiro"],))
    for week in range(VICTORS_MONTH, -1, -1):
        yield Meeting(f"victor-{week}", at(week, 1, 10), 90, "Sync", (CAST["victor"],))
        yield Meeting(f"catch-up-{week}", at(week, 0, 16), 45, "Catch-up", (CAST["victor"],))
        yield Meeting(f"ops-{week}", at(week, 4, 9), 60, "Ops", (CAST["victor"],))
    yield Meeting("partners", at(0, 3, 14), 90, "Fundraise: partner meeting",
                  (CAST["bo"], CAST["ines"]))
    yield Meeting("overlap", at(0, 4, 9, 30), 30, "Launch: pricing", (CAST["mei"],))
    yield Meeting("maybe", at(0, 0, 14), 90, "Panel rehearsal", (CAST["omar"],), answer="TENTATIVE")
    yield Meeting("unanswered", at(0, 3, 16), 120, "Vendor pitch", (("sales@vendor.example", "Vendor"),
                  CAST["victor"]), answer="NEEDS-ACTION")
    yield Meeting("fair", at(0, 1, 0), 0, "Trade fair", (), lines=("DAYS:2",))
    yield Meeting("birthday", at(0, 5, 0), 0, "Birthday: Omar", (), lines=("DAYS:1", "TRANSP:TRANSPARENT"))
    yield Meeting("dinner-omar", at(9, 4, 18), 120, "Dinner", (CAST["omar"],))


def _mails(chance: random.Random) -> Iterator[Mail]:
    """The mailbox: conversations at each person's own pace, newsletters, and a robot."""
    number = 0
    pace = {"ana": 4, "bo": 3, "mei": 3, "sam": 2, "noor": 1, "victor": 3}
    for week in range(WEEKS, -1, -1):
        for who, times in pace.items():
            for turn in range(1 if who == "victor" and week > VICTORS_MONTH else times):
                number += 2
                theirs = who == "victor" or chance.random() < 0.5  # noqa: PLR2004  half of the threads are theirs
                topic = {"sam": "Interview notes", "noor": "Interview slots", "victor": "One more thing"}.get(
                    who, "Launch checklist")
                yield from _thread(number, at(week, turn, 10 + turn, chance.randrange(50)), who, theirs=theirs,
                                   subject=f"{topic} {WEEKS - week}.{turn}", chance=chance)
        for issue in range(8):
            number += 1
            yield Mail(at(week, issue % 7, 6, issue), ("news@weekly.example", "The Weekly"), (ME,),
                       f"Issue {WEEKS - week}.{issue}", 400, number,
                       headers=("List-Unsubscribe: <https://weekly.example/off>", "Precedence: bulk"))
    for week in range(WEEKS, 10, -1):  # Lena wrote every week and then hardly
        number += 2
        yield from _thread(number, at(week, 1, 18), "lena", theirs=week % 3 > 0, subject=f"Studio {week}",
                           chance=chance)
    for week in (8, 3):
        number += 2
        yield from _thread(number, at(week, 1, 18), "lena", theirs=True, subject=f"Studio {week}", chance=chance)
    for week in range(WEEKS, -1, -2):  # Priya asks after him; one in five gets an answer
        number += 2
        thread = list(_thread(number, at(week, 3, 20), "priya", theirs=True, subject=f"How are you? {week}",
                              chance=chance))
        yield from thread[: 2 if week % 10 == 0 else 1]
    for week in (25, 21, 20, 12, 9, 2):
        number += 2
        yield from _thread(number, at(week, 5, 12), "omar", theirs=week % 2 == 0, subject=f"Sauna? {week}",
                           chance=chance)
    for week in (20, 16, 12, 7):
        number += 2
        yield from _thread(number, at(week, 2, 9), "hiro", theirs=False, subject=f"Fundraise update {week}",
                           chance=chance)


def _thread(number: int, at: datetime, who: str, *, theirs: bool, subject: str, chance: random.Random
            ) -> Iterator[Mail]:
    """A mail and its answer, a while later."""
    person = CAST[who]
    first, second = (person, ME) if theirs else (ME, person)
    yield Mail(at, first, (second,), subject, 30 + chance.randrange(120), number, asks=True)
    yield Mail(at + timedelta(minutes=20 + chance.randrange(200)), second, (first,), f"Re: {subject}",
               20 + chance.randrange(70), number + 1, answers=number)


def _mbox(mail: Mail, chance: random.Random) -> str:
    sentences: list[str] = []
    while sum(len(sentence.split()) for sentence in sentences) < mail.words:
        sentences.append(chance.choice(PHRASES))
    words = " ".join(sentences).split()[: mail.words]
    body = mail.says or " ".join(words) + (" What do you think?" if mail.asks else "")
    fields = [
        f"From {mail.sender[0]} {mail.at.astimezone(UTC):%a %b %d %H:%M:%S %Y}",
        f"From: {mail.sender[1]} <{mail.sender[0]}>",
        "To: " + ", ".join(f"{name} <{address}>" for address, name in mail.to),
        *([f"Cc: {', '.join(f'{name} <{address}>' for address, name in mail.copies)}"] if mail.copies else []),
        f"Date: {format_datetime(mail.at)}",
        f"Subject: {mail.subject}",
        f"Message-ID: <demo-{mail.number}@amity.example>",
        *([f"In-Reply-To: <demo-{mail.answers}@amity.example>"] if mail.answers else []),
        *mail.headers,
        "Status: RO",
        "Content-Type: text/plain; charset=utf-8",
    ]
    return "\n".join([*fields, "", body, "", ""])


def _calendar(meetings: list[Meeting]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Amity//an invented life//EN", "X-WR-CALNAME:Work"]
    for meeting in meetings:
        lines += ["BEGIN:VEVENT", f"UID:{meeting.uid}@amity.example", f"SUMMARY:{meeting.title}", *_when(meeting)]
        if meeting.rule:
            lines.append(f"RRULE:{meeting.rule}")
        if meeting.others:
            invited = meeting.answer != "ACCEPTED"
            host = meeting.others[0] if invited else ME
            lines.append(f'ORGANIZER;CN="{host[1]}":mailto:{host[0]}')
            lines.append(f'ATTENDEE;CN="{ME[1]}";PARTSTAT={meeting.answer}:mailto:{ME[0]}')
            lines += [f'ATTENDEE;CN="{name}";PARTSTAT=ACCEPTED:mailto:{address}' for address, name in meeting.others]
        lines += [line for line in meeting.lines if not line.startswith("DAYS:")]
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _when(meeting: Meeting) -> list[str]:
    for line in meeting.lines:
        if line.startswith("DAYS:"):
            end = meeting.start + timedelta(days=int(line[5:]))
            return [f"DTSTART;VALUE=DATE:{meeting.start:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"]
    return [f"DTSTART;TZID=Europe/Helsinki:{meeting.start:%Y%m%dT%H%M%S}", f"DURATION:PT{meeting.minutes}M"]


def _card(address: str, name: str) -> str:
    family = {"leena.laine@family.example": "CATEGORIES:Family\r\n"}.get(address, "")
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEMAIL:{address}\r\n{family}END:VCARD\r\n"


SETTINGS = """\
[me]
timezone  = "Europe/Helsinki"
addresses = ["mika@amity.example"]
hours     = "Mon-Fri 09:00-17:30"

[goals.launch]
weight = 0.40
weekly = "10h"
match  = ["launch"]
people = { "ana.ruiz@amity.example" = 0.5, "bo@amity.example" = 0.3, "mei.tan@amity.example" = 0.2 }
public = true

[goals.fundraise]
weight = 0.30
weekly = "6h"
match  = ["fundraise"]
people = { "dana@ortiz-ventures.example" = 0.4, "hiro.sato@harbor.example" = 0.3, "bo@amity.example" = 0.3 }

[goals.hiring]
weight = 0.30
weekly = "2h"
match  = ["interview"]
people = { "sam@people.example" = 0.6, "noor@people.example" = 0.4 }

[goals.growth]
solo   = true
weekly = "4h"
match  = ["deep work"]

[people."hiro.sato@harbor.example"]
every = "30d"

[people."victor@hahn-consult.example"]
max = "1h/week"

[people."leena.laine@family.example"]
protected = true

[people."sam@people.example"]
needs = ["office space"]

[people."mei.tan@amity.example"]
offers = ["office space"]

[tiers.partners]
members = ["ana.ruiz@amity.example", "bo@amity.example", "mei.tan@amity.example"]
offer   = { hours = "Tue,Thu 14:00-17:00", length = "45m", notice = "24h" }

[now]
working_on  = ["Launching in October"]
help_wanted = ["design partners in logistics"]
"""
