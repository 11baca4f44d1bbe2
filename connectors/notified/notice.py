"""What a notification comes to, whoever sent it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Said(Enum):
    """NEWS: look; MISSED: some were lost, look; LAPSING: it ends unless it is prolonged; REMOVED: it has ended."""

    NEWS = "news"
    MISSED = "missed"
    LAPSING = "lapsing"
    REMOVED = "removed"


class Notice(NamedTuple):
    """`key`: which subscription it claims to be of; `proof`: of the secret it shows, "" where its sender signed it."""

    key: str
    proof: str
    said: Said = Said.NEWS
