"""Synchronising accounts, one after the other, each for itself: the document of `amity sync`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Any

from sqlalchemy import Connection

from amity import wiring
from amity.accounts import Account
from amity.connect import Access, config_of, secret_of
from amity.progress import Late
from amity.sign_in import StoredSecret
from amity.streams import shown_names
from connectors import registry
from connectors.sync.known import Place
from connectors.sync.loop import sync
from connectors.sync.port import Connector
from connectors.sync.result import StreamResult, SyncResult
from connectors.sync.telling import is_news, last_told, run_key
from events import positions
from events.envelope import NewEvent
from events.errors import AmityError
from events.log import Log
from events.vocabulary import SyncFailed


def sync_accounts(
    chosen: Sequence[Account], access: Access, clock_ms: int, late: Late, *, full: bool = False
) -> list[dict[str, Any]]:
    """Read what is new in each account, then bring the views up to date; one entry per account.

    An account that fails says so in its entry, and the next one goes on.
    """
    home = access.home
    with closing(wiring.open_home(home)) as log:
        rules = wiring.recorded_rules(log, home, clock_ms)
        try:
            done = [_one(account, access, log, late, full=full) for account in chosen]
        except Exception:  # what was stored before a mistake of ours is stored: the views must show it
            wiring.fold(log, home, rules, late.folding)
            raise
        wiring.fold(log, home, rules, late.folding)
    return done


def _one(account: Account, access: Access, log: Log, late: Late, *, full: bool) -> dict[str, Any]:
    return _document(account, read_account(account, access, log, full=full, progress=late.syncing))


def read_account(account: Account, access: Access, log: Log, **how: Any) -> SyncResult:
    """Read what is new in one account; `how` as in `connectors.sync.loop.sync`. Only errors of the log are raised."""
    try:
        connector = connector_of(account, access)
    except Exception as error:  # noqa: BLE001  whatever one account does, the others are read
        sentence = str(error) if isinstance(error, AmityError) else _own_mistake(account, error)
        _record(log, account.source, sentence)
        return SyncResult(account.source, state="failed", error=sentence)
    try:
        return sync(connector, log, budget=budget_of(account), **how)
    finally:
        with suppress(AmityError, OSError):  # what was read is stored; a farewell that fails changes nothing
            connector.close()


def _own_mistake(account: Account, error: Exception) -> str:
    """Never the error's own text: it may quote what only the account may know."""
    return (
        f"{account.name}: it could not be opened by a mistake of Amity's own ({type(error).__name__}); report it, the"
        " others go on."
    )


def _record(log: Log, source: str, sentence: str) -> None:
    """An account that could not even be opened is a fact too, and stands so in `status`."""
    now_ms = time.time_ns() // 1_000_000
    failed = SyncFailed(source=source, error=sentence)
    before = last_told(Place(log, source), [""]).get("")
    facts = [NewEvent(run_key(source, ""), None, now_ms, failed)] if is_news(failed, before, now_ms) else []

    def along(connection: Connection, _: object) -> None:
        row = positions.account(connection, log.owner, source)
        row = row._replace(state="failed", error=sentence, ended_ms=now_ms)
        positions.put_account(connection, log.owner, source, row)

    log.append(facts, along=along)


def budget_of(account: Account) -> str:
    """The row of `sync_accounts` for all accounts that the provider counts together; "" for one that is alone."""
    try:
        provider = registry.provider(account.kind)
        shared = config_of(provider, {**account.options, **account.private}, account.name).budget()
    except AmityError:  # whoever opens the account tells of it
        return ""
    return f"{positions.BUDGET}{account.kind} {shared}" if shared else ""


def connector_of(account: Account, access: Access) -> Connector:
    """The connector of an account. Raises AmityError where its options or its secret are not what they should be."""
    provider = registry.provider(account.kind)
    where = f"{access.home.accounts}, [{account.name}]"
    config = config_of(provider, {**account.options, **account.private}, where)
    secret = secret_of(account, access)
    if provider.oauth is not None:
        keeper = StoredSecret(account, access)
        return provider.oauth.open(config, secret, source=account.source, name=account.name, keeper=keeper)
    return provider.open(config, secret, source=account.source, name=account.name)


def _document(account: Account, result: SyncResult) -> dict[str, Any]:
    names = shown_names([(stream.stream, stream.title) for stream in result.streams])
    return {
        "account": account.name, "source": account.source,
        "streams": [_stream(names[stream.stream], stream) for stream in result.streams],
        "state": result.state, "error": result.error or None,
    }  # fmt: skip


def _stream(name: str, result: StreamResult) -> dict[str, Any]:
    return {
        "stream": name, "id": result.stream, "seen": result.seen, "stored": result.stored,
        "duplicates": result.duplicates, "skipped": dict(sorted(result.skipped.items())),
        "problems": [{"where": one.where, "why": one.why} for one in result.problems],
        "withdrawn": result.withdrawn, "cursor_age_seconds": result.cursor_age_seconds, "state": result.state,
        "error": result.error or None, "warning": result.warning or None,
    }  # fmt: skip
