"""Who should meet whom (F12): what one looks for beside what another offers; and the mail that introduces them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from projections.goals import words

STATES = ("suggested", "opted-in", "sent", "met", "declined")
WORDS_MAX = 120
EQUAL, WITHIN, LEAST = 1.0, 0.8, 0.5  # (ours) the same words; all of the one in the other; fewer are another thing
INFERRED = 0.5  # (ours) one side is written down, the other is read from subjects
STEM = 4  # letters that two forms of a word share at least
_ENDINGS = frozenset({"", "s", "es", "e", "y", "ies", "ing", "ings", "ed", "d", "er", "ers", "r", "rs", "en", "n"})
_PLURAL = frozenset({"", "s", "es"})
_EMPTY = frozenset(words(
    "a an the of for and or with in on to about some any my our their help advice expert experts expertise someone "
    "somebody who new good need needs looking der die das und oder fur mit le la les des du de et pour"
))  # fmt: skip


class Match(NamedTuple):
    """How well an offer answers a need, 0 to 1, and the words of both as they were written."""

    complement: float
    need: str
    offer: str


def key_words(text: str) -> tuple[str, ...]:
    """The folded words of a need or an offer that say something; all of them where none does."""
    spoken = words(text)
    return tuple(word for word in spoken if word not in _EMPTY) or spoken


def alike(first: str, second: str) -> bool:
    """Whether two folded words are forms of one: contract and contracts, price and pricing, hire and hiring."""
    if first == second:
        return True
    short = min(len(first), len(second))
    shared = next((n for n in range(short) if first[n] != second[n]), short)
    endings = _ENDINGS if shared >= STEM else _PLURAL if shared == STEM - 1 else frozenset()
    return first[shared:] in endings and second[shared:] in endings


def matching(need: str, offer: str) -> float:
    """1 for the same words in any form and order, 0.8 where one holds all of the other, else their shared part."""
    wanted, given = key_words(need), key_words(offer)
    if not wanted or not given:
        return 0.0
    met = sum(any(alike(one, other) for other in given) for one in wanted)
    used = sum(any(alike(one, other) for other in wanted) for one in given)
    if met == len(wanted) and used == len(given):
        return EQUAL
    if met == len(wanted) or used == len(given):
        return WITHIN
    shared = min(met, used) / (len(wanted) + len(given) - min(met, used))
    return shared if shared >= LEAST else 0.0


def complement(needs: Iterable[str], offers: Iterable[str]) -> Match:
    """The best of all pairs of a need and an offer; the first written of equals."""
    best = Match(0.0, "", "")
    for need, offer in product(needs, offers):
        if (found := matching(need, offer)) > best.complement:
            best = Match(found, need, offer)
    return best


def jaccard(first: frozenset[int] | set[int], second: frozenset[int] | set[int]) -> float:
    """The shared part of two circles; 0 for two empty ones."""
    together = first | second
    return len(first & second) / len(together) if together else 0.0


def intro_score(complements: float, warmth_a: float, warmth_b: float, overlap: float) -> float:
    """How promising an introduction is, 0 to 1."""
    return complements * min(warmth_a, warmth_b) * (1 - overlap)


def compose(needy: str, giving: str, topic: str, why: str) -> str:
    """The mail that introduces them: who in one line, why now in one line, one request."""
    first, second = (name.split()[0] if name.split() else name for name in (needy, giving))
    return "\n".join([
        f"Subject: {needy}, meet {giving}",
        "",
        f"{first}, {second}, you both agreed to this introduction.",
        "",
        f"Who: {needy} is looking for {topic}; {giving} knows about it.",
        f"Why now: {why}",
        f"{second}, would you offer {first} two times for half an hour?",
        "",
    ])  # fmt: skip


def problems(text: str, names: Sequence[str], opted_in: Iterable[str]) -> list[str]:
    """What keeps an introduction from being sent, a sentence each: length, names, consent, one request."""
    found = []
    count = len(text.split())
    if count > WORDS_MAX:
        found.append(f"It has {count} words, at most {WORDS_MAX} are read.")
    found += [f"{name} is not named." for name in names if name not in text]
    agreed = set(opted_in)
    found += [f"{name} has not agreed to it." for name in names if name not in agreed]
    if text.count("?") != 1:
        found.append(f"It asks {text.count('?')} questions; one is answered.")
    found += [
        f"It has no line that begins with {start}" for start in ("Who:", "Why now:")
        if sum(line.startswith(start) for line in text.splitlines()) != 1
    ]  # fmt: skip
    return found
