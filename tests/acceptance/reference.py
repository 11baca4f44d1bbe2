"""F1, F2, F3, F4 and F11 read again from their text: slow, minute by minute, and sharing no code with the program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from tests.acceptance.worlds import ME, Guest, Letter, Meeting, World

BROADCAST, GROUP, UNASSIGNED = "(broadcast)", "(group)", "unassigned"
MINUTE = timedelta(minutes=1)
ACCEPTED, TENTATIVE, SILENT = 1, 2, 3
WORDS = {"launch": "launch", "hiring": "hiring", "deep": "growth"}
Cell = tuple[date, str, str, str]  # day, person, goal, channel


@dataclass(slots=True)
class Occurrence:
    meeting: Meeting
    start: datetime
    end: datetime
    cancelled: bool = False
    why: str = ""
    whys: list[str] = field(default_factory=list)
    tier: int = 0
    with_whom: list[str] = field(default_factory=list)
    minutes: defaultdict[date, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def clock(self) -> float:
        return sum(self.minutes.values())


@dataclass(slots=True)
class Answer:
    """What the program has to say about a world at a moment; minutes."""

    occurrences: list[Occurrence]
    letters: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    attributed: defaultdict[Cell, float] = field(default_factory=lambda: defaultdict(float))
    face: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    clock: defaultdict[tuple[date, str, str], float] = field(default_factory=lambda: defaultdict(float))
    multitasking: float = 0.0
    solo: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def totals(self) -> dict[str, float]:
        channel: defaultdict[str, float] = defaultdict(float)
        for (_, _, name), minutes in self.clock.items():
            channel[name] += minutes
        broadcast = sum(minutes for (_, person, _, _), minutes in self.attributed.items() if person == BROADCAST)
        attributed = sum(self.attributed.values()) - broadcast
        return {
            "clock_minutes": channel["meeting"] + channel["mail"] + channel["solo"],
            "meeting_minutes": channel["meeting"],
            "mail_minutes": channel["mail"],
            "solo_minutes": channel["solo"],
            "attributed_minutes": attributed,
            "broadcast_minutes": broadcast,
            "multitasking_minutes": self.multitasking,
        }


def occurrences(meeting: Meeting, home: str) -> Iterator[Occurrence]:
    zone = ZoneInfo(meeting.zone or home)

    def at(wall: datetime) -> datetime:
        return wall.replace(tzinfo=zone).astimezone(UTC)

    if meeting.days:
        yield Occurrence(meeting, at(meeting.start), at(meeting.start + timedelta(days=meeting.days)))
        return
    freq, count = meeting.series or ("DAILY", 1)
    moved = {index: (start, minutes) for index, start, minutes in meeting.moved}
    for index in range(count):
        if index in meeting.excluded:
            continue
        wall = meeting.start + index * timedelta(days=7 if freq == "WEEKLY" else 1)
        start, minutes = moved.get(index, (wall, meeting.minutes))
        found = Occurrence(meeting, at(start), at(start) + minutes * MINUTE)
        if index in meeting.cancelled:
            found.cancelled = True
        yield found


def _participants(meeting: Meeting) -> tuple[list[str], int]:
    """Who takes part beside me, and how many humans were invited."""
    guests = [guest for guest in meeting.guests if guest.address not in ME]
    listed = {guest.address for guest in meeting.guests}
    if meeting.organizer and meeting.organizer not in ME and meeting.organizer not in listed:
        guests.append(Guest(meeting.organizer))
    humans = [guest for guest in guests if not guest.kind]
    coming = [guest for guest in humans if guest.answer != "DECLINED"]
    if len(humans) >= 9:
        coming = [guest for guest in humans if guest.answer == "ACCEPTED" or guest.address == meeting.organizer]
        coming = [guest for guest in coming if guest.answer != "DECLINED"]
    groups = [GROUP for guest in guests if guest.kind == "GROUP"]
    return [guest.address for guest in coming] + groups, len(humans)


def _is_mine(meeting: Meeting) -> bool:
    return meeting.mine is not None or meeting.organizer in ME or not (meeting.guests or meeting.organizer)


def _evidence(meeting: Meeting) -> int:
    """The tier of my own answer; 0 when I declined."""
    if meeting.mine == "DECLINED":
        return 0
    if meeting.mine == "ACCEPTED":
        return ACCEPTED
    if meeting.status == "TENTATIVE" or meeting.busy == "TENTATIVE" or meeting.mine == "TENTATIVE":
        return TENTATIVE
    return ACCEPTED if meeting.organizer in ME else SILENT


def is_away(meeting: Meeting) -> bool:
    return meeting.busy == "OOF" and meeting.status != "CANCELLED" and meeting.mine != "DECLINED"


def judge(found: Occurrence, policy: str) -> None:
    """F1: all the reasons for which it earns nothing; its tier and company.

    The text does not rank the reasons, so `why` is the first of them here and `whys` holds each that would do.
    """
    meeting, length = found.meeting, found.end - found.start
    found.with_whom, _ = _participants(meeting)
    found.tier = evidence = _evidence(meeting)
    unanswered = policy == "inclusive" or (policy == "small" and len(found.with_whom) <= 2)
    rules = {
        "cancelled": found.cancelled or meeting.status == "CANCELLED",
        "ooo": meeting.busy == "OOF",
        "not_mine": not _is_mine(meeting),
        "all_day": bool(meeting.days) or length >= timedelta(hours=24),
        "gt_8h": length > timedelta(hours=8),
        "show_as_free": meeting.transparent or meeting.busy in {"FREE", "WORKINGELSEWHERE"},
        "declined": not evidence,
        "solo": not found.with_whom,
        "uncertain:tentative": evidence == TENTATIVE and policy != "inclusive",
        "uncertain:needsAction": evidence == SILENT and not unanswered,
    }
    found.whys = [reason for reason, hit in rules.items() if hit]
    found.why = found.whys[0] if found.whys else ""
    if found.why == "solo":  # what is left of it is a block of my own, and may lie in my absence
        found.whys = ["solo", "ooo", "outranked"]


def answer_rates(found: list[Occurrence], now: datetime) -> set[float]:
    """My rate of answers to past invitations, counted in each way that the text allows."""
    return {
        rate
        for each, begun, kept, hinted in product((True, False), repeat=4)
        for rate in [_rate(found, now, each=each, begun=begun, kept=kept, hinted=hinted)]
        if rate is not None
    }


def _rate(
    found: list[Occurrence], now: datetime, *, each: bool, begun: bool, kept: bool, hinted: bool
) -> float | None:
    """Every occurrence or a series once; past when begun or ended; all or only what may count; hints as answers."""
    answers: dict[object, bool] = {}
    for one in found:
        meeting = one.meeting
        if meeting.mine is None or meeting.organizer in ME or (one.start if begun else one.end) > now:
            continue
        if kept and one.why in {"cancelled", "all_day", "gt_8h", "show_as_free"}:
            continue
        said = meeting.mine != "NEEDS-ACTION" or (hinted and _evidence(meeting) == TENTATIVE)
        answers[(meeting.uid, one.start) if each else meeting.uid] = said
    return sum(answers.values()) / len(answers) if answers else None


def _title_goal(title: str) -> str:
    return next((goal for word, goal in WORDS.items() if word in title.lower().split()), "")


def _by_people(made: World, shares: dict[str, float]) -> dict[str, float]:
    """Each participant's share, split over his goals by weight x membership."""
    goals: defaultdict[str, float] = defaultdict(float)
    for person, share in shares.items():
        pull = {goal: made.weights[goal] * who[person] for goal, who in made.people.items() if person in who}
        for goal, weight in pull.items():
            goals[goal] += share * weight / sum(pull.values())
        if not pull:
            goals[UNASSIGNED] += share
    return dict(goals)


