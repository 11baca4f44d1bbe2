"""`time`: where the minutes went, added up by any combination of keys; every sum reconciles with the totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amity import resolve
from amity.period import FIRST_DAY, Period, day_name, iso_day, local_day, week_name
from amity.queries.today import cut
from amity.session import Session
from events.errors import UsageError
from projections.schema import BROADCAST, NOBODY, UNASSIGNED

KEYS = ("person", "goal", "week", "day", "channel", "tier")
MEASURES = ("clock", "attributed", "face")
_SQL = {
    "person": "person",
    "tier": "person",
    "goal": "goal",
    "day": "day",
    "week": "day - (day - 1) % 7",
    "channel": "channel",
}
_OF = {  # which rows of the ledger a measure adds up; nobody's minutes are time alone
    "clock": "1",
    "attributed": f"person != {NOBODY}",
    "face": f"person NOT IN ({NOBODY}, {BROADCAST})",
}
WITHIN = "day >= :since AND day < :until AND at_ms <= :now AND from_ms <= :now"
DIGITS = 9  # of minutes in JSON: a sum of thousands of rows still agrees with its total to a millionth


def bounds(session: Session, period: Period) -> dict[str, int]:
    return {"since": period.since, "until": period.until, "now": session.as_of_ms}


def keys_of(text: str) -> list[str]:
    """`person,goal` as a list. Raises UsageError for anything that is no key."""
    keys = [key.strip() for key in text.split(",") if key.strip()]
    wrong = [key for key in keys if key not in KEYS]
    if wrong or not keys or len(set(keys)) != len(keys):
        raise UsageError(
            f'--by "{text}" is not understood: write one or more of {", ".join(KEYS)}, each once.'
        )
    return keys


def time(session: Session, period: Period, keys: list[str], measure: str) -> dict[str, Any]:
    """The document of `amity time`."""
    cut(session, period)
    return {
        "period": shape_of(session, period),
        "measure": measure,
        "rows": _rows(session, period, keys, measure),
        "totals": totals(session, period),
    }


def shape_of(session: Session, period: Period) -> dict[str, Any]:
    """A period as it is printed; `all` reaches from the first day of data to the end of today."""
    since, until = period.since, period.until
    if since == FIRST_DAY:
        until = local_day(session.as_of_ms, session.zone) + 1
        found = session.views.execute("SELECT min(day) FROM daily WHERE day < ?", (until,)).fetchone()[0]
        since = found if found is not None else until - 1
    return {
        "since": iso_day(since, session.zone),
        "until": iso_day(until, session.zone),
        "timezone": session.zone.key,
        "name": period.name,
    }


def totals(session: Session, period: Period) -> dict[str, float]:
    """All sums of a period: clock = meetings + mail + solo; attributed + broadcast = meetings + mail."""
    cut(session, period)
    by_channel = dict(
        session.views.execute(
            "SELECT CASE channel WHEN 'note' THEN 'meeting' ELSE channel END, sum(minutes) FROM ledger"
            f" WHERE {WITHIN} GROUP BY 1",
            bounds(session, period),
        ).fetchall()
    )
    broadcast = session.views.execute(
        f"SELECT total(minutes) FROM ledger WHERE person = {BROADCAST} AND {WITHIN}", bounds(session, period)
    ).fetchone()[0]
    today = local_day(session.as_of_ms, session.zone)
    multitasking = session.views.execute(
        "SELECT total(multitasking) FROM daily WHERE day >= ? AND day < ? AND day <= ?",
        (period.since, period.until, today),
    ).fetchone()[0]
    meeting, mail, solo = (by_channel.get(channel, 0.0) for channel in ("meeting", "mail", "solo"))
    found = {
        "clock_minutes": meeting + mail + solo,
        "meeting_minutes": meeting,
        "mail_minutes": mail,
        "solo_minutes": solo,
        "attributed_minutes": meeting + mail - broadcast,
        "broadcast_minutes": broadcast,
        "multitasking_minutes": multitasking,
    }
    return {name: round(minutes, DIGITS) for name, minutes in found.items()}


def _rows(session: Session, period: Period, keys: list[str], measure: str) -> list[dict[str, Any]]:
    columns = ", ".join(f"{_SQL[key]} AS {key}" for key in keys)
    value = "face" if measure == "face" else "minutes"
    found = session.views.execute(
        f"SELECT {columns}, sum({value}) AS minutes,"
        f" total({value}) FILTER (WHERE channel IN ('meeting', 'note')), total({value}) FILTER (WHERE channel = 'mail')"
        f" FROM ledger WHERE {_OF[measure]} AND {WITHIN}"
        f" GROUP BY {', '.join(str(i + 1) for i in range(len(keys)))}",
        bounds(session, period),
    ).fetchall()
    printed = _printed(session, keys, [row[: len(keys)] for row in found])
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for shown, raw in zip(printed, found, strict=True):
        identity = tuple(one["id"] if isinstance(one, dict) else one for one in shown)
        row = rows.setdefault(identity, [shown, 0.0, 0.0, 0.0])
        for i in range(3):
            row[i + 1] += raw[len(keys) + i]
    if keys == ["goal"]:
        for goal in [*(goal["slug"] for goal in session.rules.get("goals", ())), UNASSIGNED]:
            rows.setdefault((goal,), [(goal,), 0.0, 0.0, 0.0])
    listed = [
        {
            **dict(zip(keys, shown, strict=True)),
            "minutes": round(minutes, DIGITS),
            "meeting_minutes": round(meeting, DIGITS),
            "mail_minutes": round(mail, DIGITS),
        }
        for shown, minutes, meeting, mail in rows.values()
    ]
    return sorted(listed, key=lambda row: _order(row, keys))


def _order(row: dict[str, Any], keys: list[str]) -> tuple[Any, ...]:
    """Time runs forward; everything else has the most minutes first."""
    dated = tuple(row[key] for key in keys if key in {"day", "week"})
    names = tuple(row[key]["id"] if key == "person" else row[key] for key in keys)
    return (*dated, -row["minutes"], *names)


def _printed(session: Session, keys: list[str], found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The values of the keys as they are printed."""
    people = sorted({row[keys.index(key)] for key in ("person", "tier") if key in keys for row in found})
    shapes = {number: resolve.shape(one) for number, one in resolve.everybody(session.views, people).items()}
    from amity.queries.tiers import tier_of  # noqa: PLC0415  one key of six

    tiers = tier_of(session.views, session.rules, people) if "tier" in keys else {}
    convert: dict[str, Callable[[Any], Any]] = {
        "person": shapes.__getitem__,
        "tier": lambda number: tiers.get(number, "(none)"),
        "day": day_name,
        "week": week_name,
        "goal": str,
        "channel": str,
    }
    return [tuple(convert[key](value) for key, value in zip(keys, row, strict=True)) for row in found]


def seen_by_nobody(session: Session) -> bool:
    """True where the owner's addresses are not known, so that nothing can be counted at all."""
    return not session.rules.get("addresses") and bool(
        session.views.execute(f"SELECT 1 FROM address WHERE person != {NOBODY} LIMIT 1").fetchone()
    )
