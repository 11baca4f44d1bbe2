"""The plot of a planted world: what planters write into, in the words of a story (`exchange`, `meet`, `keep_up`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from tests.world.prose import TONGUES, WORK
from tests.world.stage import DAYS, Stage
from tests.world.values import Expectation, Guest, Mail, Meeting, Who

YES_TIMES, NO_TIMES = 1.9, 1.25  # times the rhythm: from where any reader calls a silence long, until where nobody does


class Plot(Stage):
    """Everything that happens on the stage, and what a reader of all of it would say."""

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
