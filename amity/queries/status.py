"""`amity status`: how fresh an answer is, and what to do where it is not; every source, the log, the views."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from amity.accounts import Account
from amity.period import iso
from amity.queries.delivered import open_deliveries
from amity.queries.synced import Stream, Synced, Told, synced
from amity.session import Session
from amity.streams import shown_names

STALE_DAYS = 7  # ours: a weekly report needs accounts that were read since the one before
_DAY_MS = 86_400_000
_PLANNED_MS = 60_000  # a plan that is so old was made by a daemon that is gone
_RUNS = """
    SELECT source, stream, position, at_ms, seen, stored, duplicates, skipped, problems, error FROM run
    WHERE at_ms <= ? ORDER BY source, stream, position
"""
Row = tuple[Any, ...]


def status(session: Session, head: int, clock_ms: int, accounts: Iterable[Account]) -> dict[str, Any]:
    """The document of `amity status`; `head` is the last position of the log."""
    runs: dict[str, dict[str, Row]] = {}  # by source and stream, the last one
    succeeded: dict[str, int] = {}
    for row in session.views.execute(_RUNS, (max(clock_ms, session.as_of_ms),)):
        runs.setdefault(row[0], {})[row[1]] = row
        if not row[-1]:
            succeeded[row[0]] = row[3]
    held = synced(session.home)
    found = []
    for account in accounts:
        said = held.get(account.source)
        found.append(_connected(session, account, said, runs.pop(account.source, {}), clock_ms))
    found += [_source(session, source, streams, succeeded.get(source), clock_ms) for source, streams in runs.items()]
    _date_the_oldest(session, found)
    projections = [
        {"name": name, "version": version, "position": position, "lag": max(head - position, 0)}
        for name, version, position in session.views.execute(
            "SELECT name, version, position FROM checkpoint ORDER BY name"
        )
    ]
    return {
        "accounts": found, "log": {"events": head, "last_position": head}, "projections": projections,
        "deliveries": [one._asdict() for one in open_deliveries(session.home)],
    }  # fmt: skip


def _connected(
    session: Session, account: Account, said: Synced | None, runs: dict[str, Row], clock_ms: int
) -> dict[str, Any]:
    """A connected account, also before its first sync."""
    own: dict[str, Any] = {"source": account.source, "connected": True, "job": None}
    if said is None:
        one = _entry(account.name, [], None, None)
        return one | own | {"says": f"was never read: amity sync {account.name}"}
    names = shown_names([(stream.stream, stream.title) for stream in said.streams])
    streams = [
        _synced_stream(session, names[stream.stream], stream, runs.get(stream.stream), clock_ms)
        for stream in said.streams
    ]
    until_ms = said.known_until_ms()
    failed = [stream.error for stream in said.streams if stream.state == "failed"]
    next_ms = _next_run_ms(said, clock_ms)
    error = _aside(session, account.name, said, next_ms) or said.error or (failed[0] if failed else None)
    one = _entry(account.name, streams, iso(until_ms, session.zone) if until_ms else None, error)
    one["push"] = pushed(said.told, clock_ms) or None
    one["next_run"] = iso(next_ms, session.zone) if next_ms else None
    own["job"] = said.job.id if said.job else None
    warnings = [stream.warning for stream in said.streams if stream.warning]
    return one | own | {"says": "; ".join([*_wrong(account.name, error, until_ms, clock_ms), *warnings])}


def pushed(told: Sequence[Told], clock_ms: int) -> str:
    """Whether the provider tells of news by itself, in a few words; "" where it was not asked to."""
    wrong = [one.error for one in told if one.state in {"refused", "waiting"}]
    if wrong:
        return f"only asked, not told of all news: {wrong[0]}"
    if any(one.state != "ok" or one.expires_ms <= clock_ms for one in told):
        return "only asked, until the provider tells of news again"
    if any(not one.heard_ms for one in told):
        return "the provider is to tell of news, and was silent so far"
    return "the provider tells of news" if told else ""


def _next_run_ms(said: Synced, clock_ms: int) -> int:
    """When the daemon will read it, or when anybody may; 0 where no daemon has it in hand."""
    planned = said.job.due_ms if said.job and said.job.due_ms > clock_ms - _PLANNED_MS else 0
    return max(planned, said.not_before_ms if said.not_before_ms > clock_ms else 0)


def _aside(session: Session, name: str, said: Synced, next_ms: int) -> str:
    """An account that ended whatever read it, as often as it was read."""
    if said.job is None or not said.job.is_aside() or said.ended_ms > said.job.started_ms:
        return ""
    again = f"not before {iso(next_ms, session.zone)[:16].replace('T', ' ')}" if next_ms else "later"
    return (
        f"{name} stands aside: {said.job.attempts} times the daemon was gone before it was read; it is tried again"
        f" {again}, or now with amity sync {name}."
    )


def _wrong(name: str, error: str | None, until_ms: int, clock_ms: int) -> list[str]:
    """What is wrong with an account, in words that say what to do; nothing where all is well."""
    if error:
        return [error]
    days = (clock_ms - until_ms) // _DAY_MS
    if not until_ms:
        return [f"was not yet read to the end: amity sync {name} goes on where it stopped"]
    return [f"was last read {days} days ago: amity sync {name}"] if days >= STALE_DAYS else []


def _source(
    session: Session, source: str, runs: dict[str, Row], succeeded_ms: int | None, clock_ms: int
) -> dict[str, Any]:
    """A source that is no connected account: imported files, or an account that was disconnected."""
    streams = [_run_stream(session, stream, row, clock_ms) for stream, row in runs.items()]
    files = source.startswith("files:")
    if not files:
        streams = [stream | {"state": "disconnected"} for stream in streams]
    error = next((row[-1] for row in runs.values() if row[-1]), None) if files else None
    last = iso(succeeded_ms, session.zone) if succeeded_ms is not None else None
    return _entry(source, streams, last, error) | {"source": source, "connected": False, "says": error or ""}


def _entry(name: str, streams: list[dict[str, Any]], last: str | None, error: str | None) -> dict[str, Any]:
    return {
        "account": name, "streams": streams, "last_success": last, "oldest": None, "next_run": None, "error": error,
        "push": None,
    }  # fmt: skip


def _synced_stream(session: Session, name: str, held: Stream, row: Row | None, clock_ms: int) -> dict[str, Any]:
    """A stream of an account: its last run as the log tells it, its state as the database holds it."""
    counted = _run_stream(session, name, row or ("", held.stream, 0, 0, 0, 0, 0, "{}", 0, ""), clock_ms)
    age = max((clock_ms - held.completed_ms) // 1000, 0) if held.completed_ms else None
    aside = [{"where": where, "why": why} for where, why in held.unreadable]
    return counted | {
        "id": held.stream, "cursor_age_seconds": age, "state": held.state, "error": held.error or None,
        "warning": held.warning or None, "unreadable": aside,
    }  # fmt: skip


def _run_stream(session: Session, name: str, row: Row, clock_ms: int) -> dict[str, Any]:
    source, _, position, at_ms, seen, stored, duplicates, skipped, problems, error = row
    shown = session.views.execute(
        "SELECT place, why FROM quarantine WHERE source = ? AND position <= ? ORDER BY position DESC LIMIT ?",
        (source, position, problems),
    ).fetchall()
    return {
        "stream": name, "seen": seen, "stored": stored, "duplicates": duplicates, "skipped": json.loads(skipped),
        "problems": [{"where": where, "why": why} for where, why in reversed(shown)],
        "cursor_age_seconds": max((clock_ms - at_ms) // 1000, 0), "state": "failed" if error else "ok",
    }  # fmt: skip


def _date_the_oldest(session: Session, found: list[dict[str, Any]]) -> None:
    """The views join the sightings of all sources: only a single one has an oldest of its own."""
    oldest = session.views.execute("SELECT min(at_ms) FROM message").fetchone()[0]
    first = session.views.execute("SELECT min(start_ms) FROM occurrence").fetchone()[0]
    known = [ms for ms in (oldest, first) if ms is not None]
    if len(found) == 1 and known:
        found[0]["oldest"] = iso(min(known), session.zone)
