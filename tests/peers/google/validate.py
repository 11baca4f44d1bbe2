"""A JSON body against a schema of one of Google's discovery documents
(https://developers.google.com/discovery/v1/type-format). Unknown properties are problems."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

Json = Mapping[str, Any]
_RANGES = {"int32": (-(2**31), 2**31), "uint32": (0, 2**32), "int64": (-(2**63), 2**63), "uint64": (0, 2**64)}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip


def problems(document: Json, schema: str, body: Any) -> list[str]:
    """What is wrong, each with its place: `items[3].start.dateTime: …`. Empty: nothing is."""
    return list(_check(document, {"$ref": schema}, body, ""))


def _check(document: Json, schema: Json, value: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = document["schemas"][schema["$ref"]]
    kind: str = schema.get("type", "any")
    if kind == "any":
        return
    fits: bool = isinstance(value, _TYPES[kind])
    if not fits or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where}: {type(value).__name__} instead of {kind}"
    elif kind == "object":
        yield from _object(document, schema, value, where)
    elif kind == "array":
        for index, item in enumerate(value):
            yield from _check(document, schema["items"], item, f"{where}[{index}]")
    else:
        yield from _scalar(schema, value, where)


def _object(document: Json, schema: Json, value: Json, where: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        place = f"{where}.{name}".lstrip(".")
        if name in known:
            yield from _check(document, known[name], item, place)
        elif others is not None:
            yield from _check(document, others, item, place)
        else:
            yield f"{place}: unknown property"


def _scalar(schema: Json, value: Any, where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    form = schema.get("format", "")
    if form in _RANGES:
        low, high = _RANGES[form]
        if not str(value).lstrip("-").isdecimal() or not low <= int(value) < high:
            yield f"{where}: {value!r} is no {form}"
    elif form in _READERS:
        try:
            _READERS[form](value)
        except (ValueError, binascii.Error):
            yield f"{where}: {value!r} is no {form}"


def _instant(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)


def _bytes(text: str) -> None:
    if set(text) & set("+/\n"):
        raise ValueError(text)
    urlsafe_b64decode(text)


_READERS: dict[str, Callable[[str], object]] = {
    "date": date.fromisoformat, "date-time": _instant, "google-datetime": _instant, "byte": _bytes,
}  # fmt: skip
