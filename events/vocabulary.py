"""The words of the log: every kind of recorded fact, its wire name and its payload.

Terminology: an *event* is a recorded fact; a *meeting* is a calendar entry and is never called an event.
An *observation* is what one source showed; "rescheduled" is a reading of two observations and belongs to projections.
Wire names are data: past tense, versioned, never a class path. A published version is never edited; a new version gets
an upcast in `events.codec`.

Units: instants are integer milliseconds since 1970-01-01T00:00:00Z (`*_ms`); durations are integer seconds.
Addresses are lower-case and trimmed, without `mailto:`. Unknown fields in stored payloads are ignored on reading.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What every payload has: a wire name, and nothing else in common."""

    wire: ClassVar[str]


class Mailbox(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """An address with the display name that stood beside it; on the wire `["ana@x.org", "Ana Ruiz"]`."""

    address: str
    name: str = ""


class Attendee(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One line of a meeting's guest list; `answer` and `kind` as RFC 5545 PARTSTAT and CUTYPE, lower case."""

    address: str
    name: str = ""
    answer: str = ""  # accepted, declined, tentative, needs-action, delegated, ""
    kind: str = ""  # "" (individual), room, resource, group, unknown


class MessageObserved(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """One mail as one source showed it. No body: only counts, and a hash that recognises the same body again."""

    wire: ClassVar[str] = "message.observed.v1"

    source: str  # "files:<name>", later "gmail:<account>"
    where: str = ""  # file and byte offset, or folder and uid: where a person finds it again
    message_id: str = ""  # without angle brackets; "" where the mail had none
    sent_ms: int | None = None  # the Date header; None where it is missing or unreadable
    sender: Mailbox | None = None  # From, first mailbox
    actor: Mailbox | None = None  # Sender, where it differs from From: an assistant, a list
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    unlisted: int = 0  # recipients beyond the 2,000 that are kept by name
    subject: str = ""  # decoded, at most 1,000 characters
    references: tuple[str, ...] = ()  # References, then In-Reply-To; oldest first; at most 50, the last ones
    words: int = 0  # new words: no quotes, no signature, no forwarded body
    body: str = ""  # 16 hex digits: hash of the new text, white space squeezed; "" where there is none
    kind: str = ""  # "" from a human to humans; else list, bulk, automatic, bounce, out_of_office, invitation
    why: str = ""  # the header that decided the kind: "List-Id", "Precedence: bulk", …
    list_id: str = ""
    seen: bool | None = None  # None: this source carries no such mark
    box: str = ""  # sent, trash, spam, draft, inbox; "" where the folder does not say
    labels: tuple[str, ...] = ()
    asks: bool = False  # the new text holds a question mark or a request
    closer: bool = False  # at most five new words and no question: "thanks!"
    says: str = ""  # of a short text without a question: yes, no, later, thanks; "" where it says none of these


class MeetingObserved(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """One VEVENT (a single meeting, a series' master, or one changed instance) as one source showed it.

    `start` is wall time in `zone`: `2026-09-01T10:00:00`, or `2026-09-01` for an all-day entry. `zone` is an IANA name,
    `UTC`, `""` (floating: the owner's zone) or `custom`, then `offsets` holds the transitions as
    (instant in ms from which it holds, minutes east of UTC), sorted, the first one also holding before its instant.
    """

    wire: ClassVar[str] = "meeting.observed.v1"

    source: str
    where: str = ""
    uid: str
    instance: str = ""  # RECURRENCE-ID as wall time in `instance_zone`, like `start`; "" for a master or single meeting
    instance_zone: str = ""
    this_and_future: bool = False  # RECURRENCE-ID;RANGE=THISANDFUTURE
    calendar: str = ""  # X-WR-CALNAME, or the file's name
    start: str = ""
    zone: str = ""
    offsets: tuple[tuple[int, int], ...] = ()
    seconds: int = 0  # exact length of a timed meeting; 0: it has no length
    days: int = 0  # length of an all-day entry, at least 1; 0 for a timed one
    rules: tuple[str, ...] = ()  # RRULE values
    extra: tuple[str, ...] = ()  # RDATE values, one each: wall time in `zone`, `…Z` for UTC, or `start/end` periods
    skipped: tuple[str, ...] = ()  # EXDATE values, likewise
    skip_rules: tuple[str, ...] = ()  # EXRULE values (deprecated, still sent)
    title: str = ""
    status: str = ""  # confirmed, tentative, cancelled, ""
    busy: str = ""  # "" (busy), free, tentative, oof, elsewhere
    private: bool = False
    organizer: Mailbox | None = None
    attendees: tuple[Attendee, ...] = ()
    hidden: bool = False  # the guest list is omitted or hidden: the number of others is unknown
    kind: str = ""  # "", focus, out_of_office, working_location, birthday, from_mail
    labels: tuple[str, ...] = ()  # CATEGORIES
    method: str = ""  # the calendar's METHOD, lower case: publish, request, cancel, …
    sequence: int = 0
    modified_ms: int | None = None  # LAST-MODIFIED
    created_ms: int | None = None
    booked: bool = False  # made through a scheduling link: the booker initiated it


class ContactObserved(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """One contact card as one source showed it."""

    wire: ClassVar[str] = "contact.observed.v1"

    source: str
    where: str = ""
    uid: str = ""
    name: str = ""  # the formatted name
    other_names: tuple[str, ...] = ()  # nick names, "Last, First", former names
    addresses: tuple[str, ...] = ()
    organization: str = ""
    labels: tuple[str, ...] = ()  # CATEGORIES, group membership
    kind: str = ""  # "" (individual), group, org


class MessageWithdrawn(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """A source no longer shows a mail. The time it took stays spent."""

    wire: ClassVar[str] = "message.withdrawn.v1"
    source: str
    message_id: str = ""


class MeetingWithdrawn(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """A source no longer shows a meeting (a tombstone or a complete listing; never mere absence from a file)."""

    wire: ClassVar[str] = "meeting.withdrawn.v1"
    source: str
    uid: str
    instance: str = ""
    instance_zone: str = ""


class ContactWithdrawn(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """A source no longer shows a card."""

    wire: ClassVar[str] = "contact.withdrawn.v1"
    source: str
    uid: str


class ProfileSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """`[me]` and `[policy]`, as the settings file had them when it was first seen like this."""

    wire: ClassVar[str] = "profile.set.v1"
    timezone: str = "UTC"
    addresses: tuple[str, ...] = ()
    hours: str = "Mon-Fri 09:00-17:30"
    attendance: str = "auto"
    email: str = "words"
    bodies: str = "never"
    care_floor: float | None = None  # a part of 1


class PageSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """`[now]`: what the page for others may say besides public goals and hours."""

    wire: ClassVar[str] = "page.set.v1"
    working_on: tuple[str, ...] = ()
    help_wanted: tuple[str, ...] = ()


class GoalSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "goal.set.v1"
    goal: str
    weight: float = 0.0
    weekly_minutes: float | None = None
    match: tuple[str, ...] = ()
    people: dict[str, float] = {}  # address -> weight within the goal
    public: bool = False
    solo: bool = False


class GoalDropped(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "goal.dropped.v1"
    goal: str


class TierSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "tier.set.v1"
    tier: str
    every_days: float | None = None
    members: tuple[str, ...] = ()  # addresses and "label:…"
    offer: dict[str, str] = {}


class TierDropped(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "tier.dropped.v1"
    tier: str


class BudgetSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """`[people."address"]`: what the owner wants with one person."""

    wire: ClassVar[str] = "budget.set.v1"
    person: str  # an address
    max_minutes_week: float | None = None
    every_days: float | None = None
    protected: bool = False
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


class BudgetDropped(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "budget.dropped.v1"
    person: str


class PeopleMerged(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The owner says: these addresses are one person."""

    wire: ClassVar[str] = "people.merged.v1"
    first: tuple[str, ...]  # all addresses that stood for the one when this was decided
    second: tuple[str, ...]
    reason: str = ""


class PeopleSplit(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The owner says: this address is not that person."""

    wire: ClassVar[str] = "people.split.v1"
    address: str
    others: tuple[str, ...]
    reason: str = ""


class MeetingMarked(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """A word of the owner on one meeting, mail or note, found by the position that was printed.

    For a series `start_ms` names the occurrence. `word`: attended, no-show, ignore, goal=G.
    """

    wire: ClassVar[str] = "meeting.marked.v1"
    position: int
    word: str
    start_ms: int | None = None


class RequestMarked(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The owner's word on what became of a request or of an ask, found by the position that was printed.

    `word`: open, answered, accepted, declined, redirected, deferred, not-a-request, delegated; or ask=asked, ask=yes,
    ask=no, ask=silence, ask=thanked, which is about the ledger of asks and about nothing else.
    """

    wire: ClassVar[str] = "request.marked.v1"
    position: int
    word: str
    until_ms: int | None = None  # of deferred: when it comes back


class PersonSnoozed(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "person.snoozed.v1"
    addresses: tuple[str, ...]
    days: float


class PersonAccepted(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The answer 'that is fine': the owner accepts what an alert said; it takes away that alert and no other."""

    wire: ClassVar[str] = "person.accepted.v1"
    addresses: tuple[str, ...]
    alert: str  # neglected, over, fading
    level: float  # the observed number that is fine: a ratio, or minutes in four weeks


class PersonPlaced(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The owner says what the time with somebody without a goal is for; the newest word on a person is the one."""

    wire: ClassVar[str] = "person.placed.v1"
    addresses: tuple[str, ...]
    place: str  # goal: key to `goal` from now on; own-sake: protected; max: at most `max_minutes_week`
    goal: str = ""
    max_minutes_week: float | None = None
    instead_of: float | None = None  # the `max` that the settings had then


class RhythmSet(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """The owner says how often to be in touch with somebody; holds until the settings say something new."""

    wire: ClassVar[str] = "rhythm.set.v1"
    addresses: tuple[str, ...]
    every_days: float
    instead_of: float | None = None  # the `every` of that person that the settings had then


class IntroductionMarked(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """How far the introduction of two people has come: suggested, opted-in, sent, met, declined."""

    wire: ClassVar[str] = "introduction.marked.v1"
    first: tuple[str, ...]
    second: tuple[str, ...]
    word: str
    by: tuple[str, ...] = ()  # whose word opted-in is; () both


class NoteAdded(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "note.added.v1"
    addresses: tuple[str, ...]
    text: str
    minutes: float = 0.0
    goal: str = ""


class DecisionUndone(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "decision.undone.v1"
    position: int


class SyncCompleted(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """One run of one source, with its account of every item."""

    wire: ClassVar[str] = "sync.completed.v1"
    source: str
    stream: str = ""
    seen: int = 0
    stored: int = 0
    duplicates: int = 0
    skipped: dict[str, int] = {}
    problems: int = 0


class SyncFailed(Payload, frozen=True, omit_defaults=True, kw_only=True):
    wire: ClassVar[str] = "sync.failed.v1"
    source: str
    stream: str = ""
    error: str = ""


class ItemQuarantined(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """One item that could not be read: where it stands and why."""

    wire: ClassVar[str] = "item.quarantined.v1"
    source: str
    where: str
    why: str


PAYLOADS: dict[str, type[Payload]] = {
    kind.wire: kind
    for kind in (
        MessageObserved, MessageWithdrawn, MeetingObserved, MeetingWithdrawn, ContactObserved, ContactWithdrawn,
        ProfileSet, PageSet, GoalSet, GoalDropped, TierSet, TierDropped, BudgetSet, BudgetDropped,
        PeopleMerged, PeopleSplit, MeetingMarked, RequestMarked, PersonSnoozed, PersonAccepted, PersonPlaced, RhythmSet,
        NoteAdded, IntroductionMarked, DecisionUndone,
        SyncCompleted, SyncFailed, ItemQuarantined,
    )
}  # fmt: skip
DECISIONS = frozenset(
    kind.wire
    for kind in (
        PeopleMerged, PeopleSplit, MeetingMarked, RequestMarked, PersonSnoozed, PersonAccepted, PersonPlaced, RhythmSet,
        NoteAdded, IntroductionMarked, DecisionUndone,
    )
)  # fmt: skip
