"""What became of a run, for status and for people."""

from __future__ import annotations

import msgspec

from connectors.items import Problem


class StreamResult(msgspec.Struct):
    """One stream's account: seen = stored + duplicates + sum(skipped) + len(problems), always.

    `state`: ok, failed (`error` says why and what to do), ended, busy (another process reads it), waiting (not asked:
    the source wants to be left alone for a while).
    """

    stream: str
    title: str
    kind: str
    seen: int = 0
    stored: int = 0
    duplicates: int = 0
    skipped: dict[str, int] = msgspec.field(default_factory=dict)
    problems: list[Problem] = msgspec.field(default_factory=list)
    withdrawn: int = 0
    cursor_age_seconds: float | None = None  # since it was last read to the end; None: never
    state: str = "ok"
    error: str = ""
    warning: str = ""


class SyncResult(msgspec.Struct):
    """One account's run. `state`: ok, failed, needs_sign_in, waiting; `not_before_ms`: 0, or when it may be asked."""

    source: str
    streams: list[StreamResult] = msgspec.field(default_factory=list)
    state: str = "ok"
    error: str = ""
    not_before_ms: int = 0

    @property
    def seen(self) -> int:
        return sum(stream.seen for stream in self.streams)

    @property
    def stored(self) -> int:
        return sum(stream.stored for stream in self.streams)

    @property
    def withdrawn(self) -> int:
        return sum(stream.withdrawn for stream in self.streams)
