"""The queues that the workers know, each with a real server where it needs one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.peers import dovecot as dovecot_peer
from tests.peers import rabbitmq as rabbitmq_peer
from tests.peers import valkey as valkey_peer

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_peer.Dovecot]:
    if not dovecot_peer.is_here():
        absent("no Dovecot here: install the system package dovecot-imapd")
    with dovecot_peer.running() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    program = valkey_peer.program()
    if program is None:
        absent("no Valkey here: install the development dependencies")
    else:
        with valkey_peer.running(program) as url:
            yield url


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[str]:
    program = rabbitmq_peer.program()
    if program is None:
        absent("no RabbitMQ here: install the system package rabbitmq-server")
    else:
        with rabbitmq_peer.running(program) as url:
            yield url


@pytest.fixture(params=["sqlite", "stub", "redis", "rabbitmq"])
def broker_url(request: pytest.FixtureRequest) -> str:
    if request.param == "redis":
        url: str = request.getfixturevalue("valkey")
        return url
    if request.param == "rabbitmq":
        url = request.getfixturevalue("rabbitmq")
    else:
        url = "stub://" if request.param == "stub" else ""
    return url


@pytest.fixture
def new_queue() -> Callable[[], str]:
    """A name of its own for each test: the servers last longer than a test."""
    return lambda: f"q{next(_NUMBERS)}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
