"""Addresses as the tables have them: one that stands for none has a name beside it (`projections.addresses.keyed`)."""

from __future__ import annotations


def bare(key: str) -> str:
    """Give the address out of what `keyed` made."""
    return key.rpartition(" <")[2][:-1] if key.endswith(">") else key
