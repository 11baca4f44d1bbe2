"""How well what somebody writes and meets about fits a few words (BM25). Pure: a person is a document of many texts.

The texts are subjects, titles, notes and labels: short, so that a word counts once in each of them, and the length of
a document is its number of texts. Somebody who is active in everything is thereby no expert in one thing.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): k1 = 1.2, b = 0.75.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import log
from typing import NamedTuple, TypeVar

from projections.goals import words

K1, B = 1.2, 0.75
STEM = 4  # letters (ours): `contract` is found in `contracts`, `art` is not found in `article`

Who = TypeVar("Who", bound=Hashable)


class Document(NamedTuple):
    """`hits`: term of the query -> in how many of the texts it stands, weighed as the caller likes; `texts`: of all."""

    hits: Mapping[str, float]
    texts: float


def terms(query: Iterable[str]) -> tuple[str, ...]:
    """The different words of some phrases, folded, in order."""
    return tuple(dict.fromkeys(word for phrase in query for word in words(phrase)))


def found(query: Sequence[str], text: str) -> tuple[str, ...]:
    """The terms that stand in a text, each once; whole, or one is the beginning of the other."""
    spoken = words(text)
    return tuple(term for term in query if any(_alike(term, word) for word in spoken))


def _alike(term: str, word: str) -> bool:
    return term == word or (min(len(term), len(word)) >= STEM and (word.startswith(term) or term.startswith(word)))


def bm25(query: Sequence[str], documents: Mapping[Who, Document], *, count: int, mean_texts: float) -> dict[Who, float]:
    """The score of each document, 0 for none of the terms. `documents` are at least all that have a hit.

    `count` and `mean_texts` describe the whole collection, with those that have none.
    """
    rarity = {term: _rarity(sum(1 for one in documents.values() if one.hits.get(term)), count) for term in query}
    return {
        who: sum(rarity[term] * _saturated(one.hits.get(term, 0.0), one.texts / mean_texts) for term in query)
        for who, one in documents.items()
    }


def _rarity(having: int, count: int) -> float:
    return log(1 + (max(count, having) - having + 0.5) / (having + 0.5))


def _saturated(hits: float, length: float) -> float:
    return hits * (K1 + 1) / (hits + K1 * (1 - B + B * length)) if hits else 0.0
