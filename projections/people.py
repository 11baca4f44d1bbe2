"""Who is who: which addresses stand for one person, with a reason for every join.

Pure, and blind to the order of its input. What the owner decided comes first, the latest decision before the others;
then what is certain (one mailbox written in two ways, one contact card); then guesses, the strongest first.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from projections.addresses import canonical, split_address
from projections.identity_clusters import Clusters
from projections.identity_links import Group, groups
from projections.identity_profile import Profile, profiles
from projections.identity_types import Card, Evidence, Person, Seen, never
from projections.names import clean, is_full, is_human_looking, same_word, words

__all__ = ["Card", "Evidence", "Person", "Seen", "never", "person_key", "resolve"]


def person_key(addresses: Iterable[str]) -> str:
    """'p' and ten base-32 characters of a hash of the alphabetically first address."""
    digest = hashlib.blake2b(min(addresses).encode(), digest_size=10).digest()
    return "p" + base64.b32encode(digest).decode().lower()[:10]


def resolve(evidence: Evidence) -> list[Person]:
    """Put every address of `seen` and `cards` that is not mine into exactly one person, sorted by key."""
    known = profiles(evidence)
    clusters = Clusters(known, evidence.together)
    _decide(clusters, evidence)
    _join_mailboxes(clusters, known)
    _join_cards(clusters, known, evidence.cards)
    for group in groups(known, evidence.reply_to, evidence.together):
        _join_group(clusters, group)
    return sorted(_person(sorted(members), known, clusters.why[root]) for root, members in clusters.members.items())


def _decide(clusters: Clusters, evidence: Evidence) -> None:
    """Apply the owner's decisions from the last to the first: an earlier one cannot undo a later one."""
    merges = [(position, 1, tuple(sorted({*first, *second}))) for first, second, position in evidence.merged]
    splits = [(position, 0, (address, *sorted(others))) for address, others, position in evidence.split]
    for position, is_merge, addresses in sorted(merges + splits, reverse=True):
        known = [address for address in addresses if address in clusters]
        for address in known[1:]:
            if is_merge:
                clusters.join(known[0], address, f"you merged them (position {position})", guess=False)
            elif known[0] == addresses[0]:
                clusters.part(known[0], address)


def _join_mailboxes(clusters: Clusters, known: Mapping[str, Profile]) -> None:
    """Join the ways to write one mailbox: ana@x.org and ana+news@x.org."""
    written: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address, profile in known.items():
        written[canonical(address), profile.kind].append(address)
    for (mailbox, _), addresses in sorted(written.items()):
        for address in addresses[1:]:
            clusters.join(addresses[0], address, f"one mailbox: {addresses[0]} and {address} reach {mailbox}", guess=False)


def _join_cards(clusters: Clusters, known: Mapping[str, Profile], cards: Iterable[Card]) -> None:
    """Join what stands on one individual's card, except roles, shared mailboxes, and who clearly bears another name."""
    people = [card for card in cards if not card.kind]
    bearers: dict[str, set[str]] = defaultdict(set)
    for card in people:
        for address in card.addresses:
            bearers[address].add(clean(card.name).casefold())
    for card in sorted(people, key=lambda card: (card.position, card.name, card.addresses)):
        own = [a for a in sorted(set(card.addresses)) if a in known and known[a].open and _is_on(card, known[a])]
        own = [a for a in own if len(bearers[a]) == 1]
        for address in own[1:]:
            why = f"same card '{card.name}' (contact, position {card.position})"
            clusters.join(own[0], address, why, guess=False)


def _is_on(card: Card, profile: Profile) -> bool:
    """Tell whether the names seen at the address have a word in common with the card's names, or there are none."""
    on_card = [word for name in (card.name, *card.other_names) for word in words(name)]
    seen = [word for name in profile.full for word in name]
    return not on_card or not seen or any(same_word(a, b) for a in on_card for b in seen)


def _join_group(clusters: Clusters, group: Group) -> None:
    """Put each address to the first of the sets before it that takes it."""
    heads: list[str] = []
    for address in group.addresses:
        taken = any(
            clusters.join(head, address, f"{group.why} at {head} and {address}", guess=True) for head in heads
        )
        if not taken:
            heads.append(address)


def _person(addresses: list[str], known: Mapping[str, Profile], why: Iterable[str]) -> Person:
    names: dict[str, int] = defaultdict(int)
    for address in addresses:
        for name, n in known[address].names.items():
            names[name] += n
    kinds = {known[address].kind for address in addresses}
    kind = "person" if "person" in kinds else min(kinds)
    return Person(
        key=person_key(addresses),
        name=_display(names, addresses, kind),
        names=tuple(sorted(names)),
        addresses=tuple(addresses),
        kind=kind,
        why=tuple(why),
    )


def _display(names: Mapping[str, int], addresses: list[str], kind: str) -> str:
    """Give the most frequent name that looks like a human's, else any name, else the prettified local part."""
    counted: dict[str, int] = defaultdict(int)
    for name, n in names.items():
        if clean(name):
            counted[clean(name)] += n
    if counted:
        return max(counted, key=lambda name: (is_human_looking(name), is_full(name), counted[name], len(name), name))
    if kind != "person":
        return addresses[0]
    local = split_address(canonical(addresses[0]))[0]
    return " ".join(part.capitalize() for part in re.split(r"[._\-]+", local) if part) or addresses[0]
