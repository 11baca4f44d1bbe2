"""Streams that can be looked at before they are read: members of a zip cannot be rewound cheaply."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

BUFFER_BYTES = 256 << 10
STEP_BYTES = 32 << 10  # what is lost in front of a damaged place


class _Rejoined(io.RawIOBase):
    """Where the rest breaks, what stood before is handed over as if it ended there; the next reading raises."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = memoryview(head), rest
        self._broken: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # mypy has no type for what io passes
        taken: bytes | memoryview
        if self._head:
            taken, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        elif self._broken:
            raise self._broken
        else:
            try:
                taken = self._rest.read(min(len(buffer), STEP_BYTES))
            except Exception as error:  # noqa: BLE001  whatever it is, it is raised a moment later
                self._broken, taken = error, b""
        buffer[: len(taken)] = taken
        return len(taken)


def rejoined(head: bytes, rest: BinaryIO) -> BinaryIO:
    """The stream that begins with `head`, read already, and goes on with `rest`. Closing it leaves `rest` open."""
    return cast("BinaryIO", io.BufferedReader(_Rejoined(head, rest), BUFFER_BYTES))
