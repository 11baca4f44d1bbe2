"""Which kinds of accounts there are: the entry points of the group `amity.connectors`, each loaded when it is used."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from connectors.sync.provider import Config, Provider
from events.errors import AmityError, UsageError

GROUP = "amity.connectors"


def kinds() -> list[str]:
    """The names of all kinds, sorted; nothing of them is loaded."""
    return sorted(_found())


def provider(kind: str) -> Provider[Config]:
    """The provider of a kind. Raises UsageError where there is none by that name, AmityError where it is broken."""
    found = _found()
    if kind not in found:
        raise UsageError(f'There is no kind of account "{kind}"; there are: {", ".join(sorted(found)) or "none"}.')
    try:
        loaded = found[kind].load()
    except Exception as error:
        raise AmityError(
            f"The connector {kind} ({found[kind].value}) cannot be loaded ({type(error).__name__}: {error}): reinstall"
            " the package it comes from."
        ) from error
    if not isinstance(loaded, Provider) or loaded.kind != kind:
        raise AmityError(f"The connector {kind} ({found[kind].value}) is no provider of that kind: update its package.")
    return loaded


@cache
def _found() -> dict[str, EntryPoint]:
    """Once for each process: every package that is installed is looked into, which takes as long as a short sync."""
    return {point.name: point for point in entry_points(group=GROUP)}
