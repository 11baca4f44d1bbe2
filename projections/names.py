"""Display names as people write them, brought to words that can be compared.

A *name* is the display text; its *words* are folded (no accents, no case, Latin script) and in the order given name
first. A *full name* has two words or more and is not a title of a role. Nothing here decides who is who.
"""

# ruff: noqa: RUF001  typographic quotes and full-width brackets are what stands in names

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import msgspec

from projections.name_tables import (
    CYRILLIC,
    GENERATIONS,
    GENERIC_WORDS,
    GREEK,
    LETTERS,
    NICKNAMES,
    SHORT_FORMS,
    TITLES,
    UMLAUTS,
)

_INVISIBLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIRECTORY = re.compile(r"</O=.*|/O=\S*.*CN=", re.IGNORECASE)
_VIA = re.compile(r"\s+(?:\(?via\s|on behalf of\s|im auftrag von\s|\[mailto:).*", re.IGNORECASE)
_RELAYED = re.compile(  # a service wrote in the name of a human: the address is the service's
    r"\bvia\s|on behalf of\s|im auftrag von\s|\((?:google|jira|confluence|slack|linkedin|asana|trello|notion|github"
    r"|gitlab|dropbox|docusign|zoom|figma|basecamp|facebook)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}|（[^（）]*）")
_NOTES = re.compile(r"(?<=\w)/[A-Z]\w*.*|@\s*[A-Z]{2,}\b(?!\.).*")  # Lotus Notes: Ana Ruiz/HOU/ECT@ECT
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_SEVERAL = re.compile(r"\s(?:&|\+|and|und|et)\s|&|;|\s/\s|／", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_WHOLE_IDEOGRAPHS = 3  # a family name of one and a given name of two characters
_MOST_WORDS = 6  # longer display texts are sentences, slogans or several people
_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)+")  # nothing to clean
_TIDY = re.compile(r"[A-Za-z0-9.]+(?:[ -][A-Za-z0-9.]+)*")  # nor here: most names
_LINKING = frozenset({"and", "und", "et", "via", "behalf", "auftrag"})  # of several, or of a service between
_DIGIT = re.compile(r"\d")
_LONGEST = 300  # what is longer is not a name, and would cost quadratic time


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What a display text says: `clean`, `words`, `is_several` and `is_full` of it."""

    text: str
    words: tuple[str, ...]
    is_several: bool
    is_full: bool


@lru_cache(maxsize=200_000)
def read(name: str) -> Reading:
    """Read a display text, once."""
    if len(name) <= _LONGEST and _TIDY.fullmatch(name):
        found = name.lower().replace(".", " ").replace("-", " ").split()
        if _LINKING.isdisjoint(found):
            parts = _untitled(found)
            return Reading(name, parts, is_several=False, is_full=_is_whole(name, parts))
    return read_slowly(name)


def read_slowly(name: str) -> Reading:
    """Read a display text in which anything may stand."""
    text = _cleaned(name)
    parts = _untitled(_folded(text))
    several = bool(_SEVERAL.search(_BRACKETS.sub(" ", name[:_LONGEST])))
    return Reading(text, parts, several, not several and not is_relayed(name) and _is_whole(text, parts))


def clean(name: str) -> str:
    """Give the name without quotes, remarks in brackets, `via …`, directory paths; "Last, First" turned round.

    Empty where nothing of a name is left: the display text was an address, or only a remark.
    """
    return read(name).text


def _cleaned(name: str) -> str:
    if _PLAIN.fullmatch(name) and not _VIA.search(name):
        return name
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", name[:_LONGEST]))
    text = _DIRECTORY.sub("", text)
    text = _VIA.sub("", text)
    text = _BRACKETS.sub(" ", text)
    text = _NOTES.sub("", text)
    text = _ADDRESS.sub(" ", text)
    text = text.replace('"', " ").replace("“", " ").replace("”", " ")
    text = " ".join(text.split()).strip(" '`’‘,;:<>()[]=-_*|").strip()
    return _turned(text)


def _turned(text: str) -> str:
    """"Ruiz, Ana" is Ana Ruiz; "Ana Ruiz, PhD" stays; what has more commas is not understood, and stays."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    while len(parts) > 1 and all(_fold(w) in TITLES for w in _WORD.findall(parts[-1].replace(".", ""))):
        parts.pop()
    suffix = ""
    if len(parts) > 1 and _fold(parts[-1].strip(". ")) in GENERATIONS:
        suffix = " " + parts.pop()
    if len(parts) != 2:  # noqa: PLR2004  "Last, First" has two parts
        return ", ".join(parts) + suffix
    return f"{parts[1]} {parts[0]}{suffix}"


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    lowered = "".join(LETTERS.get(c, c) for c in text.casefold())
    latin = "".join(CYRILLIC.get(c, c) for c in lowered)
    bare = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    return "".join(GREEK.get(c, c) for c in bare)


def words(name: str) -> tuple[str, ...]:
    """Give the folded words of a cleaned name, without titles: "Dr. José-María Ñu" gives jose, maria, nu."""
    return read(name).words


def _folded(text: str) -> list[str]:
    if _PLAIN.fullmatch(text):
        return text.lower().split()
    return [_fold(word).replace("'", "").replace("’", "").replace("`", "") for word in _WORD.findall(text)]


def _untitled(found: list[str]) -> tuple[str, ...]:
    kept = [word for word in found if word and word not in TITLES]
    return tuple(kept if len(kept) > 1 else filter(None, found))


