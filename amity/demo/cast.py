"""Who is who in the invented life of the demo, and what its mails and meetings are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Helsinki")
MONDAY = datetime(2026, 9, 14, tzinfo=ZONE)  # of the week that the demo reports, 2026-W38
AS_OF = datetime(2026, 9, 20, 23, 50, tzinfo=ZONE)
WEEKS = 26
ME = ("mika@amity.example", "Mika Laine")

CAST = {
    "ana": ("ana.ruiz@amity.example", "Ana Ruiz"),  # key to the launch, every week
    "bo": ("bo@amity.example", "Bo Lindqvist"),  # key to launch and fundraising
    "mei": ("mei.tan@amity.example", "Mei Tan"),  # key to launch
    "dana": ("dana@ortiz-ventures.example", "Dana Ortiz"),  # fundraising; met every fortnight, then silence
    "hiro": ("hiro.sato@harbor.example", "Hiro Sato"),  # fundraising; every month was promised
    "sam": ("sam@people.example", "Sam Okafor"),  # hiring; every week
    "noor": ("noor@people.example", "Noor Haddad"),  # hiring
    "victor": ("victor@hahn-consult.example", "Victor Hahn"),  # no goal, an hour a week agreed, takes more
    "lena": ("lena.k@studio.example", "Lena Kivi"),  # writes first, gets quieter
    "priya": ("priya@friends.example", "Priya Nair"),  # cares, and gets few answers
    "omar": ("omar@bakery.example", "Omar Aziz"),  # irregular friend: long gaps are normal
    "mum": ("leena.laine@family.example", "Leena Laine"),  # family, protected
    "ines": ("ines@harbor.example", "Inês Prado"),  # Bo brought her; her answer is waited for
    "tomas": ("tomas.berg@meetup.example", "Tomas Berg"),  # a stranger; his question is open
    "greta": ("greta.holm@school.example", "Greta Holm"),  # asked for a talk, and got a no
    "yusuf": ("yusuf.demir@logistics.example", "Yusuf Demir"),  # who knows about customs
}


class Mail(NamedTuple):
    """One mail on its way into the mailbox."""

    at: datetime
    sender: tuple[str, str]
    to: tuple[tuple[str, str], ...]
    subject: str
    words: int
    number: int
    answers: int = 0
    headers: tuple[str, ...] = ()
    asks: bool = False
    says: str = ""  # instead of invented sentences
    copies: tuple[tuple[str, str], ...] = ()


class Meeting(NamedTuple):
    """One calendar entry; `rule` makes it a series."""

    uid: str
    start: datetime
    minutes: int
    title: str
    others: tuple[tuple[str, str], ...]
    answer: str = "ACCEPTED"
    rule: str = ""
    lines: tuple[str, ...] = ()


def at(week: int, weekday: int, hour: int, minute: int = 0) -> datetime:
    """A local time `week` weeks before the reported one."""
    day = (MONDAY - timedelta(weeks=week)).date() + timedelta(days=weekday)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
