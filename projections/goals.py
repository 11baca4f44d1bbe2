"""Which goal a stretch of time served (F11): the first rule that hits decides, and its name is kept.

Precedence: the owner's mark, calendar, label, title words, what the thread began as, the goals of the people in it.
Where several goals hit at the same rule, the one that stands first in the settings file has it: the order is the
owner's to choose, and every minute keeps one reason. Only people divide time between goals.

Solo goals are fed by time alone: they are considered for `alone` things only, and there before all others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from projections.rules import Goal
from projections.schema import UNASSIGNED

PEOPLE_MAX = 8  # above this a meeting says nothing about its members' goals (Viva: small is 2 to 8)
LABEL, CALENDAR = "label:", "calendar:"

Shares = Mapping[str, float]
_NONE: Shares = MappingProxyType({})
_NO_PEOPLE: Mapping[int, float] = MappingProxyType({})
_NO_SHARES: Mapping[int, dict[str, float]] = MappingProxyType({})

# Marks that writing may leave out: Latin, Greek and Cyrillic accents, Hebrew and Arabic points. Others are letters.
_OPTIONAL_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]")
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_ASCII_WORDS = re.compile("[a-z0-9]+")
_UNSPACED_FROM = "\u0e00"  # no sign before it is one of `_unspaced`


class Subject(NamedTuple):
    """What the rules look at. `people` maps each participant to their part of the minutes (together 1)."""

    title: str = ""
    calendar: str = ""
    labels: tuple[str, ...] = ()
    mark: str = ""  # the slug of `goal=G`, "" without such a mark
    thread: Shares = _NONE  # what the thread's first message with a goal got by mark, label or title
    people: Mapping[int, float] = _NO_PEOPLE
    n: int = 0  # other participants, those without a person included
    alone: bool = False  # a block of my own, a mail to myself


class Assignment(NamedTuple):
    """Goal weights that add up to 1, and the rule they come from: mark, calendar, label, title, thread, people, ""."""

    shares: dict[str, float]
    source: str
    by_person: Mapping[int, dict[str, float]] = _NO_SHARES  # only where the people decided: each one's own weights

    def of(self, person: int) -> dict[str, float]:
        """The goal weights of one participant's minutes."""
        return self.by_person.get(person, self.shares)


