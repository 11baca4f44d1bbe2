"""One request to an API, checked against the method's parameters in the discovery document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.peers.google.discovery import Method
from tests.peers.google.failures import ApiError, invalid

if TYPE_CHECKING:
    from tests.peers.google.world import Account, World

_BOOLEANS = {"true": True, "false": False}


class Call(NamedTuple):
    """`path`: the values in the path. `scopes`: what the access token may, short names (gmail.readonly)."""

    world: World
    account: Account
    method: Method
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    scopes: frozenset[str]
    body: Mapping[str, Any] = {}

    def text(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def many(self, name: str) -> list[str]:
        return self.query.get(name, [])

    def flag(self, name: str) -> bool:
        return _BOOLEANS[self.text(name, "false")]

    def size(self, name: str, default: int, most: int) -> int:
        """A page's size; what is too large is cut, as Google does."""
        number = int(self.text(name, str(default)))
        if number < 0:
            raise invalid(name)
        return min(number or default, most)


def checked(method: Method, query: Mapping[str, list[str]]) -> None:
    """Raises ApiError for unknown, repeated, ill-typed and missing parameters."""
    for name, values in query.items():
        known = method.parameters.get(name)
        if known is None or known.get("location") == "path":
            message = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            raise ApiError(400, "invalidArgument", message, location=name)
        if len(values) > 1 and not known.get("repeated"):
            raise invalid(name, f"{name} may stand only once")
        for value in values:
            _typed(name, value, known.get("type", "string"), known.get("enum"))
    for name, known in method.parameters.items():
        if known.get("required") and known.get("location") == "query" and name not in query:
            raise ApiError(400, "required", f"Required parameter: {name}", location=name)


def _typed(name: str, value: str, kind: str, enum: list[str] | None) -> None:
    if kind == "boolean" and value not in _BOOLEANS:
        raise invalid(name)
    if kind == "integer" and not value.lstrip("-").isdecimal():
        raise invalid(name)
    if enum is not None and value not in enum:
        raise invalid(name)
