"""Patterns of many languages behind a look for single words, which is ten times as fast as a look for patterns."""

from __future__ import annotations

import re
import string
from functools import cached_property

READ = 2_000  # characters of a text that are searched for words
_MARKS = b",.;:!?()\"*'-_"
_CAPITALS = string.ascii_uppercase.encode()
_BLANKED = bytes.maketrans(_MARKS + _CAPITALS, b" " * len(_MARKS) + _CAPITALS.lower())
_PLAIN = (("\u2019", "'"), ("\u00a1", " "), ("\u00bf", " "))
_WORD = re.compile(r"[^\W\d_]{3,}")
# In every text: a pattern is found by its other words.
_IN_EVERY_TEXT = """
have has you the this that next for going will not with and are but was all any his her our out too now get let see take
make come some more week need into who how its had been que una uno para con por los las des est pas sur dans pour une
aux der die das ist und den dem ein eine mit auf für nur wie vom zum che del della per non sono dos uma com não mais het
een van dat
"""
_COMMON = frozenset(_IN_EVERY_TEXT.split())


def spelled(text: str) -> str:
    """Lower case, with plain apostrophes, and without what Spanish opens a sentence with."""
    if text.isascii():
        return text.lower()
    for mark, plain in _PLAIN:
        text = text.replace(mark, plain)
    return text.lower()


def words_of(text: str) -> list[bytes]:
    """The words of a text, lower case, cut at apostrophes and dashes too."""
    data = text.encode() if text.isascii() else spelled(text).encode("utf-8", "replace")
    return data.translate(_BLANKED).split()


class Pattern:
    """One pattern of one language, compiled when a text first has one of its words.

    Every way to match must hold one of `words`, as a whole word of the text, and one of `holds`, if there are any.
    """

    def __init__(self, sources: str, whole: str, holds: str = "") -> None:
        self._whole = whole
        self.holds = holds.split("|") if holds else []
        self.words = frozenset(word.encode() for word in _WORD.findall(sources) if word not in _COMMON)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self._whole)

    def is_in(self, text: str) -> bool:
        """Whether it matches somewhere in a text that has one of its words."""
        if self.holds and not any(map(text.__contains__, self.holds)):
            return False
        return self.compiled.search(text) is not None


class Lexicon:
    """The patterns of all languages that say one thing."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self.patterns = patterns
        self._by_word: dict[bytes, list[Pattern]] = {}
        for pattern in patterns:
            for word in pattern.words:
                self._by_word.setdefault(word, []).append(pattern)
        self.words = frozenset(self._by_word)

    def is_said(self, text: str, words: frozenset[bytes]) -> bool:
        """Whether a text, of these words, says it in some language."""
        found = {pattern for word in self.words & words for pattern in self._by_word[word]}
        return any(pattern.is_in(text) for pattern in found)
