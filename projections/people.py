"""Who is who: which addresses stand for one person, with a reason for every join. Pure, and blind to the order of its input."""

from __future__ import annotations

import base64
import hashlib

from projections.identity_types import Card, Evidence, Person, Seen, never

__all__ = ["Card", "Evidence", "Person", "Seen", "never", "person_key", "resolve"]


def person_key(addresses: tuple[str, ...]) -> str:
    """'p' and ten base-32 characters of a hash of the alphabetically first address."""
    digest = hashlib.blake2b(min(addresses).encode(), digest_size=10).digest()
    return "p" + base64.b32encode(digest).decode().lower()[:10]


def resolve(evidence: Evidence) -> list[Person]:
    """Put every address of `seen` and `cards` that is not mine into exactly one person, sorted by key."""
    addresses = {s.address for s in evidence.seen} | {a for card in evidence.cards for a in card.addresses}
    people = []
    for address in addresses - evidence.mine - {""}:
        names = tuple(sorted({s.name for s in evidence.seen if s.address == address and s.name}))
        people.append(Person(person_key((address,)), names[0] if names else address, names, (address,), "person", ()))
    return sorted(people)
