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
_SQUEEZED = string.whitespace.encode()
# Dashes and bullets are no words; everything else above ASCII counts as a letter.
_FOREIGN_MARKS = re.compile(
    "[\x80-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb-\xbf\xd7\xf7\u2000-\u206f\u20a0-\u20bf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe6f\uff00-\uff0f"
    "\uff1a-\uff20\ufeff\U0001f000-\U0001faff]"
)
_JOINERS = re.compile("[\u2018\u2019\u00ad\u200b-\u200d\u2010\u2011\u2060]")  # inside a word they do not end it
# Scripts without spaces: a Chinese, Japanese or Korean-Hanja sign is about a word; of Thai, Lao, Khmer and Burmese
# letters three (facts: dependencies, "Word count").
_IDEOGRAPHS = re.compile("[\u3040-\u30fa\u30fd-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_UNSPACED = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4f\u0e80-\u0edf\u1000-\u109f\u1780-\u17d3]")
_WIDE = re.compile("[\u0e01-\u0edf\u1000-\u109f\u1780-\u17d3\u3040-\u31ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_LETTERS_OF_A_WORD = 3

_URL = re.compile(r"(?:https?://|www\.)\S++", re.IGNORECASE)
_QUESTION = re.compile("[?？؟⁇՞፧](?![\\w/=&])|(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_REQUEST = re.compile(
    r"\b(?:(?:could|can|would|will) (?:you|we|someone|anybody|anyone)|please (?!find|see attached|note)\w+|let me know|"
    r"i need you to|(?:könnte[nst]{1,2}|kannst|könnt|können) (?:du|sie|ihr|wir)|bitte \w+|"
    r"(?:pourr(?:iez|ais)|peux|pouvez|pourrait)[- ](?:vous|tu|on)|merci de \w+|(?:podr[íi]as?|puedes?|podr[íi]amos)\b|"
    r"por favor|(?:potrest[ei]|potresti|puoi|può)\b|per favore|(?:poderias?|podes?) \w+|(?:zou|kun|kunt|kan) (?:je|u|jij)\b|"
    r"alstublieft|graag \w+|voisitko|voitko|voisitteko|ole hyvä)",
    re.IGNORECASE,
)
_DIFF = re.compile(r"^(?:diff --git |@@ -|Index: )", re.MULTILINE)
_ASKED_IN = 20_000  # characters of prose that are searched for a question


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


def squeezed_hash(data: bytes, size: int) -> str:
    """A hash of `data` without its white space, as 2 * `size` hex digits; "" where nothing is left."""
    squeezed = data.translate(None, _SQUEEZED)
    return blake2b(squeezed, digest_size=size).hexdigest() if squeezed else ""


def asks(text: str) -> bool:
    """Whether prose asks something: a question mark outside addresses of the web and patches, or words of request."""
    text = text[:_ASKED_IN]
    if ("@@ -" in text or "diff " in text) and (patch := _DIFF.search(text)):
        text = text[: patch.start()]
    if ("?" in text or not text.isascii()) and _QUESTION.search(_URL.sub("", text)):
        return True
    return _REQUEST.search(text) is not None
