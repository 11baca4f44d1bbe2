"""Partial responses: `fields=items(id,start/dateTime),nextPageToken`
(https://developers.google.com/workspace/gmail/api/guides/performance#partial)."""

from __future__ import annotations

from typing import Any, TypeAlias

from tests.peers.google.failures import ApiError

Mask: TypeAlias = dict[str, "Mask"]


def parse(text: str) -> Mask:
    """An empty mask below a name: all of it. Raises ApiError."""
    mask, rest = _list(text)
    if rest:
        raise _wrong(text)
    return mask


def only(value: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [only(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: only(item, mask[name]) for name, item in value.items() if name in mask}


def _list(text: str) -> tuple[Mask, str]:
    mask: Mask = {}
    while True:
        text = _one(text, mask)
        if not text.startswith(","):
            return mask, text
        text = text[1:]


def _one(text: str, mask: Mask) -> str:
    """Read `name`, `name/name` or `name(list)` into the mask; what follows it."""
    end = next((i for i, letter in enumerate(text) if letter in ",()/"), len(text))
    name, text = text[:end].strip(), text[end:]
    if not name:
        raise _wrong(text)
    below = mask.setdefault(name, {})
    if text.startswith("/"):
        return _one(text[1:], below)
    if text.startswith("("):
        inner, text = _list(text[1:])
        if not text.startswith(")"):
            raise _wrong(text)
        below.update(inner)
        return text[1:]
    return text


def _wrong(text: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {text}", location="fields")
