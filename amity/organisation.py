"""An organisation: many owners, each with a home of their own below one folder, in one database or each in a file.

Who runs it adds and removes owners and sees whether their accounts are read, and never what they hold. What is said
across owners is said of those who agreed, of at least `MINIMUM` of them at once, and rounded.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from amity import period as periods
from amity.home import OWNER, OWNERS, Home, of_owner, prepare, write_private
from amity.queries import spent
from amity.session import open_session
from amity.wiring import open_home, settings_of
from events import erasure, positions
from events.errors import AmityError, UsageError

MINIMUM = 5  # people behind any number across owners: the group size that Viva Insights begins at, and ours
ROUND = 15  # minutes: so that one more or one less owner cannot be read off two averages
MEASURES = ("clock_minutes", "meeting_minutes", "mail_minutes", "solo_minutes", "broadcast_minutes")


def require(organisation: Home) -> Home:
    """Raises UsageError where the home is one owner's: an owner sees nothing of the others."""
    if organisation.owner != OWNER:
        raise UsageError(f"AMITY_OWNER is {organisation.owner}: owners are managed without it, by who runs Amity.")
    return organisation


def owners(organisation: Home) -> list[str]:
    """The names of all owners, sorted."""
    folder = require(organisation).folder / OWNERS
    return sorted(one.name for one in folder.iterdir() if one.is_dir()) if folder.is_dir() else []


def add(organisation: Home, name: str, settings: str) -> Home:
    """A new owner's home with the text of its settings. Raises UsageError where the owner is there already."""
    home = _find(organisation, name, there=False)
    prepare(organisation)
    prepare(home)
    write_private(home.settings, settings)
    with open_home(home) as log:  # as the owner: a database that would not let it in says so now
        if log.head():
            raise UsageError(f"The database already holds events of {name!r}: choose another name.")
    return home


def remove(organisation: Home, name: str) -> int:
    """Take an owner away for good: log, settings, tokens, views. How many events the log had."""
    home = _find(organisation, name, there=True)
    events = 0
    if home.log_url:
        with open_home(home) as log:
            events = erasure.erase(log)
    elif home.log.exists():
        with open_home(home) as log:
            events = log.head()
    shutil.rmtree(home.folder)
    if home.cache:
        shutil.rmtree(home.cache, ignore_errors=True)
    return events


def health(organisation: Home) -> list[dict[str, Any]]:
    """One entry an owner: how much there is and whether it is fresh; no address, no name of an account, no content."""
    return [_guarded(organisation, name, _health) for name in owners(organisation)]


def averages(organisation: Home, text: str, clock_ms: int) -> dict[str, Any]:
    """Means and medians of a period over the owners who agreed (`[policy] aggregates`); none below `MINIMUM`."""
    found = [_guarded(organisation, name, lambda home: _minutes(home, text, clock_ms)) for name in owners(organisation)]
    agreed = [one["totals"] for one in found if one.get("totals")]
    shown = {"period": periods.parse(text, ZoneInfo("UTC"), clock_ms).name, "minimum": MINIMUM}
    if len(agreed) < MINIMUM:
        return shown | {"owners": None, "measures": [], "says": f"fewer than {MINIMUM} owners agreed to be part of it"}
    rows = [
        {"measure": name, "mean": _rounded(statistics.mean(values)), "median": _rounded(statistics.median(values))}
        for name in MEASURES
        for values in [[one[name] for one in agreed]]
    ]
    return shown | {"owners": len(agreed), "measures": rows, "says": ""}


def _find(organisation: Home, name: str, *, there: bool) -> Home:
    home = of_owner(require(organisation), name)
    if home.folder.is_dir() != there:
        raise UsageError(f"There is {'no' if there else 'already an'} owner {name!r}: `amity owners` lists them.")
    return home


def _guarded(organisation: Home, name: str, ask: Callable[[Home], dict[str, Any]]) -> dict[str, Any]:
    """One owner's trouble keeps nobody else from being shown, and its words are the owner's: only its kind is told."""
    try:
        return {"owner": name} | ask(_find(organisation, name, there=True))
    except AmityError as error:
        return {"owner": name, "state": "failed", "says": f"{type(error).__name__}: ask {name} to run `amity doctor`"}


def _health(home: Home) -> dict[str, Any]:
    if not home.log_url and not home.log.exists():
        return {"state": "empty", "events": 0, "accounts": 0, "failing": 0, "last_read_ms": None, "says": ""}
    with open_home(home) as log, log.reading() as connection:
        found = positions.accounts(connection, log.owner)
        accounts = [row for source, row in found.items() if not source.startswith(positions.BUDGET)]
        events = log.head()
    failing = sum(account.state != "ok" for account in accounts)
    last = max((account.ended_ms for account in accounts), default=0)
    return {
        "state": "failing" if failing else "ok", "events": events, "accounts": len(accounts), "failing": failing,
        "last_read_ms": last or None, "says": "",
    }  # fmt: skip


def _minutes(home: Home, text: str, clock_ms: int) -> dict[str, Any]:
    if not settings_of(home).policy.aggregates:
        return {}
    with open_session(home, clock_ms) as session:
        return {"totals": spent.totals(session, session.period(text))}


def _rounded(minutes: float) -> int:
    return round(minutes / ROUND) * ROUND
