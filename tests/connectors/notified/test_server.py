"""The door itself: whoever is slow, large or many is let go of, and nobody else notices."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from connectors.notified.server import Bounds, receiving
from connectors.notified.wire import BODY, HEAD, Answer, Request
from events.errors import AmityError, UsageError

HERE = "127.0.0.1:0"
PATIENCE = 40.0


@contextmanager
def connected(port: int, data: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as made:
        made.sendall(data)
        yield made


def whole(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(65_536):
            found += piece
    except ConnectionError:
        pass
    return found


def said(port: int, data: bytes) -> str:
    with connected(port, data) as made:
        return whole(made).decode().partition("\r\n")[0]


def echo(request: Request) -> Answer:
    return Answer(200, f"{request.method} {request.path} {len(request.body)}")


def test_a_request_is_answered_and_the_connection_closed() -> None:
    with (
        receiving(HERE, echo) as port,
        connected(port, b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcPOST /b HTTP/1.1\r\n\r\n") as made,
    ):
        assert whole(made).decode().endswith("\r\n\r\nPOST /a 3")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GARBAGE\r\n\r\n", "400"), (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", "408"),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * (2 * HEAD), "431"),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY + 1), "413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411"), (b"POST /", "408"), (b"", "408"),
    ],
)  # fmt: skip
def test_what_is_no_whole_request_gets_a_number(data: bytes, status: str) -> None:
    with receiving(HERE, echo, Bounds(seconds=0.5)) as port:
        assert said(port, data).split(" ")[1] == status
        assert said(port, b"POST / HTTP/1.1\r\n\r\n").endswith("200 OK")


def test_who_hangs_up_in_the_middle_bothers_nobody() -> None:
    with receiving(HERE, echo) as port:
        with connected(port, b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab") as made:
            made.shutdown(socket.SHUT_WR)
            assert b" 400 " in whole(made)
        assert said(port, b"POST / HTTP/1.1\r\n\r\n").endswith("200 OK")


def test_a_byte_now_and_then_does_not_keep_the_door_open() -> None:
    """Slow-loris: each byte is quick, the whole is not."""
    with receiving(HERE, echo, Bounds(seconds=1.0)) as port, connected(port, b"POST / HTTP/1.1\r\n") as made:
        began = time.monotonic()
        ended = threading.Event()

        def drip() -> None:
            while not ended.wait(0.05):
                try:
                    made.sendall(b"X")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        found = whole(made)
        ended.set()
        dripping.join()
        assert b" 408 " in found or not found  # a reset may overtake the answer
        assert time.monotonic() - began < PATIENCE


def test_many_who_say_nothing_keep_nobody_out_for_long() -> None:
    with ExitStack() as stack:
        port = stack.enter_context(receiving(HERE, echo, Bounds(seconds=1.0, most=20)))
        for _ in range(60):
            stack.enter_context(connected(port))
        end = time.monotonic() + PATIENCE
        while not said(port, b"POST / HTTP/1.1\r\n\r\n").endswith("200 OK"):
            assert time.monotonic() < end


def test_connections_beyond_the_most_are_let_go_of() -> None:
    with ExitStack() as stack:
        port = stack.enter_context(receiving(HERE, echo, Bounds(seconds=PATIENCE, most=3)))
        silent = [stack.enter_context(connected(port)) for _ in range(3)]
        end = time.monotonic() + PATIENCE
        while said(port, b"POST / HTTP/1.1\r\n\r\n"):  # until the three were accepted
            assert time.monotonic() < end
        silent[0].sendall(b"POST / HTTP/1.1\r\n\r\n")
        assert b" 200 " in whole(silent[0])


def test_a_mistake_of_ours_tells_nothing() -> None:
    def broken(_: Request) -> Answer:
        raise RuntimeError("CANARY")

    with receiving(HERE, broken) as port, connected(port, b"POST / HTTP/1.1\r\n\r\n") as made:
        found = whole(made)
    assert b" 500 " in found
    assert b"CANARY" not in found


def test_a_slow_answer_holds_nobody_up_but_who_asked(answer_after: Callable[[Request], Answer]) -> None:
    with receiving(HERE, answer_after) as port, connected(port, b"POST /slow HTTP/1.1\r\n\r\n"):
        assert said(port, b"POST / HTTP/1.1\r\n\r\n").endswith("200 OK")


@pytest.fixture
def answer_after() -> Iterator[Callable[[Request], Answer]]:
    go = threading.Event()

    def answer(request: Request) -> Answer:
        if request.path == "/slow":
            go.wait(PATIENCE)
        return Answer(200)

    yield answer
    go.set()


def test_it_ends_also_with_somebody_at_the_door() -> None:
    began = time.monotonic()
    with receiving(HERE, echo, Bounds(seconds=PATIENCE)) as port:
        stuck = socket.create_connection(("127.0.0.1", port), PATIENCE)
        stuck.sendall(b"POST")
    assert time.monotonic() - began < PATIENCE / 2
    with stuck:
        whole(stuck)
    with pytest.raises(OSError):  # noqa: PT011  nobody listens any more
        socket.create_connection(("127.0.0.1", port), 5)


def test_nobody_waits_for_an_answer_at_the_end() -> None:
    """A process ends in two seconds, also where Google's keys are being waited for just then."""
    program = (
        "import socket, sys, time\n"
        "from connectors.notified.server import receiving\n"
        f"with receiving('{HERE}', lambda request: time.sleep({10 * PATIENCE})) as port:\n"
        "    stuck = socket.create_connection(('127.0.0.1', port))\n"
        "    stuck.sendall(b'POST / HTTP/1.1\\r\\n\\r\\n')\n"
        "    time.sleep(0.5)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], timeout=5 * PATIENCE, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_place_that_is_taken_or_none() -> None:
    with receiving(HERE, echo) as port, pytest.raises(AmityError, match="choose another"), receiving(str(port), echo):
        pass
    with pytest.raises(UsageError, match="no place to listen at"), receiving("somewhere", echo):
        pass
    with receiving("", echo) as port:
        assert port == 0
