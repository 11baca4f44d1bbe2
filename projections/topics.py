"""Which words of some texts stand out: what one talks about with somebody, beside what one talks about with anybody.

A text is a subject or a title. Its *terms* are folded words; those that every correspondence has say nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from projections.goals import fold, words
from projections.subjects import bare

TEXTS_NEEDED = 2  # threads or meetings that share a word before it is a topic
TOGETHER = 0.75  # of both words' texts: then they are one topic, `term sheet`
SHORTEST, ACRONYM, RUN = 3, 2, 6  # letters of a word; of one in capitals; of a run without spaces that is kept whole
_ASCII = re.compile("[A-Za-z0-9]+")
_EMPTY = frozenset(words(
    # what programs and politeness put there
    "re fw fwd aw wg sv vs tr rv ref antw odp res enc meeting meetings call calls sync invitation invite accepted "
    "declined tentative canceled cancelled updated update updates reminder automatic automatische antwort reply office "
    "message mail email hello hi hey dear thanks thank thx please urgent fyi asap regarding copy attached attachment "
    "question questions info information news note notes quick short follow followup status catch chat check hallo "
    # function words
    "a an the of for and or not with without in on at to from by about into over under as is are was were be been am "
    "do does did has have had can could will would should shall may might must it its this that these those there here "
    "i me my mine you your yours he him his she her we us our they them their who what when where why how which "
    "if then than so too very just also only all any some no yes new old one two first last next more most other up "
    "down out off again back now today tomorrow yesterday week weeks day days month months year years time ok "
    "get got go going let lets make need want see look know send sent per via etc "
    "der die das den dem des ein eine einen einem einer und oder nicht mit ohne im am an auf zu zum zur von vom bei "
    "fur uber unter als ist sind war ich du er sie es wir ihr mein dein sein unser was wann wo wie wer noch nur auch "
    "heute morgen gestern woche tag bitte danke frage fragen termin "
    "le la les un une des du de et ou ne pas avec sans dans sur pour par est sont je tu il elle nous vous ils mon ton "
    "son notre votre leur que qui quoi merci bonjour reunion el los las una unos y o con sin en por para es son yo tu "
    "mi su que del al gracias hola het een van en of niet met op te voor bij zijn ik jij wij og eller ikke med pa til "
    "for av fra ett och inte ja ei on ja tai il lo gli uno di da per con non che grazie um uma os as do da dos das "
    "nao com sem em "
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun january february march april "
    "may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm"
))  # fmt: skip


class Topic(NamedTuple):
    """One word, or two that stand together, as it is mostly written, and in which of the texts."""

    text: str
    places: tuple[int, ...]


def terms(text: str) -> dict[str, str]:
    """Folded word -> as it is written, in order; without prefixes of replies, numbers and words that say nothing."""
    found: dict[str, str] = {}
    for written in _written(text):
        folded = "".join(words(written))
        short = len(folded) < SHORTEST and not (len(folded) == ACRONYM and (written.isupper() or not folded.isascii()))
        if folded and not short and not folded.isnumeric() and folded not in _EMPTY:
            found.setdefault(folded, written)
    return found


def _written(text: str) -> list[str]:
    if text.isascii():
        return _ASCII.findall(text)
    spaced = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in unicodedata.normalize("NFC", text))
    found = []
    for part in spaced.split():
        if len(words(part)) > RUN:  # a sentence without spaces: each two neighbours stand for a word
            found += ["".join(two) for two in pairwise(part)]
        else:
            found.append(part)
    return found


def standing_out(
    texts: Sequence[str], others: Collection[str], unwanted: Collection[str] = (), most: int = 3
) -> list[Topic]:
    """The words that these texts have more often than `others`, best first. `unwanted`: folded, such as names.

    Equal subjects are one text, whatever stands before them: a long thread is one conversation.
    """
    apart: dict[str, int] = {}
    for place, text in enumerate(texts):
        apart.setdefault(bare(text)[0], place)
    spoken = {place: terms(_without_prefix(texts[place])) for place in apart.values()}
    counts = Counter(word for some in spoken.values() for word in some if word not in unwanted)
    usual = Counter(word for other in set(others) for word in terms(other))
    scored = {
        word: count * log(1 + len(others) / (1 + usual[word]))
        for word, count in counts.items()
        if count >= TEXTS_NEEDED
    }
    joined = _joined(scored, counts, spoken)
    found: list[Topic] = []
    taken: set[str] = set()
    for word in sorted(scored, key=lambda word: (-scored[word], word)):
        phrase = joined.get(word, (word,))
        if taken.isdisjoint(phrase) and len(found) < most:
            found.append(_topic(phrase, spoken))
        taken.update(phrase)
    return found


def _without_prefix(text: str) -> str:
    """The end of the text that has no `Re:` before it, as it is written."""
    plain = bare(text)[0]
    tail = text[-len(plain) :] if plain else ""
    return tail if fold(tail) == fold(plain) else text


def _joined(
    scored: Mapping[str, float], counts: Mapping[str, int], spoken: Mapping[int, dict[str, str]]
) -> dict[str, tuple[str, ...]]:
    """Word -> the two words that it is always one of."""
    pairs = Counter(two for some in spoken.values() for two in pairwise(some))
    found: dict[str, tuple[str, ...]] = {}
    for two, n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if all(one in scored and one not in found and n >= TOGETHER * counts[one] for one in two):
            found.update(dict.fromkeys(two, two))
    return found


def _topic(phrase: tuple[str, ...], spoken: Mapping[int, dict[str, str]]) -> Topic:
    places = tuple(sorted(place for place, some in spoken.items() if all(word in some for word in phrase)))
    shown = [Counter(spoken[place][word] for place in places).most_common(1)[0][0] for word in phrase]
    return Topic(" ".join(shown), places)


def name_words(names: Iterable[str], addresses: Iterable[str]) -> set[str]:
    """The folded words of names and of what stands before the @: they are nobody's topic."""
    return {word for name in names for word in words(name)} | {
        word for address in addresses for word in words(address.partition("@")[0])
    }
