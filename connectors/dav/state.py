"""What stands in a position: JSON of our own, opaque to everybody else."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connectors.errors import CursorExpired

RETRIED = 100  # items of a stream that a server lists and does not give, and that are asked for again in each run


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Behind a complete run. `around`: a mark of what stands around every item (see `connectors.dav.around`)."""

    token: str = ""  # the server's sync token; "" where it has none
    ctag: str = ""  # changes whenever anything in the collection does; asked for only where there are no tokens
    around: str = ""
    retry: tuple[str, ...] = ()


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """Within a run: how to ask on. What is stored already is not fetched again, since its version is held.

    `page` counts, so that no two pages of a run have the same state.
    """

    listing: bool = False
    token: str = ""
    retry: tuple[str, ...] = ()
    page: int = 0


T = TypeVar("T", Cursor, State)


def written(value: Cursor | State) -> str:
    return msgspec.json.encode(value).decode()


def read(text: str, kind: type[T]) -> T:
    """Raises CursorExpired for what was not written by us."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise CursorExpired("the stored position cannot be read; everything is listed again") from error
