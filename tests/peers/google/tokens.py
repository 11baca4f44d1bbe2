"""Page and sync tokens: opaque to clients, a JSON object to us."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any


def seal(**values: Any) -> str:
    return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def opened(token: str) -> dict[str, Any] | None:
    """None for what is no token of ours."""
    try:
        values = json.loads(urlsafe_b64decode(token))
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def digest(query: Mapping[str, Sequence[str]], without: frozenset[str]) -> str:
    """What a token remembers of the parameters it was given for."""
    kept = sorted((name, sorted(values)) for name, values in query.items() if name not in without)
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:16]
