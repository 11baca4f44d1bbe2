"""The words of a text that may matter to what it asks and says: looked for once for both."""

from __future__ import annotations

from functools import lru_cache

from connectors.mime.asking_words import REQUESTS
from connectors.mime.lexicon import words_of
from connectors.mime.saying_words import ALL_WORDS

_TELLING = ALL_WORDS.union(word.encode() for word in REQUESTS)


@lru_cache(maxsize=1)
def telling_words(text: str) -> frozenset[bytes]:
    """Of the words at its beginning, those that some pattern begins to look at; kept for who asks next."""
    return _TELLING.intersection(words_of(text))
