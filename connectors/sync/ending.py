"""The end of an account's run, in one transaction: what is withdrawn, where streams stand, and the run's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from connectors.sync import guard, withdraw
from connectors.sync.asking import Tools
from connectors.sync.known import history
from connectors.sync.result import SyncResult
from connectors.sync.revisions import Logged
from connectors.sync.stream import StreamRun
from events import held, leases, positions
from events.admission import Outcome
from events.envelope import NewEvent, stream_of
from events.held import Said, Scope
from events.positions import AccountRow, StreamRow
from events.vocabulary import Payload, SyncCompleted, SyncFailed


class _Plan(NamedTuple):
    """What is decided of what is gone. `rows` go, `again` come, `doubted` are the streams that wait, with a warning."""

    events: list[NewEvent]
    rows: list[Said]
    again: list[Said]
    doubted: dict[str, str]
    withdrawn: Mapping[str, int]


_NOTHING = _Plan([], [], [], {}, {})


def end(
    tools: Tools, result: SyncResult, runs: Iterable[StreamRun], vanished: Mapping[str, StreamRow],
    tokens: Mapping[str, int], *, all_ours: bool,
) -> None:  # fmt: skip
    """Decide what is gone where the run is complete (`all_ours`), and record the run. Raises LeaseLost."""
    place = tools.place
    rows = {**vanished, **{run.row.stream: run.row for run in runs}}
    plan = _decide(tools, rows) if all_ours else _NOTHING
    for one in result.streams:
        one.withdrawn = plan.withdrawn.get(one.stream, 0)
        one.warning = plan.doubted.get(one.stream, "")
        if one.stream in rows and rows[one.stream].completed_ms:
            one.cursor_age_seconds = max(0.0, (tools.now_ms() - rows[one.stream].completed_ms) / 1000)
    stands = [_stands(run, plan, decided=all_ours) for run in runs]
    facts = _facts(tools, result, runs)

    def along(connection: Connection, _: list[Outcome]) -> None:
        leases.check(connection, place.owner, place.source, tokens)
        scope = Scope(connection, place.owner, place.source)
        held.forget_things(scope, plan.rows)
        held.put_said(scope, plan.again)
        for row in stands:
            positions.put_stream(connection, place.owner, place.source, row)
        if all_ours:
            _forget(scope, rows, vanished, plan)
        before = positions.account(connection, place.owner, place.source)
        positions.put_account(
            connection, place.owner, place.source,
            AccountRow(result.state, result.error, before.not_before_ms, tools.now_ms()),
        )  # fmt: skip
        result.not_before_ms = before.not_before_ms if before.not_before_ms > tools.now_ms() else 0
        leases.release(connection, place.owner, place.source, tools.holder)

    place.log.append([*plan.events, *facts], owner=place.owner, along=along)


def _decide(tools: Tools, rows: Mapping[str, StreamRow]) -> _Plan:
    place = tools.place
    with place.log.reading() as connection:
        scope = Scope(connection, place.owner, place.source)
        dropped = held.dropped(scope)
        if not dropped:
            return _NOTHING
        living = [one for one in held.saying(scope, {one.thing for one in dropped}) if not one.dropped]
        counts = held.counts(scope)
    found = withdraw.settle(dropped, living)
    lost = {stream: len(gone) for stream, gone in found.lost.items()}
    ended = {name for name, row in rows.items() if row.state == "ended"}
    waiting = {
        name for name in guard.doubted(lost, counts, ended) if not rows[name].doubted
    }
    warnings = {
        name: guard.warning(rows[name].title, lost[name], counts[name])
        for name in waiting
    }
    sure = [one for name, gone in found.lost.items() if name not in waiting for one in gone]
    # a thing that another waiting stream lost too is decided with that one
    late = {one.thing for name in waiting for one in found.lost[name]}
    sure = [one for one in sure if one.thing not in late]
    events, again = _events(tools, sure, found.rows, living)
    withdrawn = withdraw.per_stream({name: [one for one in sure if one.stream == name] for name in lost})
    return _Plan(events, [*found.rows, *sure], again, warnings, withdrawn)


def _events(
    tools: Tools, sure: list[Said], moved: list[Said], living: list[Said]
) -> tuple[list[NewEvent], list[Said]]:
    place = tools.place
    things = {one.thing for one in (*sure, *moved)}
    logged = history(place, things)
    observed = {
        (event.stream, event.revision): Logged(event.revision, event.type, event.data)
        for event in place.log.history(things, owner=place.owner)
    }
    events = withdraw.withdrawals(sure, logged, observed, source=place.source, now_ms=tools.now_ms())
    again = withdraw.last_words(moved, living, logged, observed, tools.now_ms())
    return [*events, *(event for _, event in again)], [row for row, _ in again]


def _stands(run: StreamRun, plan: _Plan, *, decided: bool) -> StreamRow:
    """A doubted stream is listed as a whole the next time: only then does it see the same, or not."""
    row, result = run.row, run.result
    if result.state not in {"ok", "ended"}:
        return row._replace(state="failed" if result.state == "failed" else row.state, error=result.error)
    if not decided:
        return row._replace(error="" if result.state == "ok" else row.error)
    warning = plan.doubted.get(row.stream, "")
    return row._replace(
        cursor=None if warning else row.cursor, warning=warning, doubted=int(bool(warning)),
    )  # fmt: skip


def _forget(scope: Scope, rows: Mapping[str, StreamRow], vanished: Mapping[str, StreamRow], plan: _Plan) -> None:
    for name in rows:
        if name not in plan.doubted:
            held.forget_gone(scope, name)
    for name, row in vanished.items():
        if name in plan.doubted:
            doubted = row._replace(warning=plan.doubted[name], doubted=1)
            positions.put_stream(scope.connection, scope.owner, scope.source, doubted)
        else:
            positions.drop_stream(scope.connection, scope.owner, scope.source, name)


def _facts(tools: Tools, result: SyncResult, runs: Iterable[StreamRun]) -> list[NewEvent]:
    """Every run is a fact: of each stream, or of the account where it did not come to its streams."""
    source, now_ms = tools.place.source, tools.now_ms()
    facts: list[NewEvent] = []

    def add(stream: str, payload: Payload) -> None:
        key = (source, stream) if stream else (source,)
        facts.append(NewEvent(stream_of(None, "sync", *key), None, now_ms, payload))

    for run in runs:
        one = run.result
        if one.state == "ok":
            add(one.stream, _completed(source, run))
        elif one.state in {"failed", "ended"} and result.state != "needs_sign_in":
            add(one.stream, SyncFailed(source=source, stream=one.stream, error=one.error))
    if result.state == "needs_sign_in" or (result.state == "failed" and not facts):
        add("", SyncFailed(source=source, error=result.error))
    return facts


def _completed(source: str, run: StreamRun) -> SyncCompleted:
    one = run.result
    return SyncCompleted(
        source=source, stream=one.stream, seen=one.seen, stored=one.stored, duplicates=one.duplicates,
        skipped=dict(sorted(one.skipped.items())), problems=len(one.problems),
    )  # fmt: skip
