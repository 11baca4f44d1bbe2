"""A door to the internet, behind a proxy that ends TLS: one request a connection, small, in a few seconds, or none.

Connections cost a few kilobytes and no thread, so that whoever opens many and says little keeps nobody out for long.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeAlias

from connectors.notified.wire import HEAD, Answer, Bad, Request, head_of, length_of, written
from connectors.serving import place_of
from events.errors import AmityError

Answering: TypeAlias = Callable[[Request], Answer]
_THREADS = 4  # signatures are checked beside each other; more would wait for the same processor
_TURNS = 3  # of the loop, until a connection that was just accepted has its task
_FAREWELL = 1.0  # seconds for a client to take its answer


class Bounds(NamedTuple):
    """`seconds`: until a request is whole, however it trickles; `most`: connections at once."""

    seconds: float = 5.0
    most: int = 256


@contextmanager
def receiving(place: str, answer: Answering, bounds: Bounds = Bounds()) -> Iterator[int]:  # noqa: B008  immutable
    """Answer at a place (`connectors.serving.place_of`) until the end of the context; the port. "" serves nothing.

    Raises AmityError where nobody can listen there.
    """
    if not place:
        yield 0
        return
    host, port = place_of(place)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run, args=(loop,), daemon=True)
    thread.start()
    door = _Door(answer, bounds)
    starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(door.open, host, port, limit=HEAD), loop)
    try:
        server = _listening(place, starting)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(_hung_up(server), loop).result(_FAREWELL)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_FAREWELL)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _listening(place: str, starting: Future[asyncio.Server]) -> asyncio.Server:
    try:
        return starting.result()
    except OSError as error:
        raise AmityError(f"Nobody can listen at {place} ({error.strerror}): choose another place.") from error


async def _hung_up(server: asyncio.Server) -> None:
    """Nobody new, and whoever is still connected is let go of."""
    for listening in server.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
    for _ in range(_TURNS):  # a server that is closed while it accepts somebody leaves them hanging
        await asyncio.sleep(0)
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # what was aborted is closed in the turn after it


class _Door:
    def __init__(self, answer: Answering, bounds: Bounds) -> None:
        self._answer, self._bounds = answer, bounds
        self._turns = asyncio.Semaphore(_THREADS)
        self._open = 0

    async def open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= self._bounds.most:
            writer.transport.abort()
            return
        self._open += 1
        try:
            said = written(await self._said(reader))
            async with asyncio.timeout(_FAREWELL):
                writer.write(said)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # whoever does not take the answer does without, and so do those who are here at the end
        finally:
            writer.transport.abort()
            self._open -= 1

    async def _said(self, reader: asyncio.StreamReader) -> Answer:
        try:
            async with asyncio.timeout(self._bounds.seconds):
                request = await _request(reader)
        except Bad as error:
            return Answer(error.status)
        except TimeoutError:
            return Answer(408)
        except (asyncio.IncompleteReadError, OSError):
            return Answer(400)
        async with self._turns:
            return await self._answered(request)

    async def _answered(self, request: Request) -> Answer:
        """In a thread that nobody waits for at the end of the process, as the library's own are waited for."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Answer] = loop.create_future()

        def work() -> None:
            found = Answer(500)
            with suppress(Exception):  # a mistake of ours tells nothing to a stranger
                found = self._answer(request)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(_tell, done, found)

        threading.Thread(target=work, daemon=True).start()
        return await done


def _tell(done: asyncio.Future[Answer], found: Answer) -> None:
    if not done.done():  # whoever waited may have been let go of
        done.set_result(found)


async def _request(reader: asyncio.StreamReader) -> Request:
    try:
        head = head_of(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.LimitOverrunError:
        raise Bad(431) from None
    length = length_of(head)
    return head._replace(body=await reader.readexactly(length) if length else b"")
