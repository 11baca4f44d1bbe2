"""The plot of a planted world: what planters write into, in the words of a story (`exchange`, `meet`, `keep_up`)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.world.prose import FIRST, LAST, TONGUES, WORK, Tongue
from tests.world.values import Expectation, Guest, Mail, Meeting, Style, Truth, Who

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
YES_TIMES, NO_TIMES = 1.9, 1.25  # times the rhythm: from where any reader calls a silence long, until where nobody does


class Plot:
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

    # what

    def mail(
        self,
        at: datetime,
        sender: Who,
        to: Sequence[Who],
        subject: str,
        text: str,
        *,
        answers: Mail | None = None,
        cc: Sequence[Who] = (),
        headers: Iterable[str] = (),
        seen: bool = True,
    ) -> Mail:
        """One mail; an answer takes the subject of what it answers."""
        style = sender.style
        if answers is not None:
            bare = answers.subject
            while ": " in bare[:6]:
                bare = bare.split(": ", 1)[1]
            subject = style.prefix + bare
        one = Mail(
            len(self.mails) + 1, at, self._box(sender, at), [self._box(who, at) for who in to],
            [self._box(who, at) for who in cc], subject, text, style, answers, list(headers), seen, sender is self.me,
        )  # fmt: skip
        self.mails.append(one)
        return one

    def _box(self, who: Who, at: datetime) -> tuple[str, str]:
        """Who has two addresses wrote from the second one until a year ago; the owner uses either."""
        if len(who.addresses) < 2:
            return who.addresses[0], who.name
        if who is self.me:
            return who.addresses[at.toordinal() % 7 == 0], who.name
        return who.addresses[at < self.at(260)], who.name

    def text(self, who: Who, to: Who, *intents: str, words: int = 0) -> str:
        """Sentences in the language of the talk: each intent a field of `Tongue`; `words` at least."""
        tongue = TONGUES[to.language if who is self.me else who.language]
        first = to.name.split()[0]
        said = [self.chance.choice(getattr(tongue, intent)) for intent in intents]
        fill: list[str] = []
        while sum(len(part.split()) for part in (*said, *fill)) < words:
            fill.append(self.chance.choice(tongue.says))
        body = " ".join([*fill, *said])
        if words == 0:
            return body
        return f"{tongue.hello.format(name=first)}\n\n{body}\n\n{tongue.bye}\n{who.name.split()[0]}"

    def subject(self, who: Who, *, work: bool = False) -> str:
        number = len(self.mails)
        if work:
            return f"{self.chance.choice(WORK)} {number}"
        return f"{self.chance.choice(self.tongue(who).chats)} {number}"

    def exchange(
        self,
        at: datetime,
        who: Who,
        *,
        theirs: bool,
        turns: int = 2,
        subject: str = "",
        work: bool = False,
        hours: tuple[float, float] = (0.3, 5.0),
        cc: Sequence[Who] = (),
    ) -> list[Mail]:
        """A talk of `turns` mails in turn, begun by them or by the owner; each but the last asks something."""
        subject = subject or self.subject(who, work=work)
        found: list[Mail] = []
        for turn in range(turns):
            sender, to = (who, self.me) if theirs == (turn % 2 == 0) else (self.me, who)
            last = turn == turns - 1
            words = self.chance.randint(18, 140) if turn < 2 else self.chance.randint(12, 60)
            intents = () if last and turns > 1 else ("questions",)
            text = self.text(sender, to, *intents, words=words)
            found.append(self.mail(at, sender, [to], subject, text, answers=found[-1] if found else None, cc=cc))
            at += timedelta(hours=self.chance.uniform(*hours))
            if at > self.end:
                break
        return found

    def meet(
        self,
        at: datetime,
        minutes: int,
        title: str,
        guests: Sequence[Who | Guest],
        *,
        mine: str = "ACCEPTED",
        organizer: Who | None = None,
        rule: str = "",
        lines: Iterable[str] = (),
        calendar: str = "Work",
    ) -> Meeting:
        listed = [one if isinstance(one, Guest) else Guest(*self._box(one, at)) for one in guests]
        one = Meeting(
            f"e{len(self.meetings) + 1}-{self.seed}@planted.example", at, minutes, title, listed, mine,
            None if organizer is None else self._box(organizer, at), rule, lines=list(lines), calendar=calendar,
        )  # fmt: skip
        self.meetings.append(one)
        return one

    def all_day(self, day: date, days: int, title: str, *lines: str) -> Meeting:
        one = self.meet(self.on(day, 0), 0, title, [], lines=lines)
        one.days = days
        return one

    def touch(self, who: Who, at: datetime, how: str = "") -> None:
        """One two-way contact: a talk by mail, or an hour together."""
        how = how or self.chance.choice(("mail", "mail", "meeting"))
        if how == "dinner":  # with others, never the same ones
            guests = [Guest(f"guest{len(self.meetings)}.{number}@table.example", "") for number in range(3)]
            self.meet(at, 120, "Dinner", [who, *guests])
        elif how == "news":  # a mail of mine that asks for nothing
            self.mail(at, self.me, [who], self.subject(who), self.text(self.me, who, words=40))
        elif how == "meeting":
            minutes = self.chance.choice((30, 45, 60, 90))
            self.meet(at, minutes, f"{who.name.split()[0]} / {self.me.name.split()[0]}", [who])
        else:
            turns = self.chance.choice((2, 2, 3))
            self.exchange(at, who, theirs=self.chance.random() < 0.5, turns=turns)

    def keep_up(
        self, who: Who, tau: float, last: float, *, jitter: float = 0.12, since: float = DAYS - 20, how: str = ""
    ) -> list[float]:
        """Contacts every `tau` days, the last one `last` days ago; those that fall into days away do not happen."""
        found = []
        days = last
        while days < since:
            moment = self.at(days)
            hour = min(max(moment.hour, 9), 17)
            if days > last:  # the last one stands to the minute; it decides
                moment = moment.replace(hour=hour)
            if not self.is_away(moment):
                self.touch(who, moment, how)
                found.append(days)
            days += tau * max(0.6, 1 + self.chance.gauss(0, jitter))
        return found

    def keep_meeting(self, who: Who, weeks: int, last: float) -> list[float]:
        """A series of two that ended: its last occurrence so many days ago, none in days away."""
        end = self.at(last).replace(hour=12, minute=0, second=0)
        count = (DAYS - 30) // (7 * weeks)
        days = [end.date() - timedelta(weeks=weeks * number) for number in range(count)]
        moments = [self.on(day, 12) for day in reversed(days)]
        until = f"{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        series = self.meet(moments[0], 30, f"Coffee with {who.name.split()[0]}", [who],
                           rule=f"FREQ=WEEKLY;INTERVAL={weeks};UNTIL={until}")  # fmt: skip
        series.dropped = [moment for moment in moments if self.is_away(moment)]
        return [(self.end - moment) / timedelta(days=1) for moment in moments if not self.is_away(moment)]

    # truth

    def expect(self, judgement: str, who: Who, *, verdict: bool, archetype: str, at: datetime | None = None) -> None:
        self.truth.expectations.append(Expectation(judgement, who.address, at or self.end, verdict, archetype))

    def expect_always(self, judgement: str, who: Who, *, verdict: bool, archetype: str) -> None:
        for at in (self.end, *self.truth.dates):
            self.expect(judgement, who, verdict=verdict, archetype=archetype, at=at)

    def expect_rhythm(self, who: Who, tau: float, touches: Sequence[float], archetype: str) -> None:
        """Whether the silence at each date is long, beside the rhythm that was planted; days away do not count."""
        for at in (self.end, *self.truth.dates):
            before = [days for days in touches if self.at(days) <= at]
            if not before:
                continue
            last = self.at(min(before))
            silent = (at - last) / timedelta(days=1) - self.away_days(last, at)
            if silent <= NO_TIMES * tau:
                self.expect("neglected", who, verdict=False, archetype=archetype, at=at)
            elif silent >= YES_TIMES * tau and silent >= tau + 6 and len(before) >= 7:
                self.expect("neglected", who, verdict=True, archetype=archetype, at=at)

    def silence_of(self, times: float, tau: float) -> float:
        """The days since a last contact that make a silence of `times` the rhythm, days away not counted."""
        days = times * tau
        for _ in range(4):
            days = times * tau + self.away_days(self.at(days), self.end)
        while self.is_away(self.at(days)):
            days += 1
        return days


def _plain(name: str) -> str:
    import unicodedata  # noqa: PLC0415  used once

    decomposed = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace("'", ""))
    return "".join(char for char in decomposed if char.isascii() and char.isalnum()) or "x"
