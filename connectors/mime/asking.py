"""Whether prose asks something: a question mark, or words of request in the languages that people write in.

A language that is not here asks by its question marks alone: better silent than wrong.
"""

from __future__ import annotations

import re
from itertools import compress, count

from connectors.mime.asking_words import FORMULAS, PATTERNS, REQUESTS, ROWS
from connectors.mime.counting import is_wide
from connectors.mime.hearing import hear
from connectors.mime.lexicon import READ, spelled

_URL = re.compile(r"(?:https?://|www\.)\S++", re.IGNORECASE)
_ASKING_MARKS = "?\uff1f؟⁇՞፧;"
_QUESTION = re.compile("[?\uff1f؟⁇՞፧](?![\\w/=&])|(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_PATCH_BEGINS = ("\ndiff --git ", "\n@@ -", "\nIndex: ")
_PATCH_HOLDS = ("@@ -", "diff ")  # somewhere: an index of goods begins no patch
_LONGEST_MARK = max(map(len, _PATCH_BEGINS))
_ASKED_IN = 20_000  # characters of prose that are searched for a question
_WORDS = frozenset(word.encode() for word in REQUESTS)
_BLANKED = bytes.maketrans(b',.;:!?()"*', b" " * 10)
_FOREIGN_MARKS = ("¿", "¡", "«", "»", "“", "”", "„")


def asks(text: str) -> bool:
    """Whether prose asks something: a question mark outside addresses of the web and patches, or words of request."""
    text = text[:_ASKED_IN]
    marked = "?" in text or not text.isascii()
    text = _without_patch(text, len(text) if marked else READ)
    return (marked and _questions(text)) or _requests(text)


def _without_patch(text: str, read: int) -> str:
    """Without the patch that begins in what is `read` of a text."""
    lines = f"\n{text[: read + _LONGEST_MARK]}"
    begins = [at for mark in _PATCH_BEGINS if (at := lines.find(mark)) >= 0]
    return text[: min(begins)] if begins and any(map(text.__contains__, _PATCH_HOLDS)) else text


def _questions(text: str) -> bool:
    """Whether a question mark ends something that is no address of the web."""
    if not text.isascii():
        return (
            any(map(text.__contains__, _ASKING_MARKS))
            and _QUESTION.search(_URL.sub("", text) if "://" in text or "www." in text else text) is not None
        )
    at = text.find("?")
    linked = at >= 0 and ("://" in text or "www." in text)
    while at >= 0:
        ends = not text[at + 1 : at + 2].isalnum() or (linked and _URL.match(text, at + 1))
        address = _address_around(text, at) if ends and linked else None
        if ends and address is None:
            return True
        at = text.find("?", address.end() if address else at + 1)
    return False


def _address_around(text: str, at: int) -> re.Match[str] | None:
    """The address of the web that text[at] is in."""
    start = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
    found = _URL.search(text, start, at + 1)
    return _URL.match(text, found.start()) if found and found.end() > at else None


def _requests(text: str) -> bool:
    """Looking for words first is ten times as fast as one pattern."""
    words, telling = hear(text)
    told = _WORDS & telling
    if text.isascii():
        return _in_a_row(words, told) and _phrases(text, told)
    if is_wide(text[:READ]):
        from connectors.mime.asking_wide import asks_wide  # noqa: PLC0415  a millisecond that few mails cost

        if asks_wide(text[:READ]):
            return True
    return bool(told) and _phrases(text, told)


def _in_a_row(words: list[bytes], told: frozenset[bytes]) -> bool:
    """Whether the words of one of the phrases that have `told` stand beside each other: ten times as fast as _phrases.

    All that is a phrase or a formula in ASCII text does; the words of other text may stand within foreign marks.
    """
    for at in compress(count(), map(told.__contains__, words)):
        for row, before in ROWS[words[at]]:
            if before <= at and words[at - before : at - before + len(row)] == row:
                return True
    return False


def _phrases(text: str, told: frozenset[bytes]) -> bool:
    """Whether one of the phrases that have these words is in a text, polite formulas apart."""
    text = spelled(text[:READ])
    for mark in _FOREIGN_MARKS if not text.isascii() else ():
        text = text.replace(mark, " ")
    flat = f" {b' '.join(text.encode('utf-8', 'replace').translate(_BLANKED).split()).decode()} "
    keys = [word.decode() for word in told]
    for word in keys:
        if word in FORMULAS:
            flat = FORMULAS[word].sub(" ", flat)
    return any(
        any(phrase in flat for phrase in REQUESTS[word]) or (word in PATTERNS and PATTERNS[word].search(flat))
        for word in keys
    )
