"""Who is who: which addresses stand for one person, with a reason for every join.

Pure, and blind to the order of its input. What the owner decided comes first, the latest decision before the others;
then what is certain (one mailbox written in two ways, one contact card); then guesses, the strongest first.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from projections.identity_clusters import Clusters
from projections.identity_links import groups, shared
from projections.identity_profile import Profile, look, profiles
from projections.identity_types import Card, Evidence, Person, Seen, never
from projections.names import clean, is_full, is_human_looking, same_word, words

__all__ = ["Card", "Evidence", "Person", "Seen", "never", "person_key", "resolve"]


_LETTERS = re.compile(r"[^\W_]+")
_BASE_32 = b"abcdefghijklmnopqrstuvwxyz234567" * 8  # RFC 4648, lower case: one character for each byte of a hash


def person_key(addresses: Iterable[str]) -> str:
    """'p' and ten base-32 characters of a hash of the alphabetically first address."""
    return "p" + hashlib.blake2b(min(addresses).encode(), digest_size=10).digest().translate(_BASE_32).decode()


def resolve(evidence: Evidence) -> list[Person]:
    """Put every address of `seen` and `cards` that is not mine into exactly one person, sorted by key."""
    known = profiles(evidence)

    @cache
    def together(first: str, second: str) -> bool:
        return evidence.together(first, second)

    clusters = Clusters(known, together)
    _decide(clusters, evidence)
    _join_mailboxes(clusters, known)
    _join_cards(clusters, known, evidence.cards)
    for group in groups(known, evidence.reply_to, together):
        _join_all(clusters, group.addresses, group.why, guess=True)
    return sorted(_person(sorted(members), known, clusters.why[root]) for root, members in clusters.members.items())


def _join_all(clusters: Clusters, addresses: Iterable[str], why: str, *, guess: bool) -> None:
    """Put each address to the first of those before it that takes it."""
    heads: list[str] = []
    where = " at" if guess else ":"
    for address in addresses:
        if address in clusters and not any(
            clusters.join(head, address, f"{why}{where} {head} and {address}", guess=guess) for head in heads
        ):
            heads.append(address)


def _decide(clusters: Clusters, evidence: Evidence) -> None:
    """Apply the owner's decisions from the last to the first: an earlier one cannot undo a later one."""
    merges = [(position, True, (*first, *second)) for first, second, position in evidence.merged]
    splits = [(position, False, (address, *others)) for address, others, position in evidence.split]
    for position, is_merge, addresses in sorted(merges + splits, reverse=True):
        if is_merge:
            _join_all(clusters, sorted(set(addresses)), f"you merged them (position {position})", guess=False)
            continue
        for other in addresses[1:]:
            clusters.part(addresses[0], other)


def _join_mailboxes(clusters: Clusters, known: Mapping[str, Profile]) -> None:
    """Join the ways to write one mailbox: ana@x.org and ana+news@x.org."""
    for mailbox, addresses in sorted(shared((p.look.mailbox, p.address) for p in known.values()).items()):
        for kind in sorted({known[address].kind for address in addresses}):
            own = [address for address in addresses if known[address].kind == kind]
            _join_all(clusters, own, f"one mailbox, {mailbox}", guess=False)


def _join_cards(clusters: Clusters, known: Mapping[str, Profile], cards: Iterable[Card]) -> None:
    """Join what stands on one individual's card, except roles, shared mailboxes, and who clearly bears another name."""
    for card in sorted((card for card in cards if not card.kind), key=lambda card: (card.position, card)):
        own = [a for a in sorted(set(card.addresses)) if a in known and known[a].open and _is_on(card, known[a])]
        _join_all(clusters, own, f"same card '{card.name}' (contact, position {card.position})", guess=False)


def _is_on(card: Card, profile: Profile) -> bool:
    """Tell whether the names seen at the address have a word in common with the card's names, or there are none.

    A name that another script writes (佐藤 健一, Kenichi Sato) has no word in common and contradicts nothing.
    """
    on_card = [word for name in (card.name, *card.other_names) for word in words(name)]
    seen = [word for name in profile.full for word in name]
    other_script = {word.isascii() for word in on_card}.isdisjoint({word.isascii() for word in seen})
    return other_script or any(same_word(a, b) for a in on_card for b in seen)


def _person(addresses: list[str], known: Mapping[str, Profile], why: Iterable[str]) -> Person:
    names: Mapping[str, int] = known[addresses[0]].names
    kind = known[addresses[0]].kind
    if len(addresses) > 1:
        names = _sum(known[address].names for address in addresses)
        kinds = {known[address].kind for address in addresses}
        kind = "person" if "person" in kinds else min(kinds)
    return Person(
        key=person_key(addresses),
        name=_display(names, addresses[0], kind),
        names=tuple(sorted(names)),
        addresses=tuple(addresses),
        kind=kind,
        why=tuple(why),
    )


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for names in counts:
        for name, n in names.items():
            total[name] += n
    return total


def _display(names: Mapping[str, int], address: str, kind: str) -> str:
    """Give the most frequent name that looks like a human's, else any name, else the prettified local part."""
    counted: dict[str, int] = {}
    for name, n in names.items():
        if text := clean(name):
            counted[text] = counted.get(text, 0) + n
    if len(counted) == 1:
        return next(iter(counted))
    if counted:
        return max(counted, key=lambda name: (is_human_looking(name), is_full(name), counted[name], len(name), name))
    if kind != "person":
        return address
    return " ".join([part.capitalize() for part in _LETTERS.findall(look(address).local)]) or address
