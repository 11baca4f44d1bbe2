"""What accounts and their streams are called where people read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def shown_names(streams: Sequence[tuple[str, str]]) -> dict[str, str]:
    """By stream, of (stream, title): the title; where two have the same one, the stream's own name behind it."""
    times = Counter(title for _, title in streams)
    return {name: title if title and times[title] == 1 else f"{title} {name}".strip() for name, title in streams}


def told(name: str, source: str, sentence: str) -> str:
    """A sentence about an account, which names it once."""
    return sentence if sentence.startswith((f"{name}:", source)) else f"{name}: {sentence}"
