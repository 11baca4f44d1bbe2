"""Guesses at two addresses of one person, each with its strength and its reason. Found by keys, never by all pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from projections.addresses import FREE_MAIL, ROLES, canonical, handle, site, split_address
from projections.identity_clusters import are_numbered
from projections.identity_profile import Profile
from projections.name_tables import GENERIC_WORDS, NICKNAMES, SHORT_FORMS
from projections.names import compatible, without_generation

# The order in which guesses are tried; a later one cannot undo what an earlier one found.
SAME_NAME, CUT_NAME, SAME_SITE, TURNED, REPLY_TO, HANDLE, SHORT_NAME, SPELLED, INITIALS = range(90, 0, -10)
_LARGEST_GROUP = 40  # a key that more addresses share says nothing about a person
_LARGEST_CHECK = 12  # all pairs of one name are looked at up to here
_LARGEST_HANDLE_GROUP = 8
_SHORTEST_HANDLE = 5
_SHORTEST_DERIVED = 7  # j + family name: shorter ones are shared by strangers
_SHORTEST_LOGIN = 3
_SHORTEST_FAMILY_NAME = 4
_LONG_WORD = 2


class Group(NamedTuple):
    """Addresses that share one key."""

    strength: int
    key: str
    addresses: tuple[str, ...]
    why: str


def groups(
    profiles: Mapping[str, Profile],
    reply_to: Sequence[tuple[str, str, int]],
    together: Callable[[str, str], bool],
) -> list[Group]:
    """Give all guesses, strongest first; the order depends on nothing but their content."""
    people = {p.address: p for p in profiles.values() if p.open}
    found = [
        *_by_name(people, together),
        *_by_site(people),
        *_by_reply_to(people, reply_to),
        *_by_handle(people),
    ]
    return sorted(found, key=lambda group: (-group.strength, group.key, group.addresses))


def _collect(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, address in pairs:
        found[key].add(address)
    return ((key, tuple(sorted(found[key]))) for key in sorted(found) if len(found[key]) > 1)


def _by_name(people: Mapping[str, Profile], together: Callable[[str, str], bool]) -> Iterator[Group]:
    for strength, rule in NAME_RULES:
        keyed = ((key, p.address) for p in people.values() for full in p.spelled for key in rule(full))
        for key, addresses in _collect(keyed):
            if len(addresses) > _LARGEST_GROUP or _denotes_several(addresses, together):
                continue
            if strength in _ALONE_ENOUGH:
                yield Group(strength, key, addresses, "same full name")
            elif _one_reading(people, addresses):
                yield from _supported(people, strength, key, addresses)


def _denotes_several(addresses: tuple[str, ...], together: Callable[[str, str], bool]) -> bool:
    """Tell whether the name is proved to be borne by two people."""
    return any(are_numbered(a, b) or together(a, b) for a, b in combinations(addresses[:_LARGEST_CHECK], 2))


def _one_reading(people: Mapping[str, Profile], addresses: tuple[str, ...]) -> bool:
    """Tell whether all full names in the group can be one person's: C. Lee is unclear beside Chris and Carol Lee."""
    full = sorted({name for address in addresses for name in people[address].full})
    return all(compatible(a, b) for a, b in combinations(full, 2))


def _supported(people: Mapping[str, Profile], strength: int, key: str, addresses: tuple[str, ...]) -> Iterator[Group]:
    for a, b in combinations(addresses, 2):
        if _support(people[a], people[b]):
            yield Group(strength, key, (a, b), "names that agree")


def _support(one: Profile, other: Profile) -> bool:
    """Tell whether more than the name speaks for one person: a handle, an organisation, or the other's local part."""
    if one.handles & other.handles:
        return True
    first, second = (split_address(p.address)[1] for p in (one, other))
    if first not in FREE_MAIL and site(first) == site(second):
        return True
    return _spells(one, other) or _spells(other, one)


def _spells(one: Profile, other: Profile) -> bool:
    local = handle(split_address(one.address)[0])
    return any(len(name[0]) > _LONG_WORD and name[0] in local and name[-1] in local for name in other.full)


def _by_site(people: Mapping[str, Profile]) -> Iterator[Group]:
    """user@host.corp.com and user@corp.com: one mail system, one login."""
    given = _given_names(people)
    keyed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for address in people:
        local, domain = split_address(canonical(address))
        if domain not in FREE_MAIL and len(local) >= _SHORTEST_LOGIN and local not in given:
            keyed[(local, site(domain))].append(address)
    for (local, _), addresses in sorted(keyed.items()):
        for a, b in combinations(sorted(addresses)[:_LARGEST_GROUP], 2):
            first, second = split_address(a)[1], split_address(b)[1]
            if first.endswith("." + second) or second.endswith("." + first):
                yield Group(SAME_SITE, local, (a, b), "same login, a host of the same organisation")


