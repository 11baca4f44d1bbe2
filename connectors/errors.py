"""Errors of sources, by what the caller must do. The base is `events.errors`."""

from __future__ import annotations

from events.errors import AmityError


class ItemMalformed(AmityError):
    """One item cannot be read: quarantine it with its place and this sentence, and go on with its neighbours."""


class CursorExpired(AmityError):
    """The source no longer knows the cursor or the page: list everything, and see what is gone."""


class SignInNeeded(AmityError):
    """The source refuses who we are: the person must sign in again; other accounts go on."""


class TryLater(AmityError):
    """The source is busy, away or out of order: repeat later, and never before `after_seconds`.

    `after_seconds` is what the source asked for, None where it asked for nothing (then: growing pauses with jitter).
    `everyone`: it is said to all accounts that are counted together (`Config.budget`), and not to this one alone.
    """

    def __init__(self, sentence: str, after_seconds: float | None = None, *, everyone: bool = False) -> None:
        super().__init__(sentence)
        self.after_seconds, self.everyone = after_seconds, everyone


class StreamEnded(AmityError):
    """One stream is not there any more, or may not be read: end it, the others go on."""


class Refused(AmityError):
    """Whatever we do, the source will not answer this: stop this account and tell the person."""
