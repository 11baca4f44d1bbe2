"""What stands in a position: JSON of our own, opaque to everybody else."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from connectors.errors import CursorExpired

RETRIED = 100  # items of a stream that a server lists and does not give, and that are asked for again in each run


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Behind a complete run. `around`: a mark of what stands around every item (see `connectors.dav.around`)."""

    token: str = ""  # the server's sync token; "" where it has none, or none was asked for yet
    ctag: str = ""  # changes whenever anything in the collection does; where there is no token
    around: str = ""
    retry: tuple[str, ...] = ()
    quiet: int = 0  # runs in a row in which the ctag was as before, and nothing else was asked


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """Within a run: how to ask on. What is stored already is not fetched again, since its version is held.

    `plain`: the listing is one without tokens. `page` counts, so that no two pages of a run have the same state.
    """

    listing: bool = False
    plain: bool = False
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
