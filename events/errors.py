"""Errors by what the caller must do. Each carries one sentence: what is wrong, where, what to do."""

from __future__ import annotations


class AmityError(Exception):
    """Shown to the person as its sentence, without a traceback; exit code 1."""

    exit_code = 1


class UsageError(AmityError):
    """The command, its options or the settings must be changed by the person; exit code 2."""

    exit_code = 2


class Conflict(AmityError):
    """A decision was made on an outdated view: read again, decide again."""


class Damaged(AmityError):
    """The store does not hold what was written: stop, restore from an export or a backup."""


class Busy(AmityError):
    """Another process holds the store: wait and repeat the same call."""