def _by_reply_to(people: Mapping[str, Profile], reply_to: Sequence[tuple[str, str, int]]) -> Iterator[Group]:
    """Reply-To names another mailbox of the same human: the names agree, or the local part spells the name."""
    for sender, answer, _ in sorted(set(reply_to)):
        if sender == answer or sender not in people or answer not in people:
            continue
        one, other = people[sender], people[answer]
        agree = any(compatible(a, b) for a in one.full for b in other.full)
        if agree or _spells(one, other) or _spells(other, one) or one.handles & other.handles:
            yield Group(REPLY_TO, sender, (sender, answer), "answers are asked to the other address")


def _given_names(people: Mapping[str, Profile]) -> frozenset[str]:
    return frozenset(name[0] for p in people.values() for name in p.full) | NICKNAMES.keys()


def _by_handle(people: Mapping[str, Profile]) -> Iterator[Group]:
    """The same distinctive local part, login or one-word name; or a local part that only one known name spells."""
    given = _given_names(people)
    locals_: dict[str, set[str]] = defaultdict(set)
    owned: dict[str, set[str]] = defaultdict(set)
    spelled: dict[str, set[str]] = defaultdict(set)
    for p in people.values():
        locals_[handle(split_address(canonical(p.address))[0])].add(p.address)
        for own in p.handles:
            owned[own].add(p.address)
        for name in p.spelled:
            for derived in written(name):
                spelled[derived].add(p.address)
    for key in sorted(owned.keys() & locals_.keys()):
        if len(key) < _SHORTEST_HANDLE or key.isdigit() or key in given or key in ROLES or key in GENERIC_WORDS:
            continue
        own = owned[key]
        group = tuple(sorted(own | (spelled.get(key, set()) if len(key) >= _SHORTEST_DERIVED else set())))
        if 1 < len(group) <= _LARGEST_HANDLE_GROUP and _one_reading(people, group):
            yield from _handle_pairs(people, key, own, group)


def _handle_pairs(people: Mapping[str, Profile], key: str, own: set[str], group: tuple[str, ...]) -> Iterator[Group]:
    for a, b in combinations(group, 2):
        if key in (site(split_address(x)[1]).split(".")[0] for x in (a, b)):
            continue  # the name of a company
        if a in own and b in own:
            yield Group(HANDLE, key, (a, b), f"same handle '{key}'")
        elif (a in own and not people[a].full) or (b in own and not people[b].full):
            yield Group(SPELLED, key, (a, b), f"'{key}' is written out of the name")


def whole(name: tuple[str, ...]) -> set[str]:
    """Give the key of a full name: "Jean-Paul Sartre" and "Jeanpaul Sartre" are one."""
    return {"".join(name)}


def ends(name: tuple[str, ...]) -> set[str]:
    """Give first and last word: what is left of "Ana M. Ruiz"."""
    bare = without_generation(name)
    return {f"{bare[0]} {bare[-1]}"} if len(bare) > 1 and len(bare[0]) > 1 and len(bare[-1]) > 1 else set()


def turned(name: tuple[str, ...]) -> set[str]:
    """Give the words in alphabetical order: "Ruiz Ana" without a comma."""
    return {" ".join(sorted(without_generation(name)))}


def short(name: tuple[str, ...]) -> set[str]:
    """Give the given names that the first word can be short for, each with the last word."""
    bare = without_generation(name)
    return {f"{head} {bare[-1]}" for head in NICKNAMES.get(bare[0], ())} if len(bare) > 1 and len(bare[-1]) > 1 else set()


def initials(name: tuple[str, ...]) -> set[str]:
    """Give the first letter with the last word, where that is long enough to tell families apart."""
    bare = without_generation(name)
    return {f"{bare[0][0]} {bare[-1]}"} if len(bare) > 1 and len(bare[-1]) >= _SHORTEST_FAMILY_NAME else set()


def written(name: tuple[str, ...]) -> set[str]:
    """Give the local parts that people make of their name: anaruiz, ruizana, aruiz, ruiza, anar, and short forms."""
    bare = without_generation(name)
    if len(bare) < 2:  # noqa: PLR2004  there is nothing to combine
        return set()
    first, last = bare[0], bare[-1]
    inner = "".join(part[0] for part in bare[1:-1])
    found = {"".join(bare), first + last, last + first, first[0] + last, last + first[0], first[0] + inner + last, first + last[0]}
    return found | {form + last for head in NICKNAMES.get(first, ()) for form in SHORT_FORMS[head]}


NAME_RULES = ((SAME_NAME, whole), (CUT_NAME, ends), (SHORT_NAME, short), (TURNED, turned), (INITIALS, initials))
_ALONE_ENOUGH = (SAME_NAME, CUT_NAME, SHORT_NAME)
