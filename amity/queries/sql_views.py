"""The documented views of `amity query`, as SQL over the read models. Their columns may grow; none is renamed."""

from __future__ import annotations

from amity.queries.counted import ANSWERED_LATER, ANSWERED_LATER_REASON
from projections.schema import BROADCAST, GROUP, NOBODY


def _moment(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', {column} / 1000, 'unixepoch')"


def _who(column: str) -> str:
    pseudo = ((BROADCAST, "(broadcast)"), (GROUP, "(group)"), (NOBODY, "(solo)"))
    cases = " ".join(f"WHEN {number} THEN '{name}'" for number, name in pseudo)
    return f"CASE ledger.person {cases} ELSE person.{column} END"


# What a meeting has earned by now: nothing as a plan, and while it is going on its part until now.
_CLOCK = """CASE WHEN clock = 0 OR end_ms <= :now THEN clock WHEN start_ms >= :now THEN 0.0 ELSE (
            SELECT total(minutes) FROM ledger
            WHERE ledger.day BETWEEN occurrence.day AND occurrence.day + 2 AND ledger.item = occurrence.id
            AND channel = CASE n WHEN 0 THEN 'solo' ELSE 'meeting' END AND at_ms <= :now) END"""
TITLE = "CASE WHEN private THEN '(private)' ELSE title END"
VIEWS = {  # :now is the session's now, in ms; day_name and week_name turn ordinals into text
    "v_meetings": f"""
        SELECT uid, {TITLE} AS title, {_moment("start_ms")} AS start_utc, {_moment("end_ms")} AS end_utc,
            all_day, counted, reason, {_CLOCK} AS clock_minutes, n, goal, position
        FROM main.occurrence""",
    "v_messages": f"""
        SELECT message_id, thread, {_moment("at_ms")} AS at_utc, direction, subject, words,
            iif(later, 0.0, minutes) AS minutes, iif(later, 0, counted) AS counted,
            iif(later, {ANSWERED_LATER_REASON}, reason) AS reason, iif(later, '', goal) AS goal, position
        FROM (SELECT *, {ANSWERED_LATER} AS later FROM main.message WHERE at_ms IS NULL OR at_ms <= :now)""",
    "v_time": f"""
        SELECT day_name(ledger.day) AS day, week_name(ledger.day) AS week, {_who("key")} AS person_id,
            {_who("name")} AS person, goal, channel, sum(minutes) AS minutes
        FROM ledger LEFT JOIN main.person ON person.id = ledger.person
        WHERE at_ms <= :now AND from_ms <= :now GROUP BY ledger.day, ledger.person, goal, channel""",
    "v_people": f"""
        SELECT key AS id, name,
            (SELECT json_group_array(name) FROM (SELECT DISTINCT alias.name FROM main.alias
                JOIN main.address ON address.id = alias.address_id
                WHERE address.person = person.id AND alias.name != '' ORDER BY 1)) AS names,
            (SELECT json_group_array(address) FROM (SELECT address FROM main.address
                WHERE address.person = person.id ORDER BY 1)) AS addresses,
            kind, {_moment("first_ms")} AS first, {_moment("last_ms")} AS last,
            messages_in, messages_out, meetings, promoted
        FROM main.person""",
    "v_contacts": """
        SELECT person.key AS person, address.address, alias.name, alias.source
        FROM main.alias JOIN main.address ON address.id = alias.address_id
        LEFT JOIN main.person ON person.id = address.person""",
}
CADENCE = (
    "person_id",
    "person",
    "state",
    "elapsed_days",
    "usual_days",
    "spread_days",
    "ratio",
    "z",
    "p",
    "explicit",
)
REQUESTS = (
    "person_id",
    "person",
    "subject",
    "since",
    "position",
    "direction",
    "kind",
    "state",
    "expected_by",
    "late",
    "median_hours",
    "likely_hours",
    "asked",
    "answered",
)
NAMES = (*VIEWS, "v_cadence", "v_requests")
