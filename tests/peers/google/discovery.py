"""Google's own discovery documents, as they lie in google-api-python-client: methods, parameters, scopes, schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

APIS = {"gmail": "gmail.v1", "calendar": "calendar.v3", "people": "people.v1"}


class Method(NamedTuple):
    """`id`: calendar.events.list. `path`: matches the raw path. `request`, `response`: the names of the schemas."""

    id: str
    api: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    scopes: frozenset[str]
    response: str
    request: str = ""


@cache
def document(api: str) -> Mapping[str, Any]:
    spec = find_spec("googleapiclient")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "discovery_cache" / "documents"
    loaded: Mapping[str, Any] = json.loads((folder / f"{APIS[api]}.json").read_text())
    return loaded


@cache
def methods() -> tuple[Method, ...]:
    return tuple(method for api in APIS for method in _methods(api, document(api)))


def find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method of a request and the values in its path."""
    for method in methods():
        if method.verb == verb and (match := method.path.fullmatch(path)):
            return method, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def _methods(api: str, node: Mapping[str, Any]) -> list[Method]:
    found = [method for child in node.get("resources", {}).values() for method in _methods(api, child)]
    for each in node.get("methods", {}).values():
        path = "/" + document(api)["servicePath"] + each.get("flatPath", each["path"])
        known = {**document(api)["parameters"], **each.get("parameters", {})}
        found.append(
            Method(each["id"], api, each["httpMethod"], _pattern(path), known, frozenset(each.get("scopes", ())),
                   each.get("response", {}).get("$ref", ""), each.get("request", {}).get("$ref", ""))
        )  # fmt: skip
    return found


def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"\{\+?(\w+)\}", path)
    named = [f"(?P<{piece}>[^/]+)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)]
    return re.compile("".join(named))
