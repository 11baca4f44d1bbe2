"""What a text weighs: words as a person counts them, and what recognises the same text again."""

from __future__ import annotations

import re
import string
from functools import cache
from hashlib import blake2b

CLOSER_WORDS = 5  # measures F8: at most five new words and no question

# A word is what stands between white space and holds a letter or a digit: "don't", "and/or" and an address are one.
_SHAPES = bytes.maketrans(
    (string.ascii_letters + string.digits).encode() + bytes(range(128, 256)) + string.whitespace.encode(),
    b"a" * (62 + 128) + b" " * len(string.whitespace),
)
_MARKS = bytes(code for code in range(128) if not chr(code).isalnum() and chr(code) not in string.whitespace)
_WHITE = string.whitespace.encode()
# Dashes and bullets are no words; everything else above ASCII counts as a letter.
_FOREIGN_MARKS = re.compile(
    "[\x80-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb-\xbf\xd7\xf7\u2000-\u206f\u20a0-\u20bf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe6f\uff00-\uff0f"
    "\uff1a-\uff20\ufeff\U0001f000-\U0001faff]"
)
_JOINERS = re.compile("[\u2018\u2019\u00ad\u200b-\u200d\u2010\u2011\u2060]")  # inside a word they do not end it
# Scripts without spaces: a Chinese, Japanese or Korean-Hanja sign is about a word; of Thai, Lao, Khmer and Burmese
# letters three (facts: dependencies, "Word count").
_IDEOGRAPHS = (
    "[\u3040-\u30fa\u30fd-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_UNSPACED = "[\u0e01-\u0e3a\u0e40-\u0e4f\u0e80-\u0edf\u1000-\u109f\u1780-\u17d3]"
_WIDE = (
    "[\u0e01-\u0edf\u1000-\u109f\u1780-\u17d3\u3040-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_HANGUL = "[\uac00-\ud7a3]"
# A class of 30,000 signs takes two milliseconds to compile, and most mail has none of these: in UTF-8 they begin with
# other bytes than the alphabets and the marks of typography, which begin before E0 or with E2.
_compiled = cache(re.compile)
_NARROW = bytes(range(0xE0)) + b"\xe2"
_ASCII = bytes(range(128))
_LETTERS_OF_A_WORD = 3


def count_words(text: str) -> int:
    """Words of `text`; a sign of a script without spaces counts as one or a third of one."""
    if text.isascii():
        return _count(text.encode())
    foreign = foreign_signs(text)
    extra = 0
    if _may_be_wide(foreign) and _compiled(_WIDE).search(foreign):
        text, ideographs = _compiled(_IDEOGRAPHS).subn(" ", text)
        text, letters = _compiled(_UNSPACED).subn(" ", text)
        extra = ideographs + -(-letters // _LETTERS_OF_A_WORD)
    if _JOINERS.search(foreign):
        text = _JOINERS.sub("", text)
    if _FOREIGN_MARKS.search(foreign):
        text = _FOREIGN_MARKS.sub(" ", text)
    return extra + _count(text.encode("utf-8", "replace"))


def foreign_signs(text: str) -> str:
    """What is not ASCII in it, in its order: mostly a few names, and patterns are slow readers."""
    return text.encode("utf-8", "replace").translate(None, _ASCII).decode()


def is_wide(text: str) -> bool:
    """Whether a script without spaces, or Korean, is in it."""
    if text.isascii():
        return False
    foreign = foreign_signs(text)
    return _may_be_wide(foreign) and any(_compiled(script).search(foreign) for script in (_WIDE, _HANGUL))


def _may_be_wide(foreign: str) -> bool:
    return bool(foreign.encode().translate(None, _NARROW))


def _count(data: bytes) -> int:
    return (b" " + data.translate(_SHAPES, _MARKS)).count(b" a")


def squeezed(data: bytes) -> bytes:
    """`data` without its white space: copies of a text differ in line ends and in the blanks that programs cut."""
    return data.translate(None, _WHITE)


def body_hash(text: str) -> str:
    """16 hex digits that recognise a text whatever its white space; "" where there is none."""
    found = squeezed(text.encode("utf-8", "replace"))
    return blake2b(found, digest_size=8).hexdigest() if found else ""
