"""Guesses at two addresses of one person, each with its strength and its reason. Found by keys, never by all pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from projections.addresses import FREE_MAIL, ROLES, site
from projections.identity_clusters import are_numbered
from projections.identity_profile import Profile
from projections.name_tables import GENERIC_WORDS, NICKNAMES
from projections.names import compatible, keys

# The order in which guesses are tried; a later one cannot undo what an earlier one found.
SAME_NAME, CUT_NAME, SAME_SITE, TURNED, REPLY_TO, HANDLE, SPELLED = range(7, 0, -1)
_LARGEST_GROUP = 40  # a key that more addresses share says nothing about a person
_LARGEST_CHECK = 12  # all pairs of one name are looked at up to here
_LARGEST_HANDLE_GROUP = 8
_SHORTEST_HANDLE = 6
_SHORTEST_INVENTED = 5
_SHORTEST_DERIVED = 7  # j + family name: shorter ones are shared by strangers
_SHORTEST_LOGIN = 3
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
    common = _name_words(people)
    found = [
        *_by_name(people, together),
        *_by_site(people, common),
        *_by_reply_to(people, reply_to),
        *_by_handle(people, common),
        *_by_given_name(people),
    ]
    return sorted(found, key=lambda group: (-group.strength, group.key, group.addresses))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, address in pairs:
        found.setdefault(key, []).append(address)
    return found


def shared(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Give the keys that two addresses have or more, with these, out of (key, address); most keys have one."""
    first: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for key, address in pairs:
        known = first.setdefault(key, address)
        if known != address:
            found.setdefault(key, [known]).append(address)
    return found


def _by_name(people: Mapping[str, Profile], together: Callable[[str, str], bool]) -> Iterator[Group]:
    named = [(own, p.address) for p in people.values() for own in p.keys]
    for strength, bearing in (
        (SAME_NAME, shared((own.whole, address) for own, address in named)),
        (CUT_NAME, shared((own.ends, address) for own, address in named if own.ends)),
        (TURNED, shared((own.turned, address) for own, address in named)),
    ):
        for key, found in bearing.items():
            addresses = tuple(sorted(set(found)))
            if len(addresses) > _LARGEST_GROUP or _denotes_several(addresses, together):
                continue
            if strength == TURNED:
                yield from _supported(people, key, addresses)
            else:
                shown = next((people[a].shown for a in addresses if people[a].shown), key)
                yield Group(strength, key, addresses, f"same full name '{shown}'")


def _denotes_several(addresses: tuple[str, ...], together: Callable[[str, str], bool]) -> bool:
    """Tell whether the name is proved to be borne by two people."""
    return any(are_numbered(a, b) or together(a, b) for a, b in combinations(addresses[:_LARGEST_CHECK], 2))


def _one_reading(people: Mapping[str, Profile], addresses: tuple[str, ...]) -> bool:
    """Tell whether all full names in the group can be one person's: C. Lee is unclear beside Chris and Carol Lee."""
    full = sorted({name for address in addresses for name in people[address].full})
    return all(compatible(a, b) for a, b in combinations(full, 2))


def _supported(people: Mapping[str, Profile], key: str, addresses: tuple[str, ...]) -> Iterator[Group]:
    """A turned name needs more that speaks for one person: a handle of both, or the name in the other's local part."""
    for a, b in combinations(addresses, 2):
        one, other = people[a], people[b]
        if _share_handle(one, other) or _spells(one, other) or _spells(other, one):
            yield Group(TURNED, key, (a, b), "same words in the name")


def _share_handle(one: Profile, other: Profile) -> bool:
    return any(own in other.handles for own in one.handles)


def _spells(one: Profile, other: Profile) -> bool:
    local = one.look.handle
    return any(len(name[0]) > _LONG_WORD and name[0] in local and name[-1] in local for name in other.full)


def _by_site(people: Mapping[str, Profile], common: frozenset[str]) -> Iterator[Group]:
    """user@host.corp.com and user@corp.com: one mail system, one login."""
    for local, found in shared((p.look.local, p.address) for p in people.values()).items():
        if len(local) < _SHORTEST_LOGIN or local in common:
            continue
        domains = ((people[a].look.domain, a) for a in found)
        for addresses in shared((site(domain), a) for domain, a in domains if domain not in FREE_MAIL).values():
            for a, b in combinations(sorted(addresses)[:_LARGEST_GROUP], 2):
                first, second = people[a].look.domain, people[b].look.domain
                if first.endswith("." + second) or second.endswith("." + first):
                    yield Group(SAME_SITE, local, (a, b), "same login, a host of the same organisation")


