"""Invented worlds whose truth is known: people with several mailboxes, namesakes, households, roles, robots."""

# ruff: noqa: S311  the chance here decides nothing secret

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import pytest

from projections.addresses import keyed
from projections.people import Card, Evidence, Seen, resolve


def _words(text: str) -> list[str]:
    return text.split()


GIVEN = _words(
    "Ana Björn Chloé Dmitri Émile Fatima Giorgos Hana Ingrid João Kwame Léa Małgorzata Nguyen Óscar Priya Quentin "
    "Renée Søren Thandiwe Ulla Valentina Wei Ximena Yusuf Zoë Иван Ольга Γιώργος Élodie Marta Pavel Rosa Tomás Aoife"
)
FAMILY = _words(
    "Álvarez Bjørnstad Chukwu Dąbrowska Eriksen Fernández Grönlund Haddad Ivanova Jørgensen Kowalczyk Łukaszewicz "
    "Müller Nakamura Okafor Papadopoulos Quispe Rodríguez Schröder Tanaka Ursu Vlăsceanu Weiß Xanthos Yıldız Zhang "
    "Петров Кузнецова Παπαδάκης Sørensen Ruiz Lindqvist Moreau Castellanos Whitfield"
)
COMPANIES = ("acme.com", "globex.org", "initech.co.uk", "hooli.net", "umbrella.de")
FREE = ("gmail.com", "yahoo.com", "gmx.de", "protonmail.com")
ROLES = ("info", "sales", "support", "office", "team", "jobs")


class World(NamedTuple):
    """`truth` has who is behind each address; roles, lists, robots and households are somebody of their own."""

    evidence: Evidence
    truth: dict[str, str]


def latin(text: str) -> str:
    table = {
        "Иван": "ivan", "Ольга": "olga", "Петров": "petrov", "Кузнецова": "kuznetsova", "Γιώργος": "giorgos",
        "Παπαδάκης": "papadakis", "ø": "o", "ł": "l", "ß": "ss", "ı": "i",
    }  # fmt: skip
    lowered = table.get(text, text.lower())
    for letter, plain in table.items():
        lowered = lowered.replace(letter, plain)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if c.isalnum() and c.isascii())


def world(seed: int, size: int = 150) -> World:
    chance = random.Random(seed)
    seen: list[Seen] = []
    cards: list[Card] = []
    truth: dict[str, str] = {}
    side_by_side: set[frozenset[str]] = set()

    def add(person: str, address: str, name: str) -> bool:
        if truth.setdefault(address, person) != person:
            return False
        seen.append(Seen(address, name, "mail", chance.randint(1, 30)))
        return True

    for number, (given, family) in enumerate(_names(chance, size)):
        first, last = latin(given), latin(family)
        if number % 10 == 0:  # two people of one name at one company: told apart by a number, or by one mail to both
            one, other = f"{first}.{last}@{COMPANIES[0]}", f"{first}.{last}2@{COMPANIES[0]}"
            if number % 20 == 0:
                other = f"{first[0]}{last}@{COMPANIES[0]}"
                side_by_side.add(frozenset((one, other)))
            add(f"n{number}a", one, f"{given} {family}")
            add(f"n{number}b", other, f"{given} {family}")
            continue
        _person(chance, add, cards, f"p{number}", (given, family))
        if number % 6 == 1:  # converted from a store without addresses: some with their name, some with a login
            add(f"p{number}", keyed("?@?", f"{given} {family}"), f"{given} {family}")
            add(f"login{number}", keyed("?@?", f"zed{number}"), f"zed{number}")
        if number % 15 == 1:  # a household: two names, one address
            home = f"casa{number}@{last}.org"
            add(f"home{number}", home, f"{given} {family}")
            seen.append(Seen(home, f"Wilhelmina {family}", "mail", seen[-1].n))
    for company in COMPANIES:
        for role in ROLES:
            name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
            add(f"{role}@{company}", f"{role}@{company}", chance.choice([name, "", role.title()]))
        add(f"no-reply@{company}", f"no-reply@{company}", f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}")
        add(f"all@lists.{company}", f"all@lists.{company}", "All of us")
    chance.shuffle(seen)
    return World(
        Evidence(seen, cards, together=lambda a, b: frozenset((a, b)) in side_by_side),
        truth,
    )


def _names(chance: random.Random, size: int) -> list[tuple[str, str]]:
    """No two people bear one name by accident: nothing in the evidence could tell them apart."""
    distinct = {(latin(given), latin(family)): (given, family) for given in GIVEN for family in FAMILY}
    return chance.sample(sorted(distinct.values()), size)


def _person(
    chance: random.Random,
    add: Callable[[str, str, str], bool],
    cards: list[Card],
    person: str,
    name: tuple[str, str],
) -> None:
    given, family = name
    first, last = latin(given), latin(family)
    number = chance.randint(60, 99)
    middle = chance.choice("ABEKLM")
    display = [
        f"{given} {family}", f"{family}, {given}", f"{given} {middle}. {family}", f"'{given} {family}'",
        f"{given} {family} (EXT)", f"{first.title()} {last.title()}", f"Dr. {given} {family}", given, "",
    ]  # fmt: skip
    mailboxes = [
        f"{first}.{last}@{chance.choice(COMPANIES)}",
        f"{first[0]}{last}{number}@{chance.choice(FREE)}",
        f"{first}.{last}{number}@gmail.com",
        f"{chance.randint(100, 999)}+{first}{last}{number}@users.noreply.github.com",
    ]
    own = [a for a in chance.sample(mailboxes, chance.randint(1, 4)) if add(person, a, chance.choice(display))]
    if own and chance.random() < 0.2:
        add(person, own[0].replace("@", "+shop@") if "github" not in own[0] else own[0], "")
    if len(own) > 1 and chance.random() < 0.3:
        odd = f"{chance.choice(('sunny', 'quokka', 'blue', 'runner'))}{person}@{chance.choice(FREE)}"
        if add(person, odd, ""):
            cards.append(Card(f"{given} {family}", (), (own[0], odd), position=len(cards) + 1))


def score(made: World) -> tuple[float, float]:
    found: dict[str, list[str]] = defaultdict(list)
    for person in resolve(made.evidence):
        found[person.key] = [made.truth[address] for address in person.addresses]
    pairs = [one == other for group in found.values() for one, other in combinations(group, 2)]
    true: dict[str, int] = defaultdict(int)
    for whose in made.truth.values():
        true[whose] += 1
    return sum(pairs) / len(pairs), sum(pairs) / sum(n * (n - 1) // 2 for n in true.values())


@pytest.mark.parametrize("seed", range(8))
def test_people_of_invented_worlds_are_found(seed: int) -> None:
    precision, recall = score(world(seed))
    assert precision >= 0.99
    assert recall >= 0.9
