"""What a reader hands over, one by one: an event that is ready for the log, a skipped item, or a problem.

Every item of a file becomes exactly one of these, so that seen = stored + duplicates + skipped + problems.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from events.envelope import NewEvent


class Skipped(NamedTuple):
    """An item that is none of ours; `reason` is a short word such as `not_recognised`, counted by itself."""

    reason: str


class Problem(NamedTuple):
    """An item that could not be read. `where` is `path:line` or `path:byte offset`; `why` says what is wrong."""

    where: str
    why: str


Item: TypeAlias = NewEvent | Skipped | Problem
