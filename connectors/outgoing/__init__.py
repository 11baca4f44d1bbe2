"""What leaves this machine on the owner's word: the weekly report, to where the settings say. Nothing goes to a source.

Each way calls `begin` just before the moment from which on it may arrive, and raises `NotSent` for what surely did not.
"""

from __future__ import annotations

from collections.abc import Callable

from events.errors import AmityError

Begin = Callable[[], None]
SECONDS = 30.0  # ours: for any single answer of a server


class NotSent(AmityError):
    """Surely not delivered: it may be tried again."""
