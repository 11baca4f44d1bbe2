"""What a text weighs: words as a person counts them, whether it asks something, whether it only closes a talk."""

from __future__ import annotations

import re
import string
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
_IDEOGRAPHS = re.compile(
    "[\u3040-\u30fa\u30fd-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_UNSPACED = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4f\u0e80-\u0edf\u1000-\u109f\u1780-\u17d3]")
_WIDE = re.compile(
    "[\u0e01-\u0edf\u1000-\u109f\u1780-\u17d3\u3040-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_LETTERS_OF_A_WORD = 3

_URL = re.compile(r"(?:https?://|www\.)\S++", re.IGNORECASE)
_QUESTION = re.compile("[?\uff1f؟⁇՞፧](?![\\w/=&])|(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
# Words of request, by the word that gives them away: looking for sets of words is ten times faster than one pattern.
_REQUESTS = {
    first: tuple(f"{first} {rest}" for rest in rests.split())
    for firsts, rests in (
        ("could can would will", "you we someone somebody anyone anybody"),
        ("könntest kannst", "du"), ("könnten können würden", "sie wir"), ("könntet könnt", "ihr"),
        ("pourriez pouvez", "vous"), ("pourrais peux", "tu"), ("merci", "de"), ("por", "favor"), ("per", "favore"),
        ("potrebbe può potresti puoi", "dirmi mandarmi inviarmi farmi"), ("zou kun kan", "je jij u"), ("kunt", "u"),
        ("ole", "hyvä"),
    )
    for first in firsts.split()
}  # fmt: skip
_REQUESTS["let"], _REQUESTS["need"] = ("let me know",), ("need you to",)
_REQUESTING = (
    "bitte pourriez-vous pourrais-tu peux-tu pouvez-vous pourrait-on podrías podrías? "
    "¿podrías ¿puedes ¿podría puedes podríamos poderia poderias alstublieft voisitko "
    "voitko voisitteko"
)
_ALONE = frozenset(_REQUESTING.split())
_PLEASE = re.compile(r"\bplease (?!find\b|see\b|note\b|accept\b)\w")
_REQUEST_WORDS = frozenset(_REQUESTS) | _ALONE | {"please"}
_DIFF = re.compile(r"^(?:diff --git |@@ -|Index: )", re.MULTILINE)
_ASKED_IN = 20_000  # characters of prose that are searched for a question
_REQUESTED_IN = 2_000  # and for words of request


def count_words(text: str) -> int:
    """Words of `text`; a sign of a script without spaces counts as one or a third of one."""
    if text.isascii():
        return _count(text.encode())
    extra = 0
    if _WIDE.search(text):
        text, ideographs = _IDEOGRAPHS.subn(" ", text)
        text, letters = _UNSPACED.subn(" ", text)
        extra = ideographs + -(-letters // _LETTERS_OF_A_WORD)
    text = _FOREIGN_MARKS.sub(" ", _JOINERS.sub("", text))
    return extra + _count(text.encode("utf-8", "replace"))


def _count(data: bytes) -> int:
    return (b" " + data.translate(_SHAPES, _MARKS)).count(b" a")


def squeezed(data: bytes) -> bytes:
    """`data` without its white space: copies of a text differ in line ends and in the blanks that programs cut."""
    return data.translate(None, _WHITE)


def body_hash(text: str) -> str:
    """16 hex digits that recognise a text whatever its white space; "" where there is none."""
    found = squeezed(text.encode("utf-8", "replace"))
    return blake2b(found, digest_size=8).hexdigest() if found else ""


def asks(text: str) -> bool:
    """Whether prose asks something: a question mark outside addresses of the web and patches, or words of request."""
    text = text[:_ASKED_IN]
    if ("@@ -" in text or "diff " in text) and (patch := _DIFF.search(text)):
        text = text[: patch.start()]
    if ("?" in text or not text.isascii()) and _questions(text):
        return True
    return _requests(text[:_REQUESTED_IN].lower())


def _questions(text: str) -> bool:
    """Whether a question mark ends something that is no address of the web."""
    if not text.isascii():
        return _QUESTION.search(_URL.sub("", text) if "://" in text or "www." in text else text) is not None
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
    for word in _REQUEST_WORDS.intersection(text.split()):
        if word in _ALONE or any(phrase in text for phrase in _REQUESTS.get(word, ())):
            return True
        if word == "please" and _PLEASE.search(text):
            return True
    return False
