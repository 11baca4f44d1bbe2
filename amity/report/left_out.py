"""What earned no minutes, by reason; and how fresh each source is: the end of the report says what is not in it."""

from __future__ import annotations

import json
from typing import Any

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
    """The last run of each source, whenever it was: reading files late does not make them unknown."""
    rows = session.views.execute(
        "SELECT source, at_ms, seen, stored, duplicates, skipped, problems, error FROM run AS one"
        " WHERE position = (SELECT max(position) FROM run WHERE source = one.source AND stream = one.stream)"
        " ORDER BY source, stream"
    ).fetchall()
    return [
        {"source": source, "last": iso(at_ms, session.zone), "seen": seen, "stored": stored, "duplicates": duplicates,
         "skipped": sum(json.loads(skipped).values()), "problems": problems, "error": error or None}
        for source, at_ms, seen, stored, duplicates, skipped, problems, error in rows
    ]  # fmt: skip
