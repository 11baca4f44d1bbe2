"""Errors of sources, by what the caller must do. The base is `events.errors`."""

from __future__ import annotations

from events.errors import AmityError


class ItemMalformed(AmityError):
    """One item cannot be read: quarantine it with its place and this sentence, and go on with its neighbours."""
