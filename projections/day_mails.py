"""The mails of some days: loaded together, then entered day by day (F4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import msgspec

from projections import counting
from projections import day as pure
from projections.attribution import MEANINGFUL
from projections.day import Held
from projections.goals import Assignment, Subject, assign
from projections.intervals import Span
from projections.mailtime import Send, Writing, read_seconds, recipient_shares
from projections.schema import BROADCAST, NOBODY, UNASSIGNED
from projections.store import REACH_MS
from projections.work import NO_REPLY, Day, Work

FEW = 3  # recipients: my mail to so many keeps in touch with each of them (F6)
OWN_RULES = frozenset({"mark", "label", "title"})
FROM = "FROM message m LEFT JOIN message p ON p.id = m.answers AND m.answers <> 0"
_MAILS = f"""
SELECT m.id, m.at_ms, m.day, m.direction = 'out', m.sender, m.subject, m.words, m.body, m.kind, m.to_me, m.recipients,
    m.answers, m.answered_ms, m.labels, c.others, m.seen, m.boxes, m.actor, m.is_reply, m.thread, m.position,
    m.counted, m.reason, m.minutes, m.multitasking, m.goal, p.direction = 'out', p.sender, p.at_ms
{FROM} JOIN circle c ON c.id = m.circle
WHERE m.day BETWEEN ? AND ? AND m.at_ms < ? AND {{which}} ORDER BY m.day, m.at_ms, m.id"""
# Bulk and automatic mail has its reason from the start; it is looked at again where somebody answered.
OPEN = f"""(m.kind = '' OR m.direction = 'out' OR m.answered_ms IS NOT NULL OR p.direction = 'out'
    OR m.reason NOT IN ({", ".join(f"'{reason}'" for reason in sorted(set(counting.REASONS.values())))}))"""
_THREADS = """
SELECT thread, id, coalesce(at_ms, 0), subject, labels FROM message
WHERE thread IN (SELECT value FROM json_each(?)) AND kind = '' ORDER BY thread, at_ms, id"""


class _Mail(msgspec.Struct, gc=False):
    id: int
    at_ms: int
    day: int
    out: bool
    sender: int
    subject: str
    words: int
    body: str
    kind: str
    to_me: bool
    recipients: int
    answers: int
    answered_ms: int | None
    labels: str
    others: str
    seen: int
    boxes: int
    actor: bool
    is_reply: bool
    thread: int
    position: int
    counted: bool
    reason: str
    minutes: float
    multitasking: float
    goal: str
    parent_out: bool | None
    parent_sender: int | None
    parent_ms: int | None


class Mails:
    """The mails of the days `first` to `last`, and my mails just before and after; none of at or after `until_ms`."""

    def __init__(self, work: Work, first: int, last: int, until_ms: int) -> None:
        self._work = work
        self._until_ms = until_ms
        self._model = work.rules.email
        self._by_day: dict[int, list[_Mail]] = {}
        self._sends: list[_Mail] = []
        rows = work.db.execute(_MAILS.format(which=OPEN), (first, last, until_ms)).fetchall()
        for edge in (first - 1, last + 1):
            rows += work.db.execute(_MAILS.format(which="m.direction = 'out'"), (edge, edge, until_ms)).fetchall()
        for row in rows:
            mail = _Mail(*row)
            self._by_day.setdefault(mail.day, []).append(mail)
            if mail.out and not self._sent_reason(mail):
                self._sends.append(mail)
        self._sends.sort(key=lambda mail: (mail.at_ms, mail.id))
        self._send_times = [mail.at_ms for mail in self._sends]
        self._own_goals: dict[tuple[str, str, str, bool], Assignment] = {}
        self._thread_goals: dict[int, tuple[int, Mapping[str, float]]] = {}
        if work.rules.goals:
            self._load_threads({mail.thread for mails in self._by_day.values() for mail in mails if mail.is_reply})

    def _load_threads(self, threads: set[int]) -> None:
        """What each thread's first mail with a goal of its own got, and when."""
        among = msgspec.json.encode(sorted(threads)).decode()
        for thread, id_, at_ms, subject, labels in self._work.db.execute(_THREADS, (among,)):
            if thread not in self._thread_goals:
                found = self._own_goal(id_, subject, labels)
                if found.source in OWN_RULES:
                    self._thread_goals[thread] = at_ms, found.shares

    def _own_goal(self, id_: int, subject: str, labels: str, *, alone: bool = False) -> Assignment:
        """The goal by mark, label or title; subjects repeat, so each is looked at once."""
        word = self._work.marks.get(id_, "")
        mark = word.removeprefix("goal=") if word.startswith("goal=") else ""
        key = (subject, labels, mark, alone)
        found = self._own_goals.get(key)
        if found is None:
            found = assign(self._work.book, Subject(subject, "", _list(labels), mark, alone=alone))
            self._own_goals[key] = found
        return found

    def _goal(self, mail: _Mail, people: Mapping[int, float], *, alone: bool = False) -> Assignment:
        if not self._work.rules.goals:
            return _UNASSIGNED
        own = self._own_goal(mail.id, mail.subject, mail.labels, alone=alone)
        if own.source in OWN_RULES:
            return own
        thread = self._inherited(mail) if mail.is_reply else _NOTHING
        if not thread and self._work.book.members.keys().isdisjoint(people):
            return own
        return assign(self._work.book, Subject(thread=thread, people=people, n=len(people), alone=alone))

    def _inherited(self, mail: _Mail) -> Mapping[str, float]:
        """What the thread was about before this mail; what it turned to later says nothing of it."""
        since, shares = self._thread_goals.get(mail.thread, (0, _NOTHING))
        return shares if since <= mail.at_ms else _NOTHING

    def _sent_reason(self, mail: _Mail) -> str:
        if self._work.marks.get(mail.id) == "ignore":
            return "ignored"
        return counting.sent(mail.kind, mail.boxes, actor=mail.actor)

    def enter(self, day: Day, held: Sequence[Held], away: Sequence[Span]) -> None:
        """Enter all mails of a day; `held` and `away`: the meetings that count and my absences around it."""
        self._enter_sent(day, held, away)
        self._enter_received(day)

    def _enter_sent(self, day: Day, held: Sequence[Held], away: Sequence[Span]) -> None:
        since, until = day.span[0] - REACH_MS, day.span[1] + REACH_MS
        at = slice(bisect_left(self._send_times, since), bisect_left(self._send_times, until))
        sends = {mail.id: mail for mail in self._sends[at]}
        near = [one for one in held if one.start_ms < until and one.end_ms > since] if sends else []
        written = pure.written([_send(mail) for mail in sends.values()], near, away, model=self._model)
        for id_, mail in sends.items():
            self._enter_one(day, mail, written[id_])
        for mail in self._by_day.get(day.day, ()):
            if mail.out and mail.id not in sends:
                self._update(day, mail, self._sent_reason(mail))

    def _enter_one(self, day: Day, mail: _Mail, writing: Writing) -> None:
        whole = writing.seconds / 60
        minutes = pure.part_of(writing, day.span, whole)
        if not minutes and mail.day != day.day:
            return
        people, alone = self._targets(mail)
        known = {person: part for person, part in people.items() if person > 0}
        goal = self._goal(mail, known, alone=alone)
        at_ms = mail.at_ms if mail.day == day.day else day.span[1] - 1
        for person, part in people.items():
            channel = "solo" if alone else "mail"
            shares = goal.shares if person <= 0 else goal.of(person)
            face = minutes if person > 0 else 0.0
            day.spend((channel, mail.id, at_ms, mail.at_ms), person, shares, minutes * part, face)
        if alone:
            day.sums.solo += minutes
        else:
            day.sums.mail += minutes
            day.sums.broadcast += minutes * people.get(BROADCAST, 0.0)
        if mail.day == day.day:
            beside = writing.multitasking_s / 60
            day.sums.multitasking += beside
            nothing = "" if whole else "multitasking" if beside else "zero_length"
            self._update(day, mail, nothing, minutes=whole, beside=beside, goal=_main(goal), counted=True)
            self._meet(day, mail, known)

    def _targets(self, mail: _Mail) -> tuple[Mapping[int, float], bool]:
        """Whose minutes a mail of mine is, as parts of 1; and whether it went to myself alone."""
        work = self._work
        if not mail.recipients:
            return ({NOBODY: 1.0}, True) if mail.to_me else ({BROADCAST: 1.0}, False)
        to, copied = msgspec.json.decode(mail.others)
        if mail.answers and (mail.kind in counting.LISTS or "list" in {work.kind[one] for one in (*to, *copied)}):
            return {self._answered(mail) or BROADCAST: 1.0}, False
        if mail.recipients > MEANINGFUL:
            return {BROADCAST: 1.0}, False
        shares = recipient_shares((self._target(one) for one in to), (self._target(one) for one in copied))
        shares.pop(NOBODY, None)
        total = sum(shares.values())
        return ({person: part / total for person, part in shares.items()} if total else {BROADCAST: 1.0}), False

    def _target(self, address: int) -> int:
        """The person of an address; BROADCAST for a list, NOBODY for what is no human."""
        kind = self._work.kind[address]
        return self._work.person[address] if kind == "person" else BROADCAST if kind == "list" else NOBODY

    def _answered(self, mail: _Mail) -> int:
        """The human whose mail this one of mine answers, 0 for none."""
        return 0 if mail.parent_out is None or mail.parent_out else self._person_of(mail.parent_sender)

    def _person_of(self, address: int | None) -> int:
        """The human behind an address, 0 for none."""
        if not address or self._work.kind[address] != "person":
            return 0
        return self._work.person[address]

    def _meet(self, day: Day, mail: _Mail, people: Mapping[int, float]) -> None:
        if not people or len(people) > MEANINGFUL:
            return
        answered = self._answered(mail)
        for person in people:
            is_answer = person == answered
            day.encounters[person, mail.id, "out"] = (
                person, day.day, mail.at_ms, mail.id, "out", len(people), 1 if is_answer or len(people) <= FEW else 0,
                "" if mail.is_reply else "mine",
                mail.at_ms - (mail.parent_ms or 0) if is_answer and mail.parent_ms else NO_REPLY, mail.position,
            )  # fmt: skip

    def _enter_received(self, day: Day) -> None:
        seconds: dict[int, float] = {}
        counted: dict[int, _Mail] = {}
        for mail in self._by_day.get(day.day, ()):
            if mail.out:
                continue
            reason, dialogue = self._received_reason(mail)
            if reason:
                self._update(day, mail, reason)
            else:
                seconds[mail.id] = read_seconds(mail.words, self._model)
                counted[mail.id] = mail
            if (not mail.kind and mail.to_me and mail.boxes & ~counting.SPAM) or dialogue:
                self._hear(day, mail)
        for id_, minutes in pure.read(seconds).items():
            self._enter_read(day, counted[id_], minutes)

    def _received_reason(self, mail: _Mail) -> tuple[str, bool]:
        """Why it does not count, and whether it is a list's mail in a dialogue between its sender and me."""
        if mail.kind and mail.kind not in counting.LISTS:
            return counting.by_kind(mail.kind), False
        answered = mail.answered_ms is not None and mail.answered_ms < self._until_ms
        dialogue = bool(mail.kind) and (answered or bool(mail.parent_out)) and bool(self._person_of(mail.sender))
        if mail.kind and not dialogue:
            return counting.by_kind(mail.kind), False
        word = self._work.marks.get(mail.id, "")
        if word == "ignore":
            return "ignored", dialogue
        sender = self._work.kind.get(mail.sender, "person")
        if not self._person_of(mail.sender) and sender == "person":
            return "no_sender", False
        reason = counting.received(
            mail.kind, sender, mail.boxes, mail.seen, to_me=mail.to_me, answered=answered or word == "attended",
            dialogue=dialogue,
        )  # fmt: skip
        return reason, dialogue

    def _enter_read(self, day: Day, mail: _Mail, minutes: float) -> None:
        person = self._person_of(mail.sender)
        goal = self._goal(mail, {person: 1.0})
        day.spend(("mail", mail.id, mail.at_ms, self._known_from(mail)), person, goal.of(person), minutes, minutes)
        day.sums.mail += minutes
        self._update(day, mail, "", minutes=minutes, goal=_main(goal), counted=True)

    def _known_from(self, mail: _Mail) -> int:
        """From when on it counts: what nobody had marked as seen counts once I have answered it."""
        if mail.answered_ms is None or (mail.kind and mail.parent_out):
            return mail.at_ms
        alone = counting.received(
            mail.kind, "person", mail.boxes, mail.seen, to_me=mail.to_me, answered=False, dialogue=False
        )
        return max(mail.at_ms, mail.answered_ms) if alone else mail.at_ms

    def _hear(self, day: Day, mail: _Mail) -> None:
        person = self._person_of(mail.sender)
        if not person:
            return
        is_answer = bool(mail.parent_out) and mail.parent_ms is not None
        starts = "" if mail.is_reply else "theirs"
        reply_ms = mail.at_ms - mail.parent_ms if is_answer and mail.parent_ms is not None else NO_REPLY
        n = 1 + mail.recipients
        day.encounters[person, mail.id, "in"] = (
            person, day.day, mail.at_ms, mail.id, "in", n, 1 if is_answer else 0, starts, reply_ms, mail.position,
        )  # fmt: skip

    def _update(
        self, day: Day, mail: _Mail, reason: str, *, minutes: float = 0.0, beside: float = 0.0, goal: str = "",
        counted: bool = False,
    ) -> None:  # fmt: skip
        if mail.day == day.day and (bool(mail.counted), mail.reason, mail.minutes, mail.multitasking, mail.goal) != (
            counted, reason, minutes, beside, goal,
        ):  # fmt: skip
            day.messages.append((1 if counted else 0, reason, minutes, beside, goal, mail.id))


_NOTHING: Mapping[str, float] = {}
_UNASSIGNED = Assignment({UNASSIGNED: 1.0}, "")


def _send(mail: _Mail) -> Send:
    to, copied = msgspec.json.decode(mail.others)
    return Send(mail.id, mail.at_ms, mail.words, mail.body, frozenset((*to, *copied)))


def _main(goal: Assignment) -> str:
    shares = goal.shares
    return next(iter(shares)) if len(shares) == 1 else max(shares, key=lambda slug: (shares[slug], slug))


def _list(labels: str) -> tuple[str, ...]:
    return () if labels == "[]" else tuple(msgspec.json.decode(labels))
