"""What earned no minutes, by reason; and how fresh each source is: the end of the report says what is not in it."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from amity.period import Period, iso
from amity.queries.counted import uncounted
from amity.queries.spent import DIGITS
from amity.session import Session


def by_reason(session: Session, period: Period) -> list[dict[str, Any]]:
    """`[{"reason", "items", "minutes"}]`, the most minutes first."""
    found: dict[str, list[float]] = {}
    for item in uncounted(session, period):
        row = found.setdefault(item["reason"], [0, 0.0])
        row[0] += 1
        row[1] += item["minutes"]
    rows = [
        {"reason": reason, "items": int(n), "minutes": round(minutes, DIGITS)}
        for reason, (n, minutes) in found.items()
    ]
    return sorted(rows, key=lambda row: (-float(str(row["minutes"])), str(row["reason"])))


def sources(session: Session) -> list[dict[str, Any]]:
    """The last run of each source, all its streams, whenever it was: reading files late does not make them unknown.

    `last_success`: up to when all of the source is known. Where a stream failed, that is when it last succeeded.
    """
    rows = session.views.execute(
        "SELECT source, stream, at_ms, seen, stored, duplicates, skipped, problems, error,"
        " (SELECT max(at_ms) FROM run WHERE source = one.source AND stream IN (one.stream, '') AND error = '')"
        " FROM run AS one"
        " WHERE position = (SELECT max(position) FROM run WHERE source = one.source AND stream = one.stream)"
        " ORDER BY source, stream"
    ).fetchall()
    return [_source(session, source, list(map(_Run._make, runs))) for source, runs in groupby(rows, key=itemgetter(0))]


class _Run(NamedTuple):
    """The last run of one stream, and when one last succeeded; stream "" is the account where it has others."""

    source: str
    stream: str
    at_ms: int
    seen: int
    stored: int
    duplicates: int
    skipped: str
    problems: int
    error: str
    succeeded_ms: int | None


def _source(session: Session, source: str, runs: list[_Run]) -> dict[str, Any]:
    """A stream's failure stands until the stream, or the account as a whole, is told to be well."""
    newest = max(run.at_ms for run in runs)
    last = [run for run in runs if run.at_ms == newest]
    failed = [run for run in runs if run.error and run.at_ms >= (run.succeeded_ms or 0)]
    doubtful = runs if any(not run.stream for run in failed) else failed  # the account as a whole, or single streams
    known = [run.succeeded_ms for run in doubtful if run.stream or len(runs) == 1]
    until_ms = newest if not failed else min((ms for ms in known if ms is not None), default=None)
    skipped = sum(sum(json.loads(run.skipped).values()) for run in last)
    return {
        "source": source, "last": iso(newest, session.zone), "seen": sum(run.seen for run in last),
        "stored": sum(run.stored for run in last), "duplicates": sum(run.duplicates for run in last),
        "skipped": skipped, "problems": sum(run.problems for run in last),
        "error": failed[0].error if failed else None,
        "last_success": None if until_ms is None or None in known else iso(until_ms, session.zone),
    }  # fmt: skip