class GoalBook(NamedTuple):
    """The goals of the settings, indexed for lookup; made once by `compile_goals`."""

    order: dict[str, int]  # every slug by its place in the file
    solo: frozenset[str]
    calendars: dict[str, tuple[str, ...]]  # folded name -> slugs in file order
    labels: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]]  # first word -> (words, slug)
    members: dict[int, dict[str, float]]  # person -> goal weights, together 1


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """The text without case, accents and width, for comparison."""
    if text.isascii():
        return text.lower()
    plain = _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", plain).casefold().translate(_STROKES)


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a title in any script; of a script without spaces, its characters."""
    folded = fold(text)
    if folded.isascii():
        return tuple(_ASCII_WORDS.findall(folded))
    spaced = _unspaced().sub(r" \g<0> ", folded) if max(folded) >= _UNSPACED_FROM else folded
    # a vowel sign (category M) belongs to its word although it is no letter
    kept = (char if unicodedata.category(char)[0] in "LNM" else " " for char in spaced)
    return tuple("".join(kept).split())


@cache
def _unspaced() -> re.Pattern[str]:
    """Signs written without spaces between words: each stands for itself, and a phrase is a run of them.

    Compiled where it is wanted: a class of 30,000 signs takes two milliseconds.
    """
    return re.compile(
        "[\u3005\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    )


def _listed(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, slug in pairs:
        found[name] = (*found.get(name, ()), slug)
    return found


def _under(goals: Iterable[Goal], prefix: str) -> dict[str, tuple[str, ...]]:
    return _listed(
        (fold(rule[len(prefix) :].strip()), goal.slug)
        for goal in goals
        for rule in goal.match
        if rule.lower().startswith(prefix)
    )


def _phrases(goals: Iterable[Goal]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    found: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for goal in goals:
        for rule in goal.match:
            if rule.lower().startswith((LABEL, CALENDAR)) or not (phrase := words(rule)):
                continue
            found[phrase[0]] = (*found.get(phrase[0], ()), (phrase, goal.slug))
    return found


def memberships(goals: Iterable[Goal], person_of: Callable[[str], int]) -> dict[int, dict[str, float]]:
    """Person -> goal -> weight x membership, normalised to 1. `person_of` gives 0 for an address without a person.

    Several addresses of one person add up. Where no goal of a person has a weight, membership alone counts.
    """
    member: dict[int, dict[str, float]] = {}
    weight: dict[str, float] = {}
    for goal in goals:
        weight[goal.slug] = goal.weight
        for address, part in goal.people.items():
            if not goal.solo and part > 0 and (person := person_of(address.lower())):
                own = member.setdefault(person, {})
                own[goal.slug] = own.get(goal.slug, 0.0) + part
    return {person: _normalised(own, weight) for person, own in member.items()}


def _normalised(own: Shares, weight: Shares) -> dict[str, float]:
    weighed = {slug: part * weight[slug] for slug, part in own.items() if weight[slug] > 0} or dict(own)
    total = sum(weighed.values())
    return {slug: part / total for slug, part in weighed.items()}


def compile_goals(goals: Iterable[Goal], person_of: Callable[[str], int]) -> GoalBook:
    """The goals ready for `assign`; `person_of` as in `memberships`."""
    goals = tuple(goals)
    return GoalBook(
        order={goal.slug: place for place, goal in enumerate(goals)},
        solo=frozenset(goal.slug for goal in goals if goal.solo),
        calendars=_under(goals, CALENDAR),
        labels=_under(goals, LABEL),
        phrases=_phrases(goals),
        members=memberships(goals, person_of),
    )


def _by_title(book: GoalBook, title: str) -> list[str]:
    spoken = words(title)
    if book.phrases.keys().isdisjoint(spoken):  # most mail
        return []
    return [
        slug
        for place, word in enumerate(spoken)
        for phrase, slug in book.phrases.get(word, ())
        if spoken[place : place + len(phrase)] == phrase
    ]


def _hit(book: GoalBook, hits: Iterable[tuple[str, Iterable[str]]], allowed: AbstractSet[str]) -> tuple[str, str]:
    """The first rule that hits an allowed goal, and of its goals the first in the file; "" and "" for none."""
    for source, slugs in hits:
        if slug := min((slug for slug in slugs if slug in allowed), key=book.order.__getitem__, default=""):
            return source, slug
    return "", ""


def _by_people(book: GoalBook, subject: Subject) -> Assignment | None:
    if not 0 < subject.n <= PEOPLE_MAX or not any(person in book.members for person in subject.people):
        return None
    nobody = {UNASSIGNED: 1.0}
    by_person = {person: book.members.get(person, nobody) for person in subject.people}
    shares: dict[str, float] = {}
    for person, part in subject.people.items():
        for slug, weight in by_person[person].items():
            shares[slug] = shares.get(slug, 0.0) + part * weight
    rest = 1.0 - sum(subject.people.values())  # those who are no persons, such as a group
    if rest > 1e-9:  # noqa: PLR2004  what remains of 1 after n additions of 1/n
        shares[UNASSIGNED] = shares.get(UNASSIGNED, 0.0) + rest
    return Assignment(shares, "people", by_person)


def _by_name(book: GoalBook, subject: Subject, spoken: Sequence[tuple[str, Sequence[str]]]) -> Assignment | None:
    """By mark, or by what calendar, label or title say; alone, of these the solo goals first."""
    every, people = book.order.keys(), book.order.keys() - book.solo
    for hits, allowed in (
        ((("mark", (subject.mark,)),), every if subject.alone else people),
        (spoken, book.solo if subject.alone else frozenset()),
        (spoken, people),
    ):
        source, slug = _hit(book, hits, allowed)
        if slug:
            return Assignment({slug: 1.0}, source)
    return None


def assign(book: GoalBook, subject: Subject) -> Assignment:
    """The goals of one meeting, mail, note or block."""
    spoken = (
        ("calendar", book.calendars.get(fold(subject.calendar.strip()), ()) if book.calendars else ()),
        ("label", [slug for label in subject.labels for slug in book.labels.get(fold(label.strip()), ())]),
        ("title", _by_title(book, subject.title) if subject.title else ()),
    )
    is_named = subject.mark or spoken[0][1] or spoken[1][1] or spoken[2][1]  # most mail is not
    if is_named and (found := _by_name(book, subject, spoken)):
        return found
    if subject.thread and all(slug in book.order for slug in subject.thread):
        return Assignment(dict(subject.thread), "thread")
    return _by_people(book, subject) or Assignment({UNASSIGNED: 1.0}, "")
