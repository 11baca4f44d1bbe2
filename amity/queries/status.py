"""`amity status`: how fresh an answer is; every source, the log, the views."""

from __future__ import annotations

import json
from typing import Any

from amity.period import iso
from amity.session import Session

_RUNS = """
    SELECT source, stream, position, at_ms, seen, stored, duplicates, skipped, problems, error FROM run
    WHERE at_ms <= ? ORDER BY source, stream, position
"""


def status(session: Session, head: int, clock_ms: int) -> dict[str, Any]:
    """The document of `amity status`; `head` is the last position of the log."""
    accounts: dict[str, dict[str, Any]] = {}
    for row in session.views.execute(_RUNS, (max(clock_ms, session.as_of_ms),)).fetchall():
        source, stream, _, at_ms, _, _, _, _, _, error = row
        account = accounts.setdefault(
            source,
            {
                "account": source,
                "streams": [],
                "last_success": None,
                "oldest": None,
                "next_run": None,
                "error": None,
            },
        )
        account["streams"] = [one for one in account["streams"] if one["stream"] != stream]
        account["streams"].append(_stream(session, row, clock_ms))
        account["error"] = error or None
        if not error:
            account["last_success"] = iso(at_ms, session.zone)
    oldest = session.views.execute("SELECT min(at_ms) FROM message").fetchone()[0]
    first = session.views.execute("SELECT min(start_ms) FROM occurrence").fetchone()[0]
    known = [ms for ms in (oldest, first) if ms is not None]
    if (
        len(accounts) == 1 and known
    ):  # the views join the sightings of all sources: only a single one has an oldest of its own
        next(iter(accounts.values()))["oldest"] = iso(min(known), session.zone)
    projections = [
        {"name": name, "version": version, "position": position, "lag": max(head - position, 0)}
        for name, version, position in session.views.execute(
            "SELECT name, version, position FROM checkpoint ORDER BY name"
        )
    ]
    return {
        "accounts": list(accounts.values()),
        "log": {"events": head, "last_position": head},
        "projections": projections,
    }


def _stream(session: Session, row: tuple[Any, ...], clock_ms: int) -> dict[str, Any]:
    source, stream, position, at_ms, seen, stored, duplicates, skipped, problems, error = row
    shown = session.views.execute(
        "SELECT place, why FROM quarantine WHERE source = ? AND position <= ? ORDER BY position DESC LIMIT ?",
        (source, position, problems),
    ).fetchall()
    return {
        "stream": stream, "seen": seen, "stored": stored, "duplicates": duplicates, "skipped": json.loads(skipped),
        "problems": [{"where": where, "why": why} for where, why in reversed(shown)],
        "cursor_age_seconds": max((clock_ms - at_ms) // 1000, 0), "state": "failed" if error else "ok",
    }  # fmt: skip
