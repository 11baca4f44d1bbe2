"""The end of an account's run, in one transaction: what is withdrawn, where streams stand, and the run's facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from connectors.sync import guard, withdraw
from connectors.sync.asking import Tools
from connectors.sync.known import Place, history
from connectors.sync.result import SyncResult
from connectors.sync.revisions import Logged
from connectors.sync.stream import StreamRun
from connectors.sync.telling import is_news, last_told, run_key
from events import held, leases, positions
from events.admission import Outcome
from events.envelope import NewEvent
from events.held import Said, Scope
from events.positions import AccountRow, StreamRow
from events.vocabulary import SyncCompleted, SyncFailed


class _Plan(NamedTuple):
    """What is decided of what is gone. `rows` go, `again` come, `doubted` are the streams that wait, with a warning."""

    events: list[NewEvent]
    rows: list[Said]
    again: list[Said]
    doubted: dict[str, str]
    withdrawn: Mapping[str, int]


Key = tuple[str, str, bytes]  # stream, item, thing
_NOTHING = _Plan([], [], [], {}, {})


def end(
    tools: Tools, result: SyncResult, runs: Sequence[StreamRun], vanished: Mapping[str, StreamRow],
    tokens: Mapping[str, int], *, lost: Collection[Key] | None,
) -> None:  # fmt: skip
    """Decide what is gone, and record the run. Raises LeaseLost.

    `lost`: what may be withdrawn if it still is (`lost_now`); None where the run is not complete, and decides nothing.
    """
    all_ours = lost is not None
    place = tools.place
    rows = {**vanished, **{run.row.stream: run.row for run in runs}}
    plan = _NOTHING if lost is None else _decide(tools, rows, lost)
    for one in result.streams:
        one.withdrawn = plan.withdrawn.get(one.stream, 0)
        standing = rows[one.stream].warning if one.stream in rows and not all_ours else ""
        one.warning = plan.doubted.get(one.stream, standing)
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

    place.log.append([*plan.events, *facts], along=along)


def lost_now(place: Place) -> frozenset[Key]:
    """What no item of the source says any more, as far as its streams were read."""
    with place.log.reading() as connection:
        found, _ = _settle(Scope(connection, place.owner, place.source))
    return frozenset(one[:3] for gone in found.lost.values() for one in gone)


def _settle(scope: Scope) -> tuple[withdraw.Settlement, list[Said]]:
    dropped = held.dropped(scope)
    living = [one for one in held.saying(scope, {one.thing for one in dropped}) if not one.dropped]
    return withdraw.settle(dropped, living), living


def _decide(tools: Tools, rows: Mapping[str, StreamRow], may: Collection[Key]) -> _Plan:
    place = tools.place
    with place.log.reading() as connection:
        scope = Scope(connection, place.owner, place.source)
        found, living = _settle(scope)
        lost = {name: [one for one in gone if one[:3] in may] for name, gone in found.lost.items()}
        found = found._replace(lost={name: gone for name, gone in lost.items() if gone})
        doubted = _doubted(scope, found, rows) if found.lost else {}
    # what another stream lost may have gone to one that shows nothing: while one is doubted, all of them wait
    sure = [] if doubted else [one for gone in found.lost.values() for one in gone]
    events, again = _events(tools, sure, found.moved, living)
    withdrawn = Counter({one.thing: one.stream for one in sure}.values())
    return _Plan(events, [*found.moved, *sure], again, doubted, withdrawn)


def _doubted(scope: Scope, found: withdraw.Settlement, rows: Mapping[str, StreamRow]) -> dict[str, str]:
    """The streams that lost too much to be believed at once, with what the person is told."""
    lost = {name: {one.thing for one in gone} for name, gone in found.lost.items()}
    losses = {
        name: guard.Loss(*counted, len(lost.get(name, ()))) for name, counted in held.counts(scope).items()
    }
    ended = {name for name, row in rows.items() if row.state == "ended"}
    every = set().union(*lost.values())
    doubted = guard.doubted(losses, ended, lost=len(every), held=held.count_things(scope))
    return {name: guard.warning(rows[name].title, losses[name]) for name in doubted if not rows[name].doubted}


def _events(
    tools: Tools, sure: list[Said], moved: list[Said], living: list[Said]
) -> tuple[list[NewEvent], list[Said]]:
    place = tools.place
    things = {one.thing for one in (*sure, *moved)}
    logged = history(place, things)
    observed = {
        (event.stream, event.revision): Logged(event.revision, event.type, event.data)
        for event in place.log.history(things)
    }
    events = withdraw.withdrawals(sure, logged, observed, source=place.source, now_ms=tools.now_ms())
    again = withdraw.last_words(moved, living, logged, tools.now_ms())
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
        cursor=None if warning else row.cursor, warning=warning,
        doubted=int(bool(warning) or (bool(plan.doubted) and bool(row.doubted))),  # confirmed, but all of them wait
    )  # fmt: skip


def _forget(scope: Scope, rows: Mapping[str, StreamRow], vanished: Mapping[str, StreamRow], plan: _Plan) -> None:
    for name in rows:
        if name not in plan.doubted:
            held.forget_gone(scope, name)
    for name, row in vanished.items():
        if name in plan.doubted:
            doubted = row._replace(warning=plan.doubted[name], doubted=1)
            positions.put_stream(scope.connection, scope.owner, scope.source, doubted)
        elif not plan.doubted:
            positions.drop_stream(scope.connection, scope.owner, scope.source, name)


def _facts(tools: Tools, result: SyncResult, runs: Sequence[StreamRun]) -> list[NewEvent]:
    """What the log is told of this run: of each stream what is new about it, and now and then that all is well."""
    source, now_ms = tools.place.source, tools.now_ms()
    told = last_told(tools.place, ["", *(run.result.stream for run in runs)])
    facts: list[NewEvent] = []

    def add(payload: SyncCompleted | SyncFailed, *, moved: bool = False) -> None:
        if is_news(payload, told.get(payload.stream), now_ms, moved=moved):
            facts.append(NewEvent(run_key(source, payload.stream), None, now_ms, payload))

    for run in runs:
        one = run.result
        if one.state == "ok":
            add(_completed(source, run), moved=bool(one.seen or one.withdrawn))
        elif one.state in {"failed", "ended"} and result.state != "needs_sign_in":
            add(SyncFailed(source=source, stream=one.stream, error=one.error))
    if result.state == "needs_sign_in" or (result.state == "failed" and not any(map(_failed, runs))):
        add(SyncFailed(source=source, error=result.error))
    elif result.state == "ok" and ("" in told or not facts):
        add(SyncCompleted(source=source))
    return facts


def _failed(run: StreamRun) -> bool:
    return run.result.state == "failed"


def _completed(source: str, run: StreamRun) -> SyncCompleted:
    one = run.result
    return SyncCompleted(
        source=source, stream=one.stream, seen=one.seen, stored=one.stored, duplicates=one.duplicates,
        skipped=dict(sorted(one.skipped.items())), problems=len(one.problems),
    )  # fmt: skip
