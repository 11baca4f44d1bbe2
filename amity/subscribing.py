"""Asking an account's provider to tell of news, for as long as the account is connected; what was asked stands in rows.

Each step is stored as soon as it is done. One that is made and not stored ends by itself in a few days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from enum import Enum
from typing import NamedTuple

from amity import wiring
from amity.accounts import Account
from amity.connect import Access, config_of, secret_of
from amity.home import Home
from amity.sign_in import StoredSecret
from connectors import registry
from connectors.errors import SignInNeeded, TryLater
from connectors.notified.port import Made, Place, Subscriber
from events import positions, subscriptions
from events.errors import AmityError
from events.log import Log
from events.subscriptions import LAPSING, OK, REFUSED, REMOVED, WAITING, Subscription

KINDS = frozenset({"google", "microsoft"})  # whose providers tell; others are not loaded to be asked
_HOUR_MS = 3_600_000
_SOON_MS, _SELDOM_MS = _HOUR_MS // 4, 12 * _HOUR_MS  # until another try: of what went wrong, and of what was refused


class Do(Enum):
    """What a turn does about one subscription."""

    MAKE = "make"
    RENEW = "renew"
    END = "end"


class Step(NamedTuple):
    """`row`: what is held; without an `id` nothing is."""

    do: Do
    row: Subscription


def steps(held: Sequence[Subscription], wanted: Collection[str], source: str, place: Place, now_ms: int) -> list[Step]:
    """What there is to do, first what is to end. Pure.

    A subscription that sends elsewhere ends, and another is made in its place.
    """
    mark = mark_of(place)
    by_name = {row.name: row for row in held}
    ends = [Step(Do.END, row) for row in held if row.name not in wanted or (row.id and row.place != mark)]
    others = []
    for name in wanted:
        row = by_name.get(name)
        if row is None or row.place != mark:
            others.append(Step(Do.MAKE, Subscription(source, name, place=mark)))
        elif row.state in {REMOVED, LAPSING} or row.renew_ms <= now_ms:
            gone = row.state == REMOVED or not row.id or row.expires_ms <= now_ms
            others.append(Step(Do.MAKE if gone else Do.RENEW, row))
    return [*ends, *others]


def place_of(home: Home) -> tuple[Place, str]:
    """Where providers send to, and who signs for Pub/Sub, by the settings. Raises UsageError with all mistakes."""
    push = wiring.settings_of(home).push
    return Place(push.url, push.topic), push.sender


def mark_of(place: Place) -> str:
    """What is remembered of where a subscription sends to."""
    return f"{place.url} {place.topic}".strip()


def keep(account: Account, access: Access, log: Log, place: Place, clock: Callable[[], float]) -> tuple[int, int]:
    """See to it that news of an account is told of: how many subscriptions were made anew, and how many hold.

    What a provider refuses stands in its row, and the account is read as always. Only errors of the log are raised.
    """
    made = 0
    with log.reading() as connection:
        streams = positions.streams(connection, log.owner, account.source)
    held = _held(log, account.source)
    try:
        with closing(_subscriber(account, access)) as subscriber:
            wanted = subscriber.names([row.stream for row in streams.values() if row.state != "ended"])
            for step in steps(held, wanted, account.source, place, _ms(clock)):
                made += _take(step, subscriber, log, place, clock)
    except AmityError as error:  # the next steps would meet the same
        _wait(log, account.source, error, place, _ms(clock))
    rows = _held(log, account.source)
    return made, sum(row.state == OK and bool(row.id) for row in rows)


def end(account: Account, access: Access) -> list[str]:
    """End what an account's provider tells of, before it is disconnected; sentences on what could not be ended."""
    home = access.home
    if account.kind not in KINDS or not (home.log_url or home.log.exists()):
        return []
    with closing(wiring.open_home(home)) as log:
        held = [row for row in _held(log, account.source) if row.id]
        if not held:
            return []
        try:
            with closing(_subscriber(account, access)) as subscriber:
                for row in held:
                    subscriber.end(row.name, _made(row))
                    _drop(log, row)
        except AmityError as error:
            return [f"Some notifications could not be ended; they end by themselves within a week. {error}"]
    return []


def _subscriber(account: Account, access: Access) -> Subscriber:
    provider = registry.provider(account.kind)
    if provider.push is None:
        raise AmityError(f"{account.name}: {account.kind} tells nobody of news.")
    config = config_of(provider, {**account.options, **account.private}, f"{access.home.accounts}, [{account.name}]")
    secret = secret_of(account, access)
    return provider.push(config, secret, name=account.name, keeper=StoredSecret(account, access))


def _take(step: Step, subscriber: Subscriber, log: Log, place: Place, clock: Callable[[], float]) -> int:
    """One step; 1 where it made a subscription."""
    row = step.row
    try:
        if step.do is Do.END:
            if row.id:
                subscriber.end(row.name, _made(row))
            _drop(log, row)
            return 0
        made = subscriber.renew(row.name, _made(row), place) if step.do is Do.RENEW else None
        if made is None:
            made = subscriber.make(row.name, place)
    except (TryLater, SignInNeeded) as error:
        asked = error.after_seconds if isinstance(error, TryLater) else None
        again = max(int((asked or 0) * 1000), _SOON_MS)
        _put(log, row._replace(state=WAITING, error=str(error), renew_ms=_ms(clock) + again))
        raise
    except AmityError as error:
        _put(log, row._replace(state=REFUSED, error=str(error), renew_ms=_ms(clock) + _SELDOM_MS))
        return 0
    _put(log, row._replace(
        id=made.id, remote=made.remote, proof=made.proof, place=mark_of(place), expires_ms=made.expires_ms,
        renew_ms=made.renew_ms, heard_ms=_ms(clock) if made.heard else 0, state=OK, error="",
    ))  # fmt: skip
    return int(made.id != row.id)


def _wait(log: Log, source: str, error: AmityError, place: Place, now_ms: int) -> None:
    """Nothing is asked for a while of a provider that does not answer, or not us."""
    for row in _held(log, source) or [Subscription(source, "", place=mark_of(place))]:
        if row.renew_ms <= now_ms:
            _put(log, row._replace(state=WAITING, error=str(error), renew_ms=now_ms + _SOON_MS))


def _held(log: Log, source: str) -> list[Subscription]:
    with log.reading() as connection:
        return [row for row in subscriptions.rows(connection, log.owner) if row.source == source]


def _made(row: Subscription) -> Made:
    return Made(row.id, row.remote, row.proof, row.expires_ms, row.renew_ms)


def _put(log: Log, row: Subscription) -> None:
    with log.writing() as connection:
        subscriptions.put(connection, log.owner, row)


def _drop(log: Log, row: Subscription) -> None:
    with log.writing() as connection:
        subscriptions.drop(connection, log.owner, row.source, row.name)


def _ms(clock: Callable[[], float]) -> int:
    return int(clock() * 1000)
