"""What a person is told when they connect a Google account: what was found, what will be read, what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.google.account import GoogleAccount


def check(account: GoogleAccount) -> Sequence[str]:
    """See `connectors.sync.provider.Checker`."""
    try:
        streams = account.streams()
    finally:
        account.close()
    return [", ".join(stream.title for stream in streams) + " will be read"]
