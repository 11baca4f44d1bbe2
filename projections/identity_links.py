"""Guesses at two addresses of one person, each with its strength and its reason. Found by keys, never by all pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from projections.addresses import FREE_MAIL, ROLES, handle, is_mailbox, site
from projections.identity_clusters import are_numbered
from projections.identity_profile import Profile
from projections.name_tables import GENERIC_WORDS, NICKNAMES, SHORT_FORMS
from projections.names import compatible, without_generation

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
    found = [
        *_by_name(people, together),
        *_by_site(people),
        *_by_reply_to(people, reply_to),
        *_by_handle(people),
        *_by_given_name(people),
    ]
    return sorted(found, key=lambda group: (-group.strength, group.key, group.addresses))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, address in pairs:
        found.setdefault(key, []).append(address)
    return found


def _by_name(people: Mapping[str, Profile], together: Callable[[str, str], bool]) -> Iterator[Group]:
    for strength, rule in NAME_RULES:
        keyed = ((key, p.address) for p in people.values() for full in p.spelled for key in rule(full))
        for key, found in _grouped(keyed).items():
            addresses = tuple(sorted(set(found))) if len(found) > 1 else ()
            if not 1 < len(addresses) <= _LARGEST_GROUP or _denotes_several(addresses, together):
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
    local = handle(one.local)
    return any(len(name[0]) > _LONG_WORD and name[0] in local and name[-1] in local for name in other.full)


def _by_site(people: Mapping[str, Profile]) -> Iterator[Group]:
    """user@host.corp.com and user@corp.com: one mail system, one login."""
    common = _name_words(people)
    keyed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for p in people.values():
        if p.domain not in FREE_MAIL and len(p.local) >= _SHORTEST_LOGIN and p.local not in common:
            keyed[(p.local, site(p.domain))].append(p.address)
    for (local, _), addresses in sorted(item for item in keyed.items() if len(item[1]) > 1):
        for a, b in combinations(sorted(addresses)[:_LARGEST_GROUP], 2):
            first, second = people[a].domain, people[b].domain
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
    in_names = {word for p in people.values() for name in p.full for word in name}
    in_locals = {part for p in people.values() if len(p.parts) > 1 for part in p.parts}
    return frozenset(in_names | in_locals | NICKNAMES.keys() | GENERIC_WORDS | ROLES)


def _by_handle(people: Mapping[str, Profile]) -> Iterator[Group]:
    """The same distinctive local part, login or one-word name; or a local part that only one known name spells."""
    common = _name_words(people)
    people = {address: p for address, p in people.items() if is_mailbox(address)}
    standing = {handle(p.local) for p in people.values()}
    owned = _grouped((own, p.address) for p in people.values() for own in p.handles)
    shown = {word for p in people.values() for word in p.single if _is_invented(word)}
    told = {key for key in owned.keys() & standing if len(key) >= _SHORTEST_HANDLE and not key.isdigit()} - common
    told |= owned.keys() & shown - common
    spelled = _grouped((k, p.address) for p in people.values() for name in p.spelled for k in written(name) & told)
    for key in told:
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
        if key in (site(p.domain).split(".")[0] for p in (one, other)):
            continue  # the name of a company
        if a in own and b in own:
            if _is_telling(key, one, other):
                yield Group(HANDLE, key, (a, b), f"same handle '{key}'")
        elif (a in own and not one.full) or (b in own and not other.full):
            yield Group(SPELLED, key, (a, b), f"'{key}' is written out of the name")


def _by_given_name(people: Mapping[str, Profile]) -> Iterator[Group]:
    """"Ana" <aruiz75@…>: a given name and the local part together say Ana Ruiz, where one Ana Ruiz is known."""
    asking = {p.address: handle(p.local).rstrip("0123456789") for p in people.values() if p.single and not p.full}
    asked = {key for key in asking.values() if len(key) >= _SHORTEST_HANDLE}
    named = [(name, p.address) for p in people.values() for name in p.full] if asked else []
    known = _grouped((k, address) for name, address in named for k in (short_forms(name) | written(name)) & asked)
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
    if any(key in short_forms(name) for p in (one, other) for name in p.full):
        return len(key) >= _SHORTEST_DERIVED and _is_chosen(one, other)
    return _is_chosen(one, other) or any(len(p.parts) > 1 and min(map(len, p.parts)) > 1 for p in (one, other))


def _is_chosen(one: Profile, other: Profile) -> bool:
    return one.domain in FREE_MAIL or other.domain in FREE_MAIL


def whole(name: tuple[str, ...]) -> set[str]:
    """Give the key of a full name: "Jean-Paul Sartre" and "Jeanpaul Sartre" are one."""
    return {"".join(name)}


def ends(name: tuple[str, ...]) -> set[str]:
    """Give first and last word of "Ana M. Ruiz". A second given name, written out, tells people apart."""
    bare = without_generation(name)
    plain = len(bare) > 1 and len(bare[0]) > 1 and len(bare[-1]) > 1 and all(len(part) == 1 for part in bare[1:-1])
    return {f"{bare[0]} {bare[-1]}"} if plain else set()


def turned(name: tuple[str, ...]) -> set[str]:
    """Give the words in alphabetical order: "Ruiz Ana" without a comma."""
    return {" ".join(sorted(without_generation(name)))}


def written(name: tuple[str, ...]) -> set[str]:
    """Give the local parts that people make of their whole name: anaruiz, anamruiz, and bobsmith for Robert Smith."""
    bare = without_generation(name)
    if len(bare) < 2:  # noqa: PLR2004  there is nothing to combine
        return set()
    first, last = bare[0], bare[-1]
    found = {"".join(bare), first + last}
    return found | {form + last for head in NICKNAMES.get(first, ()) for form in SHORT_FORMS[head]}


def short_forms(name: tuple[str, ...]) -> set[str]:
    """Give the local parts that a name shares with many others: aruiz, ruiza, amruiz, anar."""
    bare = without_generation(name)
    if len(bare) < 2:  # noqa: PLR2004  there is nothing to combine
        return set()
    first, last = bare[0], bare[-1]
    inner = "".join(part[0] for part in bare[1:-1])
    return {first[0] + last, last + first[0], first[0] + inner + last, first + last[0]}


NAME_RULES = ((SAME_NAME, whole), (CUT_NAME, ends), (TURNED, turned))
