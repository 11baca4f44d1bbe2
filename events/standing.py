"""What a planner must know of owners, and never what they hold: of all that share a database, at once.

Row-level security shows a transaction the rows of one owner, and it stays so: what is asked about many is a function
that becomes one owner after the other inside the database, where that takes a tenth of a millisecond and not five.
It exists in the session that made it only (pg_temp), tells ids, times and states, and leaves whose rows are shown as
it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from events import deliveries, jobs, positions, subscriptions
from events.deliveries import Delivery
from events.jobs import JobRow
from events.leases import NOW
from events.positions import AccountRow
from events.subscriptions import Subscription

RECENT_MS = 21 * 86_400_000  # what was delivered before belongs to no period that may still be delivered

_UNFINISHED = (
    "SELECT DISTINCT source FROM sync_streams"
    " WHERE owner = {} AND state = 'ok' AND (page <> '' OR completed_ms = 0) ORDER BY source"
)
_UNFINISHED_ONE = text(_UNFINISHED.format(":owner"))
_HEAD = text("SELECT hash FROM heads WHERE owner = :owner AND position > 0")


class Standing(NamedTuple):
    """Of one owner. `unfinished`: sources of which a listing stopped between two pages; `head`: hash of the last event.

    From PostgreSQL an error is "?": its words are its owner's.
    """

    jobs: Sequence[JobRow] = ()
    accounts: Sequence[tuple[str, AccountRow]] = ()
    unfinished: Sequence[str] = ()
    deliveries: Sequence[Delivery] = ()
    subscriptions: Sequence[Subscription] = ()
    head: str = ""


def of(connection: Connection, owners: Sequence[str], now_ms: int) -> dict[str, str]:
    """A document for `read` for each owner; the same text as long as nothing has changed."""
    if connection.dialect.name == "sqlite":
        return {owner: _ENCODER.encode(_of_one(connection, owner)).decode() for owner in owners}
    _make(connection)
    found = connection.execute(_STANDING, {"owners": list(owners), "since": now_ms - RECENT_MS})
    return {row.whose: row.document for row in found}


def read(document: str) -> Standing:
    return _DECODER.decode(document)


def send(connection: Connection, turns: Sequence[tuple[str, JobRow]], now_ms: int) -> set[str]:
    """As `jobs.send`, of (owner, row): the ids of those that are ours to put into the queue.

    On PostgreSQL a row that somebody holds just now is passed over, and sent at the next look: who waits for nobody is
    in nobody's way, however many rows a transaction holds.
    """
    if connection.dialect.name == "sqlite":
        return {row.id for owner, row in turns if jobs.send(connection, owner, row, now_ms)}
    _make(connection)
    rows = [row for _, row in turns]
    values = {
        "owners": [owner for owner, _ in turns], "ids": [row.id for row in rows], "turns": [row.turn for row in rows],
        "befores": [row.sent_ms for row in rows], "now": now_ms,
    }  # fmt: skip
    return set(connection.scalars(_SEND, values))


def plan(connection: Connection, due: Sequence[tuple[str, str, int]]) -> None:
    """As `jobs.plan`, of (owner, id, time)."""
    if connection.dialect.name == "sqlite":
        for owner, job, moment in due:
            jobs.plan(connection, owner, [(job, moment)])
        return
    _make(connection)
    owners, ids, moments = (list(column) for column in zip(*due, strict=True))
    connection.execute(_PLAN, {"owners": owners, "ids": ids, "moments": moments})


def _of_one(connection: Connection, owner: str) -> Standing:
    digest = connection.scalar(_HEAD, {"owner": owner})
    return Standing(
        list(jobs.rows(connection, owner).values()),
        list(positions.accounts(connection, owner).items()),
        list(connection.scalars(_UNFINISHED_ONE, {"owner": owner})),
        list(deliveries.deliveries(connection, owner).values()),
        subscriptions.rows(connection, owner),
        "" if digest is None else bytes(digest).hex(),
    )


def _make(connection: Connection) -> None:
    """Make the functions, unless this session has them: behind some poolers it may be a new one each time."""
    if not connection.scalar(_MADE):
        for statement in _FUNCTIONS:
            connection.exec_driver_sql(statement)


def _list(columns: str, table: str, where: str, order: str) -> str:
    rows = f"json_agg(json_build_array({columns}) ORDER BY {order})"
    return f"(SELECT coalesce({rows}, '[]') FROM {table} WHERE owner = whose{where})"


_WHETHER = "CASE {} WHEN '' THEN '' ELSE '?' END"  # an error may name what only its owner should read
_DOCUMENT = ", ".join((
    _list(
        "kind, name, id, turn, attempts, failures, sent_ms, hint_ms, started_ms, ended_ms, due_ms,"
        f" {_WHETHER.format('error')}, holder, holder <> '' AND until_ms > {NOW['postgresql']}",
        "jobs", "", "kind, name",
    ),
    _list(
        f"source, json_build_array(state, {_WHETHER.format('error')}, not_before_ms, ended_ms)",
        "sync_accounts", "", "source",
    ),
    f"(SELECT coalesce(json_agg(source), '[]') FROM ({_UNFINISHED.format('whose')}) AS unfinished)",
    _list(
        f"period, way, state, attempts, at_ms, {_WHETHER.format('error')}",
        "deliveries", " AND at_ms > since", "period, way",
    ),
    _list(
        "source, name, id, '', proof, place, expires_ms, renew_ms, heard_ms, state, " + _WHETHER.format("error"),
        "subscriptions", "", "source, name",
    ),
    "coalesce((SELECT encode(hash, 'hex') FROM heads WHERE owner = whose AND position > 0), '')",
))  # fmt: skip


def _function(head: str, body: str) -> str:
    """A function of the session that does something as each of `owners` in turn, and ends as who it began."""
    return (
        f"CREATE OR REPLACE FUNCTION pg_temp.{head} LANGUAGE plpgsql AS $amity$"
        " DECLARE asker text := current_setting('amity.owner', true); BEGIN"
        " FOR n IN 1 .. cardinality(owners) LOOP"
        f" PERFORM set_config('amity.owner', owners[n], true); {body}"
        " END LOOP;"
        " PERFORM set_config('amity.owner', coalesce(asker, ''), true);"
        " END $amity$"
    )


_FUNCTIONS = (
    _function(
        "amity_standing(owners text[], since bigint) RETURNS TABLE (whose text, document text)",
        f"whose := owners[n]; document := json_build_array({_DOCUMENT}); RETURN NEXT;",
    ),
    _function(
        "amity_send(owners text[], ids text[], turns bigint[], befores bigint[], now bigint) RETURNS SETOF text",
        "RETURN QUERY UPDATE jobs SET sent_ms = now WHERE owner = owners[n] AND id ="
        " (SELECT id FROM jobs WHERE owner = owners[n] AND id = ids[n] AND turn = turns[n] AND sent_ms = befores[n]"
        " FOR UPDATE SKIP LOCKED) RETURNING id;",
    ),
    _function(
        "amity_plan(owners text[], ids text[], moments bigint[]) RETURNS void",
        "UPDATE jobs SET due_ms = moments[n] WHERE owner = owners[n] AND id ="
        " (SELECT id FROM jobs WHERE owner = owners[n] AND id = ids[n] FOR UPDATE SKIP LOCKED);",
    ),
)
_MADE = text("SELECT to_regprocedure('pg_temp.amity_plan(text[], text[], bigint[])') IS NOT NULL")
_STANDING = text("SELECT * FROM pg_temp.amity_standing(CAST(:owners AS text[]), CAST(:since AS bigint))")
_SEND = text(
    "SELECT * FROM pg_temp.amity_send(CAST(:owners AS text[]), CAST(:ids AS text[]), CAST(:turns AS bigint[]),"
    " CAST(:befores AS bigint[]), CAST(:now AS bigint))"
)
_PLAN = text("SELECT pg_temp.amity_plan(CAST(:owners AS text[]), CAST(:ids AS text[]), CAST(:moments AS bigint[]))")
_DECODER, _ENCODER = msgspec.json.Decoder(Standing), msgspec.json.Encoder()