def _by_reply_to(people: Mapping[str, Profile], reply_to: Sequence[tuple[str, str, int]]) -> Iterator[Group]:
    """Reply-To names another mailbox of the same human: the names agree, or the local part spells the name."""
    for sender, answer, _ in sorted(set(reply_to)):
        if sender == answer or sender not in people or answer not in people:
            continue
        one, other = people[sender], people[answer]
        agree = any(compatible(a, b) for a in one.full for b in other.full)
        if agree or _spells(one, other) or _spells(other, one) or _share_handle(one, other):
            yield Group(REPLY_TO, sender, (sender, answer), "answers are asked to the other address")


def _name_words(people: Mapping[str, Profile]) -> frozenset[str]:
    """Give all words of names, as they stand in full names and in local parts like ana.ruiz: many people share them."""
    found = {*NICKNAMES, *GENERIC_WORDS, *ROLES}
    for p in people.values():
        for name in p.full:
            found.update(name)
        if len(p.look.parts) > 1:
            found.update(p.look.parts)
    return frozenset(found)


def _by_handle(people: Mapping[str, Profile], common: frozenset[str]) -> Iterator[Group]:
    """The same distinctive local part, login or one-word name; or a local part that only one known name spells."""
    people = {address: p for address, p in people.items() if p.look.is_mailbox}
    standing = {p.look.handle for p in people.values()}
    owned = _grouped((own, p.address) for p in people.values() for own in p.handles)
    shown = {word for p in people.values() for word in p.single if _is_invented(word)}
    told = {key for key in owned.keys() & standing if len(key) >= _SHORTEST_HANDLE and not key.isdigit()} - common
    told |= owned.keys() & shown - common
    spelled = _grouped((k, p.address) for p in people.values() for name in p.keys for k in name.written & told)
    for key in told:
        if len(owned[key]) == 1 and key not in spelled:
            continue  # most
        own = set(owned[key])
        group = tuple(sorted(own.union(spelled.get(key, ()))))
        if 1 < len(group) <= _LARGEST_HANDLE_GROUP and _one_reading(people, group):
            yield from _handle_pairs(people, key, own, group)


def _is_invented(word: str) -> bool:
    """Tell whether a display name of one word is a login: a digit among letters; bram, jules are given names."""
    return len(word) >= _SHORTEST_INVENTED and not word.isalpha() and not word.isdigit()


def _handle_pairs(people: Mapping[str, Profile], key: str, own: set[str], group: tuple[str, ...]) -> Iterator[Group]:
    for a, b in combinations(group, 2):
        one, other = people[a], people[b]
        if key in (site(p.look.domain).split(".")[0] for p in (one, other)):
            continue  # the name of a company
        if a in own and b in own:
            if _is_telling(key, one, other):
                yield Group(HANDLE, key, (a, b), f"same handle '{key}'")
        elif (a in own and not one.full) or (b in own and not other.full):
            yield Group(SPELLED, key, (a, b), f"'{key}' is written out of the name")


def _by_given_name(people: Mapping[str, Profile]) -> Iterator[Group]:
    """"Ana" <aruiz75@…>: a given name and the local part together say Ana Ruiz, where one Ana Ruiz is known."""
    asking = {p.address: p.look.handle.rstrip("0123456789") for p in people.values() if p.single and not p.full}
    asked = {key for key in asking.values() if len(key) >= _SHORTEST_HANDLE}
    named = [(name, p.address) for p in people.values() for name in p.full] if asked else []
    known = _grouped((k, address) for name, address in named for k in (keys(name).short | keys(name).written) & asked)
    for address, key in asking.items():
        single = people[address].single
        fits = tuple(sorted({a for a in known.get(key, ()) if any(n[0] in single for n in people[a].full)}))
        if fits and _one_reading(people, fits):
            yield from (Group(SPELLED, key, (address, a), "given name and local part agree") for a in fits)


def _is_telling(key: str, one: Profile, other: Profile) -> bool:
    """Tell whether a shared handle speaks for one person.

    An organisation hands out jsmith to whoever comes; a login at a free provider or a code host was chosen.
    """
    if one.full and other.full:
        return True
    if any(key in keys(name).short for p in (one, other) for name in p.full):
        return len(key) >= _SHORTEST_DERIVED and _is_chosen(one, other)
    cut = (one.look.parts, other.look.parts)
    return _is_chosen(one, other) or any(len(parts) > 1 and min(map(len, parts)) > 1 for parts in cut)


def _is_chosen(one: Profile, other: Profile) -> bool:
    return one.look.domain in FREE_MAIL or other.look.domain in FREE_MAIL