@lru_cache(maxsize=200_000)
def spellings(name: str) -> tuple[tuple[str, ...], ...]:
    """Give the ways to write the words: as they are and, where there are umlauts, with ae, oe, ue."""
    said = read(name)
    plain = said.words
    if said.text.isascii():
        return (plain,)
    text = unicodedata.normalize("NFC", said.text).casefold()
    if not any(c in UMLAUTS for c in text):
        return (plain,)
    return plain, words("".join(UMLAUTS.get(c, c) for c in text))


def generation(parts: tuple[str, ...]) -> str:
    """Give jr, sr, ii, iii, iv where the name ends in one: father and son are two people."""
    return parts[-1] if len(parts) > 2 and parts[-1] in GENERATIONS else ""  # noqa: PLR2004  beyond two words


class Keys(msgspec.Struct, frozen=True, gc=False):
    """What a full name is found by, worked out once for each; a key is empty where the name has none of that kind.

    `whole`: "Jean-Paul Sartre" and "Jeanpaul Sartre" are one. `ends`: first and last word of "Ana M. Ruiz"; a second
    given name, written out, tells people apart. `turned`: the words in alphabetical order, "Ruiz Ana" without a comma.
    `written`: the local parts that people make of their whole name, anaruiz, anamruiz, and bobsmith for Robert Smith.
    `short`: the local parts that a name shares with many others, aruiz, ruiza, amruiz, anar.
    """

    whole: str
    ends: str
    turned: str
    written: frozenset[str]
    short: frozenset[str]


@lru_cache(maxsize=100_000)
def keys(name: tuple[str, ...]) -> Keys:
    """Give all keys of a full name."""
    whole = "".join(name)
    bare = without_generation(name)
    turned = " ".join(sorted(bare))
    if len(bare) < 2:  # noqa: PLR2004  there is nothing to combine
        return Keys(whole, "", turned, frozenset(), frozenset())
    first, *middle, last = bare
    inner = "".join([part[0] for part in middle])
    plain = len(first) > 1 and len(last) > 1 and len(inner) == len("".join(middle))  # only initials between
    written = {"".join(bare), first + last}
    written.update(form + last for head in NICKNAMES.get(first, ()) for form in SHORT_FORMS[head])
    short = {first[0] + last, last + first[0], first[0] + inner + last, first + last[0]}
    return Keys(whole, f"{first} {last}" if plain else "", turned, frozenset(written), frozenset(short))


def is_several(name: str) -> bool:
    """Tell whether the text names two people or more: "Ana & Ben Ruiz", "Ana Ruiz; Ben Ruiz"."""
    return read(name).is_several


def is_relayed(name: str) -> bool:
    """Tell whether a service stands between: "Ana Ruiz via LinkedIn", "Ana Ruiz (Google Docs)"."""
    return bool(_RELAYED.search(name[:_LONGEST]))


def is_full(name: str) -> bool:
    """Tell whether this is one human's whole name: two to six words with spaces, none generic, not only initials.

    Names without spaces in Han or Hangul are whole with three characters.
    """
    return read(name).is_full


def _is_whole(text: str, parts: tuple[str, ...]) -> bool:
    letters = "".join(parts)
    if not GENERIC_WORDS.isdisjoint(parts) or _DIGIT.search(letters):
        return False
    if len(parts) == 1:
        return len(letters) >= _WHOLE_IDEOGRAPHS and all(map(_is_ideograph, letters))
    if " " not in text or len(parts) > _MOST_WORDS:
        return False
    return len(parts) > 1 and any(len(part) > 1 for part in parts[1:])


def _is_ideograph(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or "\u3400" <= char <= "\u4dbf"


def same_word(first: str, second: str) -> bool:
    """Tell whether two words of names can be the same: equal (Müller, Mueller), an initial, or a known short form."""
    if first == second or _unmuted(first) == _unmuted(second):
        return True
    short, long = sorted((first, second), key=len)
    if len(short) == 1:
        return long.startswith(short)
    return bool(NICKNAMES.get(first, frozenset()) & NICKNAMES.get(second, frozenset()))


def _unmuted(word: str) -> str:
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def compatible(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Tell whether two full names can be one person's: each word of the shorter has its own in the longer.

    "Ana Ruiz" and "Ana M. Ruiz Soto" can be one, "Ana Ruiz" and "Ana Soto" cannot. Written together they may be equal.
    """
    if generation(first) and generation(second) and generation(first) != generation(second):
        return False
    short, long = sorted((without_generation(first), without_generation(second)), key=lambda w: (len(w), w))
    if "".join(short) == "".join(long):
        return True
    left = list(long)
    solid = 0
    for part in sorted(short, key=lambda w: (-len(w), w)):
        match = next((w for w in left if w == part), None) or next((w for w in left if same_word(w, part)), None)
        if match is None:
            return False
        left.remove(match)
        solid += len(part) > 1 and len(match) > 1
    return solid >= 1


def without_generation(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the words without a last jr, sr, ii, iii, iv."""
    return parts[:-1] if generation(parts) else parts


def is_human_looking(name: str) -> bool:
    """Tell whether a display name reads as a person's: a full name in upper and lower case, where a script has both."""
    text = clean(name)
    return bool(text) and is_full(name) and (text.upper() == text.lower() or text not in (text.upper(), text.lower()))
