"""Reading what pages showed and did not tell, a few items at a time; one for which Graph is out of order waits."""

from __future__ import annotations

import msgspec

from connectors.errors import TryLater
from connectors.microsoft.calendar_items import Items
from connectors.microsoft.calendar_windows import TRIES, Standing, Waiting
from connectors.microsoft.refusals import Failing
from connectors.sync.port import Change

_STEP = 4  # items, of which each takes a request or a few
MOST = 50  # items that may be sick; where there are more it is Graph


def some(items: Items, standing: Standing) -> tuple[list[Change], Standing, TryLater | None]:
    """A few of those that wait, and what stopped it before their end: what was read is stored first.

    One that fails comes again behind the others, and in the end it is quarantined. Raises where nothing came of it.
    """
    step, left = standing.waiting[:_STEP], standing.waiting[_STEP:]
    changes: list[Change] = []
    sick = dict.fromkeys(standing.sick)
    again: list[Waiting] = []
    stopped: TryLater | None = None
    for number, one in enumerate(step):
        try:
            changes += _read(items, one, sick)
        except TryLater as error:
            alone = isinstance(error, Failing) and one.tries < TRIES
            if alone:
                again.append(msgspec.structs.replace(one, tries=one.tries + 1))
            stopped = error
            if not alone or error.after_seconds is not None:
                left = (*step[number + alone :], *left)
                break
    else:
        stopped = None if changes else stopped
    if stopped is not None and not (changes or again):
        raise stopped
    return changes, msgspec.structs.replace(standing, waiting=(*left, *again), sick=tuple(sick)), stopped


def _read(items: Items, one: Waiting, sick: dict[str, None]) -> list[Change]:
    """Raises TryLater."""
    if one.tries < TRIES or len({*sick, one.item}) > MOST:
        found = items.read(one)
        sick.pop(one.item, None)
    else:
        found = items.given_up(one)
        sick[one.item] = None
    return found
