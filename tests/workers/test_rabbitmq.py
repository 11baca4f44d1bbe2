"""RabbitMQ's node killed while it is sent to: what it confirmed outlives it, and what it lost is planned again."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.errors import BrokerConnectionError

from tests.conftest import absent
from tests.peers import rabbitmq as peer
from tests.workers.rig import Rig, daemon, dramatiq_worker, until
from workers.broker import make_broker

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # all of it waits for others
LONG = 180.0  # seconds; a node needs six to start where nobody else does anything
ACCOUNTS = ("one", "two", "three")


def program() -> Path:
    found = peer.program()
    if found is None:
        absent("no RabbitMQ here: install the system package rabbitmq-server")
    assert found is not None
    return found


class Sender:
    """Sends numbers one after the other, until it cannot; what it believes to have sent."""

    def __init__(self, broker: Any) -> None:
        self._actor: Any = dramatiq.actor(broker=broker, queue_name="numbers", actor_name="take")(lambda _: None)
        self.sent: list[int] = []
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        number = 0
        while number < 1_000_000:
            try:
                self._actor.send(number)
            except BrokerConnectionError:
                return
            self.sent.append(number)
            number += 1

    def end(self) -> None:
        self._thread.join(LONG)
        assert not self._thread.is_alive()


def received(url: str) -> set[int]:
    """What lies in the queue."""
    broker: Any = RabbitmqBroker(url=url)
    broker.declare_queue("numbers")
    consumer, found = broker.consume("numbers", prefetch=500, timeout=3_000), set()
    while (message := next(consumer)) is not None:
        found.add(message.args[0])
        consumer.ack(message)
    consumer.close()
    broker.close()
    return found


def test_what_was_confirmed_outlives_the_node(tmp_path: Path) -> None:
    with peer.node(program()) as node, ExitStack() as servers:
        servers.enter_context(node.running())
        sender = Sender(make_broker(node.url, tmp_path))
        until(lambda: len(sender.sent) > 200, LONG)
        node.kill()
        sender.end()
        servers.enter_context(node.running())
        assert set(sender.sent) <= received(node.url)


@pytest.mark.parametrize("confirmed", [True, False])
def test_all_work_is_planned_again_when_the_node_was_killed(tmp_path: Path, *, confirmed: bool) -> None:
    rig = Rig(tmp_path)
    for name in ACCOUNTS:
        rig.connect_pretended(name, meetings=3)
    how = {"TEST_EVERY_MS": "300", "TEST_SEND_AGAIN_MS": "3000", **({} if confirmed else {"TEST_UNCONFIRMED": "1"})}
    with peer.node(program()) as node, ExitStack() as servers:
        servers.enter_context(node.running())
        more = {**how, "AMITY_BROKER_URL": node.url}
        with daemon(rig, "--threads", "0", more=more) as planner, dramatiq_worker(rig, node.url, more=how):
            until(lambda: all(rig.turns(name) > 2 for name in ACCOUNTS), LONG)
            node.kill()
            until(lambda: any(line["event"] == "unsent" for line in planner.lines), LONG)
            servers.enter_context(node.running())
            rig.pretend("two", meetings=4)
            before = {name: rig.turns(name) for name in ACCOUNTS}
            until(lambda: all(rig.turns(name) > turn + 1 for name, turn in before.items()), LONG)
            assert planner.stop()[0] == 0
    facts = rig.facts()
    assert len(facts) == len(set(facts))
    assert rig.meetings() == 4, "the three show the same ones"
