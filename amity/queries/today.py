"""The day that holds "now": where something of it is still going on, what comes after now is cut off.

The read models know whole days. Where a meeting spans the session's now, or is still to come today, that one day is
computed anew up to now; temporary tables then stand before `ledger` and `daily`, for every question of the session.
"""

from __future__ import annotations

from typing import Any, cast

from amity.period import Period, day_start, local_day
from amity.session import Session

_GOING_ON = """
    SELECT EXISTS (SELECT 1 FROM occurrence WHERE day BETWEEN :day - 1 AND :day AND clock > 0
                   AND end_ms > :now AND start_ms < :tomorrow)
        OR EXISTS (SELECT 1 FROM message WHERE day = :day AND at_ms > :now)
"""



def cut(session: Session, period: Period) -> None:
    """Cut the session's day at its now, where the period holds that day and it matters. Costs nothing otherwise."""
    today = local_day(session.as_of_ms, session.zone)
    if not period.since <= today < period.until or _is_cut(session):
        return
    about = {"day": today, "now": session.as_of_ms, "tomorrow": day_start(today + 1, session.zone)}
    if not session.views.execute(_GOING_ON, about).fetchone()[0]:
        return
    from amity.queries.judged import rules_of  # noqa: PLC0415  100 ms that only an unfinished day may cost
    from projections.query import daily_rows, ledger_rows  # noqa: PLC0415  likewise

    views, rules = session.views, rules_of(session)
    now = session.as_of_ms + 1  # a decision dated now has been made
    rows: list[tuple[Any, ...]] = list(ledger_rows(views, today, today + 1, now, rules))
    days = daily_rows(views, today, today + 1, now, rules)
    sums: list[tuple[Any, ...]] = [(day, *cast("tuple[float, ...]", of)) for day, of in days]
    for name, values in (("ledger", rows), ("daily", sums)):
        columns = [row[1] for row in views.execute(f"PRAGMA main.table_info({name})")]
        views.execute(f"CREATE TEMP TABLE {name}_today AS SELECT {', '.join(columns)} FROM main.{name} WHERE 0")
        views.executemany(f"INSERT INTO {name}_today VALUES ({', '.join('?' * len(columns))})", values)
        views.execute(
            f"CREATE TEMP VIEW {name} AS SELECT {', '.join(columns)} FROM main.{name} WHERE day != {today}"
            f" UNION ALL SELECT * FROM {name}_today"
        )
    views.commit()


def _is_cut(session: Session) -> bool:
    return session.views.execute("SELECT 1 FROM temp.sqlite_schema WHERE name = 'ledger'").fetchone() is not None
