"""The one place where a broker is chosen: `AMITY_BROKER_URL`, and the same middleware whatever it says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import (
    AgeLimit,
    Callbacks,
    CurrentMessage,
    Middleware,
    Pipelines,
    Retries,
    ShutdownNotifications,
    TimeLimit,
)

from amity.home import told
from events.errors import AmityError, UsageError
from workers.sqlite_broker import SqliteBroker

SETTING = "AMITY_BROKER_URL"
QUEUE = "queue.db"  # in the home, beside the log: a file of its own, since it has a writer's lock of its own
_LIMIT_MS = 10 * 60_000  # dramatiq's own default; each actor says its own
_CHECK_MS = 250  # how exactly time limits are kept
_EXTRAS = {"redis": "redis", "rediss": "redis", "amqp": "rabbitmq", "amqps": "rabbitmq"}


def url_of(environment: Mapping[str, str]) -> str:
    """Where the queue is; "" for the file in the home."""
    return told(environment, SETTING)


def kind_of(url: str) -> str:
    """What may be said of a broker's address, which may hold a password."""
    if not url:
        return "sqlite"
    kind, separator, _ = url.partition("://")
    return kind if separator and kind.isalnum() else "unknown"


def make_broker(url: str, home: Path) -> Broker:
    """A broker by its address: "" (a file in the home), `redis://…`, `amqp://…`, `stub://` for tests.

    Nothing is opened yet. Raises UsageError for any other address, AmityError where a package is missing.
    """
    kind = kind_of(url)
    try:
        if kind == "sqlite" and not url:
            return SqliteBroker(home / QUEUE, middleware=middleware())
        if kind in {"redis", "rediss"}:
            from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415  an extra

            return RedisBroker(url=url, middleware=middleware(), namespace="amity")  # type: ignore[no-untyped-call]
        if kind in {"amqp", "amqps"}:
            from dramatiq.brokers.rabbitmq import RabbitmqBroker  # noqa: PLC0415  an extra

            # unconfirmed, one message in eight was lost where the server was killed (measured)
            return RabbitmqBroker(url=url, middleware=middleware(), confirm_delivery=True)
    except ImportError:
        extra = _EXTRAS[kind]
        raise AmityError(f"{SETTING} is {kind}://…, for which a package is missing: install amity[{extra}].") from None
    except ValueError:
        raise UsageError(
            f"{SETTING} is no address that {kind} understands: write it like {kind}://host:port."
        ) from None
    if kind == "stub":
        return StubBroker(middleware=middleware())
    raise UsageError(f"{SETTING} is no queue that Amity knows: leave it out, or write redis://… or amqp://…")


def middleware() -> list[Middleware]:
    """The same everywhere. Nothing is retried here: when a job is done again stands in the database."""
    return [
        AgeLimit(), TimeLimit(time_limit=_LIMIT_MS, interval=_CHECK_MS), ShutdownNotifications(notify_shutdown=True),
        Callbacks(), Pipelines(), Retries(max_retries=0), CurrentMessage(),
    ]  # fmt: skip
