"""What the settings say, as values; read by a process of its own while the other core has nothing to do yet."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from events.processes import may_fork

if TYPE_CHECKING:  # whoever has them read ahead forks before anything else is loaded
    from projections.rules import Rules


class Said(NamedTuple):
    """`rules` are what projections compute with, `bodies` is `[policy] bodies`."""

    rules: Rules
    bodies: str


def said(path: Path) -> Said:
    """What a settings file and the environment say. Raises UsageError with every mistake."""
    from amity.settings import load  # noqa: PLC0415  150 ms that only new settings may cost

    settings = load(path)
    return Said(settings.rules(), settings.policy.bodies)


class SaidAhead:
    """The settings, read by a fork that begins at once. Use it as a context: at its end no process is left."""

    def __init__(self, path: Path) -> None:
        self._path, self._fork, self._answer = path, 0, 0
        if may_fork():
            self._begin()

    def result(self) -> Said:
        """What they say. Raises UsageError like `said`: what the fork does not tell, this process reads itself."""
        import msgspec  # noqa: PLC0415  not before the fork

        from projections.rules import Rules  # noqa: PLC0415  likewise

        try:
            return Said(*msgspec.msgpack.decode(self._received(), type=tuple[Rules, str]))
        except msgspec.DecodeError:  # nothing came, or not all of it
            return said(self._path)

    def close(self) -> None:
        """End the fork, wherever it is."""
        if self._fork:
            os.close(self._answer)
            os.kill(self._fork, signal.SIGKILL)
            os.waitpid(self._fork, 0)
            self._fork = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self) -> None:
        self._answer, sink = os.pipe()
        try:
            self._fork = os.fork()
        except OSError:  # no more processes are allowed
            os.close(self._answer)
            os.close(sink)
            return
        if self._fork == 0:
            try:
                os.close(self._answer)
                _tell(self._path, sink)
            finally:
                os._exit(0)  # a mistake in the settings is told by the process that asked
        os.close(sink)

    def _received(self) -> bytes:
        if not self._fork:
            return b""
        with open(self._answer, "rb", closefd=False) as answer:
            return answer.read()


def _tell(path: Path, sink: int) -> None:
    import msgspec  # noqa: PLC0415  by the fork, while the other process loads it too

    with open(sink, "wb") as answer:
        answer.write(msgspec.msgpack.encode(said(path)))
