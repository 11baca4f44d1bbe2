"""What is known of one address: the kind of thing behind it, the full names it bears, the handles it goes by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

from projections.addresses import (
    LOGIN_DOMAINS,
    canonical,
    handle,
    is_mailbox,
    is_personal_role,
    is_role,
    kind_of,
    split_address,
)
from projections.identity_types import Card, Evidence
from projections.names import clean, compatible, is_full, is_several, same_word, spellings, words

# A mailbox is one human's while one name and its variants bear this share of what was seen there; else it is shared.
MAIN_SHARE = 0.8
HOUSEHOLD_SHARE = 0.95  # where the others bear the same family name: a couple, a family
_LONGEST_HANDLE = 64
_SEPARATORS = re.compile(r"[._\-]+")
_NUMBER = re.compile(r"\d+$")
_LEADS = 8  # how many of the most frequent names are tried as the main one


class Profile(NamedTuple):
    """`full`: the words of the main full name and its variants, most seen first, empty where the mailbox is shared.

    `spelled`: the same with the other ways to write umlauts; without a full name, the one that the local part spells.
    `single`: names of one word. `handles`: these and the local part, squeezed.
    `shown`: the main name as written. `parts`: the local part, cut at dots, dashes, underscores.
    `open`: rules may join this address with others.
    """

    address: str
    mailbox: str
    local: str
    domain: str
    parts: tuple[str, ...]
    kind: str
    shown: str
    full: tuple[tuple[str, ...], ...]
    spelled: tuple[tuple[str, ...], ...]
    single: tuple[str, ...]
    handles: tuple[str, ...]
    open: bool
    names: Mapping[str, int]


def profiles(evidence: Evidence) -> dict[str, Profile]:
    """Give a profile for every address of `seen` and `cards` that is not mine, in alphabetical order."""
    used: dict[str, dict[str, int]] = {}
    told: dict[str, dict[str, int]] = {}  # by contact cards alone: nick names and former names too
    for address, name, source, n, *_ in evidence.seen:
        names = (told if source == "contact" else used).setdefault(address, {})
        bare = name.strip()
        names[bare] = names.get(bare, 0) + n
    cards: dict[str, list[Card]] = defaultdict(list)
    for card in evidence.cards:
        for address in card.addresses:
            cards[address].append(card)
            names = told.setdefault(address, {})
            for name in (card.name, *card.other_names):
                names[name.strip()] = names.get(name.strip(), 0) + 1
    known = sorted((used.keys() | told.keys()) - evidence.mine - {""})
    return {a: _profile(a, used.get(a, {}), told.get(a, {}), cards.get(a, []), evidence) for a in known}


def _profile(
    address: str, used: Mapping[str, int], told: Mapping[str, int], cards: list[Card], evidence: Evidence
) -> Profile:
    mailbox = canonical(address)
    local, domain = split_address(mailbox)
    kind = kind_of(
        address,
        is_list=address in evidence.lists,
        is_room=address in evidence.rooms,
        is_robot=address in evidence.robots,
    )
    main, shared = _main_names({name: n for name, n in used.items() if name})
    if shared and domain in LOGIN_DOMAINS:  # an account is one human's, under whatever names
        main, shared = sorted(filter(is_full, used)), False
    if cards:
        shared |= _on_cards_of_several(cards)
        main = main or _names_on(cards)
    closed = kind != "person" or shared
    if is_role(address) or not is_mailbox(address):
        closed |= not main or not (is_personal_role(address) or not is_mailbox(address))
    known = {name: used.get(name, 0) + told.get(name, 0) for name in sorted(used.keys() | told.keys()) if name}
    as_written = split_address(address)[0].partition("+")[0] if mailbox.endswith("@gmail.com") else local
    parts = (as_written,) if as_written.isalnum() else tuple(filter(None, _SEPARATORS.split(as_written)))
    single = tuple(sorted({words(name)[0] for name in known if len(words(name)) == 1}))
    spelled = [spelling for name in main for spelling in spellings(name)] or _spelled_by(parts, single)
    return Profile(
        address=address,
        mailbox=mailbox,
        local=local,
        domain=domain,
        parts=parts,
        kind=kind,
        shown=clean(main[0]) if main else "",
        full=tuple(dict.fromkeys([words(name) for name in main])),
        spelled=tuple(dict.fromkeys(spelled)),
        single=single,
        handles=_handles(local, known),
        open=not closed,
        names=known,
    )


def _on_cards_of_several(cards: list[Card]) -> bool:
    """Tell whether the cards that list an address are of people whose names conflict."""
    names = sorted({words(card.name) for card in cards if not card.kind} - {()})
    return any(not compatible(a, b) for a, b in combinations(names, 2))


def _names_on(cards: list[Card]) -> list[str]:
    """Give the full names that individuals' cards say, former names included."""
    return sorted({name for card in cards if not card.kind for name in (card.name, *card.other_names) if is_full(name)})


def _main_names(names: Mapping[str, int]) -> tuple[list[str], bool]:
    """Give the full names compatible with the most frequent one, and whether several people share the mailbox."""
    full = [name for name in names if is_full(name)]
    several = 0 if len(full) == len(names) else sum(n for name, n in names.items() if is_several(name))
    if len(full) <= 1:
        return full, several > 0
    full.sort(key=lambda name: (-names[name], name))
    weight = {lead: sum(names[o] for o in full if compatible(words(lead), words(o))) for lead in full[:_LEADS]}
    lead = max(weight, key=lambda name: (weight[name], names[name], name))
    main = [name for name in full if compatible(words(lead), words(name))]
    total = sum(names[name] for name in full) + several
    kin = any(words(name)[-1] == words(lead)[-1] for name in full if name not in main)
    shared = weight[lead] < (HOUSEHOLD_SHARE if kin else MAIN_SHARE) * total
    return ([] if shared else main), shared


def _spelled_by(parts: tuple[str, ...], single: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Give the full name in ana.ruiz75@, unless the name that stands beside it says otherwise."""
    if len(parts) != 2:  # noqa: PLR2004  given, family
        return []
    found = tuple(_NUMBER.sub("", part) for part in parts)
    if not all(len(part) > 1 and part.isalpha() for part in found):
        return []
    return [found] if not single or any(same_word(word, part) for word in single for part in found) else []


def _handles(local: str, names: Mapping[str, int]) -> tuple[str, ...]:
    found = {handle(text) for name in names if " " not in (text := clean(name))}
    found.add(handle(local))
    return tuple(sorted(h for h in found if 0 < len(h) <= _LONGEST_HANDLE))
