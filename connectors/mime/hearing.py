"""The words of a text that may matter to what it asks and says: looked for once for both."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from connectors.mime.asking_words import REQUESTS
from connectors.mime.lexicon import READ, words_of
from connectors.mime.saying_words import ALL_WORDS

_TELLING = ALL_WORDS.union(word.encode() for word in REQUESTS)


class Heard(NamedTuple):
    """The words at the beginning of a text, and of these the ones that some pattern begins to look at."""

    words: list[bytes]
    telling: frozenset[bytes]


def hear(text: str) -> Heard:
    """Kept for who asks next: whether a text asks and what it says are looked for one after the other."""
    return _heard(text[:READ])


@lru_cache(maxsize=1)
def _heard(beginning: str) -> Heard:
    words = words_of(beginning)
    return Heard(words, _TELLING.intersection(words))
