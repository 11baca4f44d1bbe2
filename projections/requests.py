"""What becomes of requests in one thread (F8): who asked whom, who answered, and in which state each request is.

    ask ──► open ──► answered        the asked one wrote to the asker
                 ──► deferred        … only to say that the answer comes later
                 ──► redirected      passed on to somebody else
                 ──► not-a-request   nothing is asked any more: the asker closed it, or another of those asked answered

The owner's word (a mark) outranks what is read off the mails. An out-of-office reply, a bounce and whatever else a
program sends are no mail here: they neither ask nor answer.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

ME = 0  # the owner, among ids of people
MANY = 18  # others on one mail: beyond it nobody in particular is asked (F3)
FEW = 3  # others on a mail of mine that asks each of them (F6), or on a first contact
TOPIC_MS = 30 * 86_400_000  # (ours) a new mail with the same subject answers within thirty days
OPEN, ANSWERED, REDIRECTED, NOTHING = "open", "answered", "redirected", "not-a-request"
DEFERRED = "deferred"


class Mail(NamedTuple):
    """One mail between people; its id is its log position. `to`, `copied`: person ids, ME among them.

    `topic`: the subject without prefixes, where there is none the hash of the text: copies of a mail are one request.
    """

    id: int
    at_ms: int
    sender: int
    to: frozenset[int]
    copied: frozenset[int]
    size: int  # addressees, whether people or not
    asks: bool  # it expects an answer: a question, a request, or a first contact
    question: bool  # it asks in words
    closer: bool
    says: str
    forwards: bool
    answers: int  # Mail.id, 0
    topic: str
    subject: str


@dataclass(slots=True)
class Request:
    """What one person asked another in one thread; `closed_ms`: when its state came to be what it is."""

    asker: int
    asked: int
    first: Mail
    mails: list[Mail]  # of the asker, the first of them the one that asked
    shared: bool  # several were asked at once
    question: bool
    state: str = OPEN
    closed_ms: int | None = None
    by: Mail | None = None  # what closed it
    last_ms: int | None = None  # when the asked one last wrote to the asker in this thread
    after: list[Mail] = field(default_factory=list)  # of the asker, since it was closed

    @property
    def since_ms(self) -> int:
        return self.first.at_ms

    def close(self, state: str, mail: Mail) -> None:
        self.state, self.closed_ms, self.by = state, mail.at_ms, mail

    def reopen(self, mail: Mail) -> None:
        self.state, self.closed_ms, self.by = OPEN, None, None
        self.mails.append(mail)


class Asked(NamedTuple):
    """A request as it stands, and no more than questions need of it; a mail is told by its id, its log position too."""

    asker: int
    asked: int
    since_ms: int
    first: int  # Mail.id of the one that asked
    subject: str
    topic: str
    state: str
    closed_ms: int | None
    by: int | None  # Mail.id of what closed it
    by_sender: int | None
    by_says: str
    last_ms: int | None  # when the asked one last wrote to the asker in this thread
    question: bool
    latest_ms: int  # of `mails`
    mails: str  # Mail.id of the asker's, in the order of time, comma-separated
    thanks: int | None  # Mail.id of the asker's thanks, since it was closed
    thrown: bool  # what asked lies in the trash and nowhere else

    def mail_ids(self) -> list[int]:
        return [int(part) for part in self.mails.split(",")]

    def positions(self) -> list[int]:
        """Of the mails that asked and of what closed it, sorted."""
        closing = [] if self.by is None else [self.by]
        return sorted({*self.mail_ids(), *closing})


def standing(one: Request, thrown: Container[int] = ()) -> Asked:
    """The same, flat; `thrown`: Mail.id of what lies in the trash."""
    first, by = one.first, one.by
    return Asked(
        one.asker,
        one.asked,
        first.at_ms,
        first.id,
        first.subject,
        first.topic,
        one.state,
        one.closed_ms,
        by.id if by else None,
        by.sender if by else None,
        by.says if by else "",
        one.last_ms,
        one.question,
        one.mails[-1].at_ms,
        ",".join([str(mail.id) for mail in one.mails]),
        next((mail.id for mail in one.after if mail.closer or mail.says == "thanks"), None),
        first.id in thrown,
    )


def follow(mails: Iterable[Mail]) -> list[Request]:
    """The requests of one thread, in the order of time; `mails` likewise."""
    found: list[Request] = []
    standing: dict[tuple[int, int], Request] = {}
    for mail in mails:
        for one in standing.values():
            _hear(one, mail)
        for asked in _asked(mail):
            key = mail.sender, asked
            before = standing.get(key)
            if before is not None and before.state == DEFERRED:  # a reminder: what was put off is asked again
                before.reopen(mail)
            elif before is None or before.state != OPEN:
                shared = len(mail.to - {mail.sender}) > 1
                standing[key] = Request(mail.sender, asked, mail, [mail], shared, mail.question)
                found.append(standing[key])
    return found


def _asked(mail: Mail) -> list[int]:
    """Whom this mail asks something: the owner, or those whom the owner asks. What others ask others is not ours."""
    if not mail.asks or mail.closer:
        return []
    if mail.sender != ME:
        return [ME] if ME in mail.to and mail.size <= MANY else []
    return sorted(mail.to - {ME}) if mail.size <= FEW else []


def _hear(one: Request, mail: Mail) -> None:
    """What a later mail of the thread means for a request."""
    reached = one.asker in mail.to or one.asker in mail.copied
    if mail.sender == one.asker:
        _hear_asker(one, mail)
    elif mail.sender == one.asked:
        if reached:
            one.last_ms = mail.at_ms
            if one.state != ANSWERED:
                one.close(DEFERRED if mail.says == "later" and not mail.question else ANSWERED, mail)
        elif one.state == OPEN and _passes_on(one, mail):
            one.close(REDIRECTED, mail)
    elif one.state == OPEN and one.shared and mail.sender in one.first.to and (reached or mail.answers == one.first.id):
        one.close(NOTHING, mail)


def _hear_asker(one: Request, mail: Mail) -> None:
    if one.state != OPEN:
        one.after.append(mail)
    elif mail.closer and one.asked in (mail.to | mail.copied):
        one.close(NOTHING, mail)
    elif one.asked in (mail.to | mail.copied):
        one.mails.append(mail)
        one.question |= mail.question and not mail.closer


def _passes_on(one: Request, mail: Mail) -> bool:
    """Whether the asked one gave it to somebody else: forwarded it, or answered it past the asker."""
    others = (mail.to | mail.copied) - {ME, one.asked}
    return bool(others) and (mail.forwards or mail.answers in {asking.id for asking in one.mails})


def elsewhere(requests: Iterable[Request], mails: Iterable[Mail]) -> None:
    """Close what was answered or passed on outside its thread: a new mail with the same subject, soon after.

    `mails`: in the order of time.
    """
    waiting: dict[tuple[int, str], list[Request]] = {}
    for one in requests:
        if one.state == OPEN and one.first.topic:
            waiting.setdefault((one.asked, one.first.topic), []).append(one)
    if not waiting:
        return
    for mail in mails:
        for one in waiting.get((mail.sender, mail.topic), ()):
            if one.state == OPEN and 0 < mail.at_ms - one.since_ms <= TOPIC_MS:
                _hear(one, mail)


def joined(requests: Iterable[Asked]) -> list[Asked]:
    """The same without reminders: who asks anew under the same subject while it is open asks the same thing.

    `requests`: in the order of time, closed where `elsewhere` found an answer.
    """
    found: list[Asked] = []
    latest: dict[tuple[int, int, str], int] = {}  # -> where it stands in `found`
    for one in requests:
        if one.state == OPEN and one.topic:
            key = one.asker, one.asked, one.topic
            place = latest.get(key)
            if place is not None and one.since_ms - found[place].latest_ms <= TOPIC_MS:
                before = found[place]
                found[place] = before._replace(latest_ms=one.latest_ms, mails=f"{before.mails},{one.mails}")
                continue
            latest[key] = len(found)
        found.append(one)
    return found
