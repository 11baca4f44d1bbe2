"""A secret that no message, log line, traceback or pickle can show by accident."""

from __future__ import annotations

import hmac
from typing import NoReturn, SupportsIndex


class Secret:
    """A password or token. `reveal` is called where it goes onto the wire or into the token store, and nowhere else."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself. Never keep it in a variable that outlives the call it is for."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other.reveal().encode())

    __hash__ = None  # type: ignore[assignment]  # no table is keyed by a secret

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")
