"""What an answer says, in one word: the text itself is dropped, and a refusal must not be taken for an answer."""

from __future__ import annotations

import re

from connectors.mime.counting import is_wide
from connectors.mime.hearing import hear
from connectors.mime.lexicon import READ, spelled
from connectors.mime.saying_words import (
    ALL_WORDS,
    LATER,
    NO,
    NO_FIRST,
    NOT_NOW,
    PLAIN_NO,
    THANKS,
    YES,
    YES_FIRST,
)

SHORT_WORDS = 80  # (ours) a longer text says more than one word can, but for a plain refusal
LONG_WORDS = 400  # (ours) and in a still longer one nobody looks for that either
_READ = 200  # characters of a short text

_AROUND = ".,;:!-*_\"'()\u3001\u3002"
# "Hi Ana, yes": the answer begins behind the greeting.
_GREETINGS = frozenset({
    "hi", "hello", "hey", "dear", "hallo", "lieber", "liebe", "liebes", "guten", "servus", "moi", "hei", "hej",
    "hejsan", "kära", "kære", "kjære", "bonjour", "bonsoir", "salut", "cher", "chère", "chers", "hola",
    "buenos", "buenas", "querido", "querida", "estimado", "estimada", "ciao", "buongiorno", "buonasera", "caro",
    "cara", "gentile", "olá", "ola", "oi", "bom", "boa", "caríssimo", "prezado", "prezada", "beste", "dag",
    "hoi", "cześć", "dzień", "ahoj", "dobrý", "szia", "kedves", "merhaba", "say\u0131n", "bună", "привет",
    "здравствуйте", "добрый", "γεια",
})  # fmt: skip
_GREETED = re.compile(r"[\n,!:\uff0c\u3001]|(?<!dr)(?<!prof)(?<!mr)(?<!mrs)(?<!ms)(?<!sr)(?<!sra)(?<!eng)(?<!arq)\.")
_CALLED = re.compile(r"^[^\n\u3002.!?]{1,20}(?:様|さん|先生|さま|老师|老師|先生|女士|님|씨)[\s,\u3001\uff0c:\uff1a]*")
_LONGEST_GREETING = 50


def says(text: str, words: int) -> str:
    """`later`, `no`, `yes`, `thanks`; "" for a longer text, and where it says both or nothing of these."""
    if not 0 < words <= SHORT_WORDS:
        return _plainly(text) if 0 < words <= LONG_WORDS else ""
    beginning = spelled(text[:_READ])
    if is_wide(beginning):
        from connectors.mime.saying_wide import says_wide  # noqa: PLC0415  two milliseconds that few mails cost

        return says_wide(_CALLED.sub("", beginning))
    answer = _behind_greeting(beginning) or beginning
    refuses, agrees = NO_FIRST.match(answer) is not None, YES_FIRST.match(answer) is not None
    spoken = hear(text).telling
    if not ALL_WORDS.isdisjoint(spoken):
        if LATER.is_said(beginning, spoken):
            return "later"
        if NOT_NOW.is_said(beginning, spoken):
            return ""
        refuses = refuses or NO.is_said(beginning, spoken)
        agrees = agrees or YES.is_said(beginning, spoken)
    if refuses or agrees:
        return "" if refuses and agrees else "no" if refuses else "yes"
    return "thanks" if THANKS.is_said(beginning, spoken) else ""


def _plainly(text: str) -> str:
    """`no` where a long text refuses in so many words, and nothing in it agrees."""
    words = hear(text).telling
    if PLAIN_NO.words.isdisjoint(words):
        return ""
    whole = spelled(text[:READ])
    if not PLAIN_NO.is_said(whole, words):
        return ""
    answer = _behind_greeting(whole) or whole
    return "" if YES_FIRST.match(answer) or YES.is_said(whole, words) else "no"


def _behind_greeting(text: str) -> str:
    """What follows a greeting; "" where there is none."""
    if not any(word.strip(_AROUND) in _GREETINGS for word in text.split(None, 1)[:1]):
        return ""
    end = _GREETED.search(text, 0, _LONGEST_GREETING)
    return text[end.end() :] if end else ""
