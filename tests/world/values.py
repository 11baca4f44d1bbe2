"""What a planted world is made of, as plain values: people, mails, meetings, and the truth about them.

All instants are aware datetimes. `verdict` of an expectation is what a thoughtful reader of the whole mailbox would
say, True or False; where such a reader would hesitate, nothing is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True)
class Style:
    """How somebody's mail program writes."""

    quotes: str = "top"  # top, bottom, outlook, none
    references: str = "all"  # all, parent, none
    encoding: str = "8bit"  # 8bit, quoted-printable, base64
    html: bool = False
    prefix: str = "Re: "
    signature: str = ""


@dataclass(eq=False)
class Who:
    """A person, list or robot. The first address is the one that settings and truth name."""

    name: str
    addresses: list[str]
    language: str = "en"
    style: Style = field(default_factory=Style)
    labels: tuple[str, ...] = ()
    title: str = ""
    card: bool = True

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(eq=False)
class Mail:
    """One mail; `answers` is the mail it replies to. `text` is what is new in it."""

    number: int
    at: datetime
    sender: tuple[str, str]  # address, name
    to: list[tuple[str, str]]
    cc: list[tuple[str, str]]
    subject: str
    text: str
    style: Style
    answers: Mail | None = None
    headers: list[str] = field(default_factory=list)
    seen: bool = True
    mine: bool = False

    @property
    def message_id(self) -> str:
        return f"<m{self.number}.{self.at:%Y%m%d}@{self.sender[0].partition('@')[2]}>"


class Guest(NamedTuple):
    address: str
    name: str
    answer: str = "ACCEPTED"
    kind: str = ""  # ROOM, GROUP


@dataclass(eq=False)
class Meeting:
    """A calendar entry; `rule` makes it a series. `moved`: occurrence -> new start, `dropped`: occurrences left out."""

    uid: str
    start: datetime
    minutes: int
    title: str
    guests: list[Guest]
    mine: str = "ACCEPTED"
    organizer: tuple[str, str] | None = None  # None: the owner
    rule: str = ""
    moved: dict[datetime, datetime] = field(default_factory=dict)
    dropped: list[datetime] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    days: int = 0  # all-day
    calendar: str = "Work"
    created: datetime | None = None


class Expectation(NamedTuple):
    """Of one judgement, about one person, at one instant."""

    judgement: str  # neglected, over, care, owe, quiet-carer, chasing, fading, quieter
    address: str
    at: datetime
    verdict: bool
    archetype: str


class Topic(NamedTuple):
    """Who knows about it, and who writes as often of other things. `word` stands in subjects and titles."""

    word: str
    experts: tuple[str, ...]
    others: tuple[str, ...]
    goal: str = ""  # a goal with no people yet, whose rule is this word


class Pair(NamedTuple):
    a: str  # needs
    b: str  # offers
    subject: str


class Request(NamedTuple):
    """Somebody asked something of the owner."""

    address: str
    subject: str
    at: datetime
    state: str  # open, answered, accepted, declined, redirected, deferred, not-a-request
    is_invitation: bool = False


class Ask(NamedTuple):
    """The owner asked something of somebody."""

    address: str
    subject: str
    at: datetime
    state: str  # yes, no, silence, thanked


class Block(NamedTuple):
    """A block of time alone in one ISO week, and what became of it."""

    goal: str
    week: str
    kept_minutes: float
    displaced: dict[str, float]  # address -> minutes


@dataclass
class Truth:
    """Everything known of a planted world. Addresses are first addresses."""

    owner: tuple[str, ...]
    zone: str
    as_of: datetime
    dates: tuple[datetime, ...]  # other instants at which expectations hold, earlier than as_of
    cast: dict[str, list[str]] = field(default_factory=dict)  # archetype -> addresses
    expectations: list[Expectation] = field(default_factory=list)
    same: list[tuple[str, ...]] = field(default_factory=list)  # addresses of one person
    different: list[tuple[str, str]] = field(default_factory=list)  # one name, two people
    topics: list[Topic] = field(default_factory=list)
    introductions: list[Pair] = field(default_factory=list)  # worth making
    acquainted: list[Pair] = field(default_factory=list)  # complementary, and they know each other
    introducers: dict[str, str] = field(default_factory=dict)  # person -> who introduced them
    requests: list[Request] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    private: dict[str, str] = field(default_factory=dict)  # where a string was planted -> the string
    decisions: list[tuple[str, ...]] = field(default_factory=list)  # command lines that belong to the world

    def expected(self, judgement: str, at: datetime) -> dict[str, Expectation]:
        """By address."""
        return {one.address: one for one in self.expectations if one.judgement == judgement and one.at == at}
