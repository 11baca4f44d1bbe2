"""Payloads to the JSON documents of the log, and back; old versions are upcast here, step by step."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from events.envelope import Encoded
from events.errors import Damaged
from events.vocabulary import PAYLOADS, Payload

Upcast = tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]

# Wire name of an old version -> the next version's wire name, and what makes the old document a new one.
# A published version is never edited, so a step never changes either.
UPCASTS: dict[str, Upcast] = {}

# Field order is the order of declaration, keys of dictionaries are sorted: the same payload is the same bytes,
# which is what lets a revision be derived from content.
_ENCODER = msgspec.json.Encoder(order="deterministic")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Decoders(dict[str, msgspec.json.Decoder[Payload]]):
    """By wire name, each made when the first event of its kind is read: a command reads few kinds."""

    def __missing__(self, wire: str) -> msgspec.json.Decoder[Payload]:
        made: msgspec.json.Decoder[Payload] = msgspec.json.Decoder(PAYLOADS[wire])
        self[wire] = made
        return made


_DECODERS = _Decoders()


def encode(payload: Payload | Encoded) -> bytes:
    """One JSON document, on one line, in UTF-8. Lone surrogates (undecodable bytes in a mail) become U+FFFD."""
    if isinstance(payload, Encoded):
        return payload.data
    try:
        return _ENCODER.encode(payload)
    except UnicodeEncodeError:
        return _ENCODER.encode(msgspec.convert(_well_formed(msgspec.to_builtins(payload)), type(payload)))


def decode(type: str, data: bytes) -> Payload:  # noqa: A002  the log's own word for it
    """The payload of a stored event; raises Damaged where the log holds what nobody can have written."""
    try:
        if type in UPCASTS:
            return _upcast(type, data)
        return _DECODERS[type].decode(data)
    except KeyError:
        raise Damaged(f"the log holds an event of the unknown type {type!r}: update Amity, then repeat.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Damaged(f"an event of type {type} cannot be read ({error}): run `amity verify`.") from error


def _upcast(wire: str, data: bytes) -> Payload:
    document = msgspec.json.decode(data)
    while wire in UPCASTS:
        wire, step = UPCASTS[wire]
        document = step(document)
    return msgspec.convert(document, PAYLOADS[wire])


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_well_formed(key): _well_formed(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_well_formed(one) for one in value]
    return value
