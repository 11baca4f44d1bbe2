"""What is known of one address: the kind of thing behind it, the full names it bears, the handles it goes by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

import msgspec

from projections.addresses import (
    LOGIN_DOMAINS,
    canonical,
    handle,
    is_announcer,
    is_mailbox,
    is_personal_role,
    is_role,
    kind_of,
    split_address,
)
from projections.identity_types import Card, Evidence
from projections.names import Keys, compatible, is_full, is_several, keys, read, same_word, spellings, words

# A mailbox is one human's while one name and its variants bear this share of what was seen there; else it is shared.
MAIN_SHARE = 0.8
HOUSEHOLD_SHARE = 0.95  # where the others bear the same family name: a couple, a family
_LONGEST_HANDLE = 64
_SEPARATORS = re.compile(r"[._\-]+")
_NUMBER = re.compile(r"\d+$")
_NONE: Mapping[str, int] = {}
_LEADS = 8  # how many of the most frequent names are tried as the main one


class Look(msgspec.Struct, frozen=True, gc=False):
    """What an address says by itself, worked out once for each.

    `parts`: the local part, cut at dots, dashes, underscores. `handle`: the local part, squeezed; `handles`: if it is
    worth comparing. `spells`: the full name in the local part. `is_own_role`: a role that one human may well own.
    """

    mailbox: str
    local: str
    domain: str
    parts: tuple[str, ...]
    handle: str
    handles: tuple[str, ...]
    spells: tuple[str, ...]
    kind: str
    is_mailbox: bool
    is_role: bool
    is_own_role: bool
    announces: bool


class Profile(msgspec.Struct, frozen=True, gc=False):
    """`full`: the words of the main full name and its variants, most seen first, empty where the mailbox is shared.

    `keys`: of these and of the other ways to write umlauts; without a full name, of the one that the local part spells.
    `single`: names of one word. `handles`: these and the local part, squeezed.
    `shown`: the main name as written.
    `open`: rules may join this address with others.
    """

    address: str
    look: Look
    kind: str
    shown: str
    full: tuple[tuple[str, ...], ...]
    keys: tuple[Keys, ...]
    single: tuple[str, ...]
    handles: tuple[str, ...]
    open: bool
    names: Mapping[str, int]


@lru_cache(maxsize=100_000)
def look(address: str) -> Look:
    """Give what the address says by itself."""
    mailbox = canonical(address)
    local, domain = split_address(mailbox)
    as_written = split_address(address)[0].partition("+")[0] if mailbox.endswith("@gmail.com") else local
    parts = (as_written,) if as_written.isalnum() else tuple(filter(None, _SEPARATORS.split(as_written)))
    squeezed = handle(local)
    return Look(
        mailbox=mailbox,
        local=local,
        domain=domain,
        parts=parts,
        handle=squeezed,
        handles=_worthy({squeezed}),
        spells=_spelled_by(parts),
        kind=kind_of(address),
        is_mailbox=is_mailbox(address),
        is_role=is_role(address),
        is_own_role=is_personal_role(address) or not is_mailbox(address),
        announces=is_announcer(address),
    )


def _spelled_by(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the full name in ana.ruiz75@."""
    if len(parts) != 2:  # noqa: PLR2004  given, family
        return ()
    found = tuple([_NUMBER.sub("", part) for part in parts])
    return found if all(len(part) > 1 and part.isalpha() for part in found) else ()


def meet(address: str) -> None:
    """Work out now what `profiles` will ask about an address."""
    own = look(address)
    if own.spells:
        keys(own.spells)


def meet_name(name: str) -> None:
    """Work out now what `profiles` will ask about a name."""
    bare = name.strip()
    if is_full(bare):
        for spelling in spellings(bare):
            keys(spelling)


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
    return {a: _profile(a, used.get(a, _NONE), told.get(a, _NONE), cards.get(a, ()), evidence) for a in known}


def _profile(
    address: str, used: Mapping[str, int], told: Mapping[str, int], cards: Sequence[Card], evidence: Evidence
) -> Profile:
    own = look(address)
    if told:
        names = {name: used.get(name, 0) + told.get(name, 0) for name in sorted({*used, *told}) if name}
    else:
        names = {name: used[name] for name in sorted(used) if name}
    main, shared = _main_names({name: n for name, n in used.items() if name} if told else names)
    if shared and own.domain in LOGIN_DOMAINS:  # an account is one human's, under whatever names
        main, shared = sorted(filter(is_full, used)), False
    if cards:
        shared |= _on_cards_of_several(cards)
        main = main or _names_on(cards)
    kind = _kind(address, own, evidence)
    closed = kind != "person" or shared or (own.is_role and not (main and own.is_own_role))
    single, handles = _short_names(own, names)
    spelled = [spelling for name in main for spelling in spellings(name)] or _spelled(own, single)
    return Profile(
        address=address,
        look=own,
        kind=kind,
        shown=read(main[0]).text if main else "",
        full=_distinct([read(name).words for name in main]),
        keys=tuple([keys(name) for name in _distinct(spelled)]),
        single=single,
        handles=handles,
        open=not closed,
        names=names,
    )


def _distinct(names: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(names)) if len(names) > 1 else tuple(names)


def _kind(address: str, own: Look, evidence: Evidence) -> str:
    is_list, is_room, is_robot = address in evidence.lists, address in evidence.rooms, address in evidence.robots
    if is_list or is_room or is_robot:
        return kind_of(address, is_list=is_list, is_room=is_room, is_robot=is_robot)
    return own.kind


def _on_cards_of_several(cards: Sequence[Card]) -> bool:
    """Tell whether the cards that list an address are of people whose names conflict."""
    names = sorted({words(card.name) for card in cards if not card.kind} - {()})
    return any(not compatible(a, b) for a, b in combinations(names, 2))


def _names_on(cards: Sequence[Card]) -> list[str]:
    """Give the full names that individuals' cards say, former names included."""
    return sorted({name for card in cards if not card.kind for name in (card.name, *card.other_names) if is_full(name)})


def _main_names(names: Mapping[str, int]) -> tuple[list[str], bool]:
    """Give the full names compatible with the most frequent one, and whether several people share the mailbox."""
    full = [name for name in names if read(name).is_full]
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


def _spelled(own: Look, single: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Give the full name in the local part, unless the name that stands beside it says otherwise."""
    if not own.spells or (single and not any(same_word(word, part) for word in single for part in own.spells)):
        return []
    return [own.spells]


def _short_names(own: Look, names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names of one word, and the handles: these names and the local part, squeezed."""
    short = [said for name in names if " " not in (said := read(name)).text or len(said.words) == 1]
    if not short:  # mostly
        return (), own.handles
    single = {said.words[0] for said in short if len(said.words) == 1}
    return tuple(sorted(single)), _worthy({own.handle, *(handle(said.text) for said in short if " " not in said.text)})


def _worthy(handles: set[str]) -> tuple[str, ...]:
    return tuple(sorted([one for one in handles if 0 < len(one) <= _LONGEST_HANDLE]))
