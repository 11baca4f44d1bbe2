"""The stage of a planted world: its owner, its people, and its clock, all from one seed."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.world.prose import FIRST, LAST, TONGUES, Tongue
from tests.world.values import Mail, Meeting, Style, Truth, Who

DAYS = 7 * 78  # a year and a half
ZONES = (
    "Europe/Helsinki",
    "America/New_York",
    "Asia/Kolkata",
    "Europe/London",
    "Australia/Sydney",
    "America/Sao_Paulo",
)
# Both changes of clocks and a new year lie shortly before some of them.
ENDS = (
    "2026-09-20T18:00",
    "2026-03-31T09:10",
    "2026-11-06T22:30",
    "2027-01-08T12:00",
    "2026-06-24T07:45",
    "2026-10-27T16:20",
    "2026-12-30T20:00",
)
DOMAINS = ("mail.example", "post.example", "corp.example", "studio.example", "uni.example", "works.example")


class Stage:
    """A world while it is being made. `days` count back from the end, at the wall clock of the owner."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311  a story needs a seed, not a secret
        self.zone = ZoneInfo(self.chance.choice(ZONES))
        self.end = datetime.fromisoformat(self.chance.choice(ENDS)).replace(tzinfo=self.zone)
        self.home_tongue = self.chance.choice(("en", "en", "en", "de", "fi", "fr", "es"))
        self.people: list[Who] = []
        self.mails: list[Mail] = []
        self.meetings: list[Meeting] = []
        self.away: list[tuple[datetime, datetime]] = []
        self.goals: dict[str, dict[str, object]] = {}
        self.tiers: dict[str, dict[str, object]] = {}
        self.wishes: dict[str, dict[str, object]] = {}  # [people.…]
        self._names = [(first, last) for first in FIRST for last in LAST]
        self.chance.shuffle(self._names)
        self._taken: set[str] = set()
        self._slots: set[datetime] = set()
        first, last = self._fresh_name()
        self.me = Who(f"{first} {last}", [f"{_plain(first)}@amity-owner.example"], self.home_tongue, self._style())
        if self.me.style.references == "none":  # of the owner, mail programs of this century know what they answer
            self.me.style = replace(self.me.style, references="parent")
        if self.chance.random() < 0.5:
            self.me.addresses.append(f"{_plain(first)}.{_plain(last)}@corp-owner.example")
        dates = tuple(self.at(days, 21) for days in (63, 182))
        self.truth = Truth(tuple(self.me.addresses), str(self.zone), self.end, dates)

    # who

    def _fresh_name(self) -> tuple[str, str]:
        """First and last names that nobody else here has: who is who is tested where it is meant to be."""
        for first, last in self._names:
            if first not in self._taken and last not in self._taken:
                self._taken |= {first, last}
                return first, last
        first, last = self._names.pop()
        return first, last

    def _style(self) -> Style:
        choose = self.chance.choice
        return Style(
            choose(("top", "top", "bottom", "outlook", "none")),
            choose(("all", "all", "all", "parent", "none")),
            choose(("8bit", "8bit", "quoted-printable", "base64")),
            self.chance.random() < 0.3,
            choose(("Re: ", "Re: ", "RE: ", "AW: ", "Sv: ")),
            choose(("", "", "Tel. +358 40 123 4567", "Sent from my phone", "www.example.org")),
        )

    def who(self, archetype: str, domain: str = "", name: str = "", tongue: str = "", title: str = "") -> Who:
        """Somebody new, in the cast under `archetype`."""
        first, last = name.split(" ", 1) if name else self._fresh_name()
        local = self.chance.choice((f"{_plain(first)}.{_plain(last)}", f"{_plain(first)[0]}{_plain(last)}"))
        address = f"{local}@{domain or self.chance.choice(DOMAINS)}"
        if any(address in one.addresses for one in self.people):
            address = address.replace("@", "2@")
        tongue = tongue or self.chance.choice((self.home_tongue, self.home_tongue, "en", *TONGUES))
        one = Who(f"{first} {last}", [address], tongue, self._style(), title=title)
        one.card = self.chance.random() < 0.8
        self.people.append(one)
        self.truth.cast.setdefault(archetype, []).append(address)
        return one

    def several(self, archetype: str, least: int, most: int, domain: str = "") -> list[Who]:
        return [self.who(archetype, domain) for _ in range(self.chance.randint(least, most))]

    def tongue(self, who: Who) -> Tongue:
        return TONGUES[who.language]

    # when

    def at(self, days: float, hour: int | None = None, minute: int | None = None) -> datetime:
        """So many days before the end (negative: after it); without `hour` at that fraction of a day."""
        moment = (self.end - timedelta(days=days)) if days >= 0 else self.end + timedelta(days=-days)
        if hour is None:
            return moment
        wall = time(hour, self.chance.randrange(60) if minute is None else minute)
        return datetime.combine(moment.date(), wall, self.zone)

    def workday(self, days: float, hour: int | None = None, minute: int | None = None) -> datetime:
        """The same, on the nearest earlier day of work."""
        moment = self.at(days, self.chance.randint(9, 16) if hour is None else hour, minute)
        while moment.weekday() > 4:
            moment -= timedelta(days=1)
        return moment

    def slot(self, days: float) -> datetime | None:
        """A free time of two hours outside the hours of all others, on that day or the nearest one; None if away."""
        for shift in (0, 1, -1, 2, -2):
            hours = [6, 17, 19, 21]
            self.chance.shuffle(hours)
            for hour in hours:
                moment = self.at(max(0.0, days + shift), hour, 0)
                is_free = moment not in self._slots and not (hour == 6 and moment.weekday() == 2)
                if is_free and not self.is_away(moment) and moment < self.end - timedelta(hours=2):
                    self._slots.add(moment)
                    return moment
        return None

    def monday(self, weeks: int) -> date:
        """Of the ISO week so many before the one of the end."""
        return (self.end - timedelta(days=self.end.weekday(), weeks=weeks)).date()

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone)

    def is_away(self, moment: datetime) -> bool:
        return any(start <= moment < end for start, end in self.away)

    def away_days(self, since: datetime, until: datetime) -> float:
        spans = [(max(start, since), min(end, until)) for start, end in self.away]
        return sum(max(0.0, (end - start) / timedelta(days=1)) for start, end in spans)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("'", ""))
    return "".join(char for char in decomposed if char.isascii() and char.isalnum()) or "x"
