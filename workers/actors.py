"""What workers do, as dramatiq knows it: `amity daemon`, or `dramatiq workers.actors` on as many machines as wanted.

Messages hold ids only. Nothing is opened at import: the broker of the settings takes the place of a placeholder when a
process boots.
"""

from __future__ import annotations

import os
from typing import Any

import dramatiq
from dramatiq import Broker, Message
from dramatiq.brokers.stub import StubBroker

from amity.home import find_home
from events.errors import AmityError
from workers import duties, telling
from workers.broker import make_broker, middleware, url_of
from workers.plan import PROJECT, PULL, PUSH, REPORT, Job
from workers.runner import Runner

QUEUE = "amity"
_PULL_MS = 10 * 60_000  # a slice of a minute, and whatever pages of a slow server it was in
_PUSH_MS = 5 * 60_000  # a few requests
_REPORT_MS = 10 * 60_000  # making it, and servers that are slow to take it
_PROJECT_MS = 60 * 60_000  # building the views of twenty years anew, on a slow machine


class _Placeholder(StubBroker):
    """Stands for the broker until the process boots, and then becomes it: whoever holds one holds the other."""

    def emit_after(self, signal: str, *args: Any, **kwargs: Any) -> None:
        if signal == "process_boot":  # only dramatiq's own command line comes here: `bind` was not called before
            telling.to()
            bind(Runner(find_home(None, os.environ), os.environ), url_of(os.environ))
            self.emit_after(signal, *args, **kwargs)
        else:
            super().emit_after(signal, *args, **kwargs)


BROKER: Broker = _Placeholder(middleware=middleware())
dramatiq.set_broker(BROKER)
_RUNNERS: list[Runner] = []


def bind(runner: Runner, url: str) -> Broker:
    """Give the actors their broker and what they work with. A process is bound once; tests bind anew."""
    real = make_broker(url, runner.home.folder)
    declared = list(BROKER.actors.values())
    BROKER.__class__ = real.__class__
    BROKER.__dict__.clear()
    BROKER.__dict__.update(real.__dict__)
    for actor in declared:
        BROKER.declare_actor(actor)
    _RUNNERS[:] = [runner]
    return BROKER


def send(job: Job) -> Message[Any]:
    """Put one turn of a job into the queue."""
    return BROKER.get_actor(job.row.kind).send(job.owner, job.row.id, job.row.turn, job.row.attempts)


def _runner() -> Runner:
    if not _RUNNERS:
        raise AmityError("No broker is bound: start workers with `amity daemon` or `dramatiq workers.actors`.")
    return _RUNNERS[0]


@dramatiq.actor(actor_name=PULL, queue_name=QUEUE, priority=10, time_limit=_PULL_MS, broker=BROKER)
def pull(owner: str, job: str, turn: int, attempts: int) -> None:
    _runner().run(owner, job, turn, attempts, duties.pull, limit_ms=_PULL_MS)


@dramatiq.actor(actor_name=PUSH, queue_name=QUEUE, priority=10, time_limit=_PUSH_MS, broker=BROKER)
def push(owner: str, job: str, turn: int, attempts: int) -> None:
    _runner().run(owner, job, turn, attempts, duties.push, limit_ms=_PUSH_MS)


@dramatiq.actor(actor_name=PROJECT, queue_name=QUEUE, time_limit=_PROJECT_MS, broker=BROKER)
def project(owner: str, job: str, turn: int, attempts: int) -> None:
    _runner().run(owner, job, turn, attempts, duties.project, limit_ms=_PROJECT_MS)


@dramatiq.actor(actor_name=REPORT, queue_name=QUEUE, priority=5, time_limit=_REPORT_MS, broker=BROKER)
def report(owner: str, job: str, turn: int, attempts: int) -> None:
    _runner().run(owner, job, turn, attempts, duties.report, limit_ms=_REPORT_MS)
