"""What is known of one address: the kind of thing behind it, the full names it bears, the handles it goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from projections.addresses import canonical, handle, is_mailbox, is_personal_role, is_role, kind_of, split_address
from projections.identity_types import Card, Evidence
from projections.names import clean, compatible, is_full, is_several, spellings, words

# A mailbox is one human's while one name and its variants bear this share of what was seen there; else it is shared.
MAIN_SHARE = 0.8
_LONGEST_HANDLE = 64


class Profile(NamedTuple):
    """`full`: the words of the main full name and its variants, most seen first, empty where the mailbox is shared.

    `spelled`: the same with the other ways to write umlauts. `handles`: squeezed local part, and names of one word; `open`: rules may join this address with others.
    """

    address: str
    kind: str
    full: tuple[tuple[str, ...], ...]
    spelled: tuple[tuple[str, ...], ...]
    handles: frozenset[str]
    open: bool
    names: Mapping[str, int]


def profiles(evidence: Evidence) -> dict[str, Profile]:
    """Give a profile for every address of `seen` and `cards` that is not mine, in alphabetical order."""
    names: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for seen in evidence.seen:
        names[seen.address][seen.name.strip()] += seen.n
    for card in evidence.cards:
        for address in card.addresses:
            for name in _card_names(card):
                names[address][name.strip()] += 1
    known = sorted(names.keys() - evidence.mine - {""})
    return {address: _profile(address, names[address], evidence) for address in known}


def _card_names(card: Card) -> Iterable[str]:
    return (card.name,) if card.kind else (card.name, *card.other_names)


def _profile(address: str, names: Mapping[str, int], evidence: Evidence) -> Profile:
    kind = kind_of(
        address,
        is_list=address in evidence.lists,
        is_room=address in evidence.rooms,
        is_robot=address in evidence.robots,
    )
    known = {name: n for name, n in sorted(names.items()) if name}
    main, shared = _main_names(known)
    closed = kind != "person" or shared
    if is_role(address) or not is_mailbox(address):
        closed |= not main or not (is_personal_role(address) or not is_mailbox(address))
    return Profile(
        address=address,
        kind=kind,
        full=tuple(dict.fromkeys(words(name) for name in main)),
        spelled=tuple(dict.fromkeys(spelling for name in main for spelling in spellings(name))),
        handles=_handles(address, known),
        open=not closed,
        names=known,
    )


def _main_names(names: Mapping[str, int]) -> tuple[list[str], bool]:
    """Give the full names compatible with the most frequent one, and whether the mailbox is shared by several people."""
    full = sorted((name for name in names if is_full(name)), key=lambda name: (-names[name], name))
    several = sum(n for name, n in names.items() if is_several(name))
    if not full:
        return [], several > 0
    weight = {lead: sum(names[o] for o in full if compatible(words(lead), words(o))) for lead in full[:8]}
    lead = max(weight, key=lambda name: (weight[name], names[name], name))
    main = [name for name in full if compatible(words(lead), words(name))]
    total = sum(names[name] for name in full) + several
    shared = weight[lead] < MAIN_SHARE * total
    return ([] if shared else main), shared


def _handles(address: str, names: Mapping[str, int]) -> frozenset[str]:
    local, _ = split_address(canonical(address))
    single = {handle(clean(name)) for name in names if " " not in clean(name)}
    return frozenset(h for h in {handle(local)} | single if h and len(h) <= _LONGEST_HANDLE)