def meeting_goals(made: World, found: Occurrence) -> dict[str, dict[str, float]]:
    """Per participant the goals of the whole: they add up to 1 for each."""
    n = len(found.with_whom)
    fixed = "hiring" if found.meeting.calendar == "Product" else _title_goal(found.meeting.title)
    if fixed and fixed != "growth":
        return {who: {fixed: 1.0} for who in found.with_whom}
    if n > 8:
        return {who: {UNASSIGNED: 1.0} for who in found.with_whom}
    return {who: _by_people(made, {who: 1.0}) for who in found.with_whom}


class Reckoning:
    """One world, counted at one moment."""

    def __init__(self, made: World, now: datetime) -> None:
        self.made, self.now, self.zone = made, now, ZoneInfo(made.zone)
        found = [one for meeting in made.meetings for one in occurrences(meeting, made.zone)]
        self.answer = Answer(found)
        for one in found:
            judge(one, "strict")
        rates = answer_rates(found, now)
        self.clear = len({rate < 0.5 for rate in rates}) < 2  # else the text does not say what auto does
        small = made.attendance == "auto" and bool(rates) and max(rates) < 0.5
        for one in found:
            judge(one, "small" if small else made.attendance)
        self.busy: set[datetime] = set()
        self._meetings()
        self._mail()

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _meetings(self) -> None:
        on: dict[datetime, list[Occurrence]] = defaultdict(list)
        away: set[datetime] = set()
        for one in self.answer.occurrences:
            at, end = one.start, min(one.end, self.now)
            candidate = not one.why or one.why == "solo" or (one.why == "ooo" and is_away(one.meeting))
            while candidate and at < end:
                if one.why == "ooo":
                    away.add(at)
                else:
                    on[at].append(one)
                at += MINUTE
        for at, there in on.items():
            if at in away:
                continue
            people = [one for one in there if not one.why]
            if people:
                best = min(one.tier for one in people)
                winners = [one for one in people if one.tier == best]
                self.busy.add(at)
            else:
                winners = [one for one in there if _title_goal(one.meeting.title) == "growth"]
            for one in winners:
                one.minutes[self._day(at)] += 1 / len(winners)
        for one in self.answer.occurrences:
            self._share(one)

    def _share(self, one: Occurrence) -> None:
        answer = self.answer
        if one.why == "solo":
            for day, minutes in one.minutes.items():
                answer.clock[day, "growth", "solo"] += minutes
            return
        n, goals = len(one.with_whom), meeting_goals(self.made, one)
        for day, minutes in one.minutes.items():
            for who in one.with_whom:
                person = who if n <= 18 else BROADCAST
                for goal, share in goals[who].items():
                    answer.clock[day, goal, "meeting"] += minutes * share / n
                    answer.attributed[day, person, goal, "meeting"] += minutes * share / n
                if n <= 18:
                    answer.face[who] += minutes

    def _mail(self) -> None:
        letters = [letter for letter in self.made.letters if letter.at <= self.now]
        by_key = {letter.key: letter for letter in letters}
        last: datetime | None = None
        for letter in sorted(letters, key=lambda one: one.at):
            if letter.sender in ME:
                self._written(letter, last, by_key)
                last = letter.at
        self._read(letters, by_key)

    def _written(self, letter: Letter, last: datetime | None, by_key: dict[str, Letter]) -> None:
        seconds = 300.0 if self.made.email == "flat" else min(1200.0, max(30.0, 60 * letter.words / 19))
        if last is not None:
            seconds = min(seconds, (letter.at - last).total_seconds())
        per_day: defaultdict[date, float] = defaultdict(float)
        at = letter.at - timedelta(seconds=seconds)
        while at < letter.at:
            minute = at.replace(second=0, microsecond=0)
            upto = min(letter.at, minute + MINUTE)
            length = (upto - at).total_seconds() / 60
            if minute in self.busy:
                self.answer.multitasking += length
            else:
                per_day[self._day(at)] += length
            at = upto
        to = list(dict.fromkeys(who for who in letter.to if who not in ME))
        weights = dict.fromkeys(to, 1.0)
        for who in letter.cc:
            if who not in ME:
                weights.setdefault(who, 0.25)
        whole = sum(weights.values())
        shares = {who: weight / whole for who, weight in weights.items()}
        self._post(letter, per_day, shares, by_key)

    def _read(self, letters: list[Letter], by_key: dict[str, Letter]) -> None:
        answered = {letter.reply_to for letter in letters if letter.sender in ME}
        reading: dict[date, dict[str, float]] = defaultdict(dict)
        for letter in letters:
            if letter.sender in ME:
                continue
            read = (letter.seen if self.made.marks else letter.box != "Trash") or letter.key in answered
            if any(line.startswith("List-") for line in letter.headers):
                self.answer.reasons[letter.key] = "bulk"
            elif letter.headers:
                self.answer.reasons[letter.key] = "automatic"
            elif not read or not set(ME) & {*letter.to, *letter.cc}:
                self.answer.reasons[letter.key] = ""
            else:
                seconds = 87.2 if self.made.email == "flat" else min(300.0, 58 + 60 * letter.words / 238)
                reading[self._day(letter.at)][letter.key] = seconds / 60
        for day, found in reading.items():
            scale = min(1.0, 240 / sum(found.values()))
            for key, minutes in found.items():
                letter = by_key[key]
                self._post(letter, defaultdict(float, {day: minutes * scale}), {letter.sender: 1.0}, by_key)

    def _post(
        self, letter: Letter, per_day: defaultdict[date, float], shares: dict[str, float], by_key: dict[str, Letter]
    ) -> None:
        answer = self.answer
        answer.letters[letter.key] = sum(per_day.values())
        fixed = self._letter_goal(letter, by_key)
        for day, minutes in per_day.items():
            if not shares:
                answer.clock[day, fixed or UNASSIGNED, "solo"] += minutes
                continue
            for who, share in shares.items():
                person = who if len(shares) <= 18 else BROADCAST
                goals = {fixed: 1.0} if fixed else _by_people(self.made, {who: 1.0})
                if not fixed and len(shares) > 8:
                    goals = {UNASSIGNED: 1.0}
                for goal, part in goals.items():
                    answer.clock[day, goal, "mail"] += minutes * share * part
                    answer.attributed[day, person, goal, "mail"] += minutes * share * part

    def _letter_goal(self, letter: Letter, by_key: dict[str, Letter]) -> str:
        """Label, then title, then what its thread was about first, as far as it had come."""
        if own := _own_goal(letter):
            return own
        if letter.reply_to not in by_key:
            return ""
        root = _root(letter, by_key)
        thread = [one for one in by_key.values() if one.at <= letter.at and _root(one, by_key) == root]
        return next((goal for one in sorted(thread, key=lambda one: one.at) if (goal := _own_goal(one))), "")


def _own_goal(letter: Letter) -> str:
    return "launch" if letter.label else _title_goal(letter.subject)


def _root(letter: Letter, by_key: dict[str, Letter]) -> str:
    while letter.reply_to in by_key:
        letter = by_key[letter.reply_to]
    return letter.key


def reckon(made: World, now: datetime) -> tuple[Answer, bool]:
    """The answer, and whether the text decides it (auto attendance may hang on how invitations are counted)."""
    reckoning = Reckoning(made, now)
    return reckoning.answer, reckoning.clear or made.attendance != "auto"
