"""Names from outside, which may hold what no database stores. Pure."""

from __future__ import annotations


def storable(text: str) -> bool:
    """Whether both databases take it: no lone surrogates (undecodable bytes), and no NUL, which PostgreSQL refuses."""
    return "\0" not in text and text == text.encode("utf-8", "replace").decode()


def shown(text: str) -> str:
    """The same text with `?` for what cannot be stored."""
    return text.replace("\0", "?").encode("utf-8", "replace").decode()
