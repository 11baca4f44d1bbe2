"""nextLink and deltaLink: whole URLs of more than a kilobyte, opaque to clients, a JSON object to us."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

LENGTH = 1100


class Round(NamedTuple):
    """One delta query over all its pages. `since`: changes behind this number, 0: everything; `upto`: the number when
    the round began; `at`: where the last page ended; `empty`: how many pages have shown nothing on purpose."""

    kind: str
    path: str
    since: int
    upto: int
    at: int
    generation: int
    options: dict[str, str]
    empty: int = 0


def seal(made: Round) -> str:
    text = json.dumps(made, separators=(",", ":"))
    return urlsafe_b64encode(text.ljust(LENGTH * 3 // 4).encode()).decode().rstrip("=")


def opened(token: str) -> Round | None:
    """None for what is no token of ours."""
    try:
        values: Any = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return Round(*values)
    except (ValueError, TypeError):
        return None
