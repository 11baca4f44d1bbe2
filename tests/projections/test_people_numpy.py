"""Who is who on real people: the 2,550 names and addresses of numpy's history, with what its maintainers know."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest

from projections.addresses import keyed
from projections.people import Evidence, Seen, resolve

NO_ADDRESS = "?@?"  # four people were converted to it from Subversion


class Identity(NamedTuple):
    name: str
    address: str
    true_name: str
    true_address: str
    commits: int

    @property
    def key(self) -> str:
        return keyed(self.address.lower(), self.name)

    @property
    def person(self) -> tuple[str, str]:
        return self.true_name, self.true_address.lower()


def identities(shared_data: Path) -> list[Identity]:
    with (shared_data / "identity" / "numpy" / "identities.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [Identity(name, mail, true, true_mail, int(n)) for n, name, mail, true, true_mail in rows]


def plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum())


def undecidable(one: Identity, other: Identity) -> bool:
    """The maintainers never said whether two entries of one full name, or one canonical address, are one person."""
    return (
        plain(one.name) == plain(other.name)
        or plain(one.true_name) == plain(other.true_name)
        or one.true_address.lower() == other.true_address.lower()
    )


def score(known: Sequence[Identity]) -> tuple[float, float]:
    """Precision and recall over pairs of identities."""
    people = resolve(Evidence([Seen(i.key, i.name, "commit", i.commits) for i in known]))
    key = {address: person.key for person in people for address in person.addresses}
    found, true = defaultdict(list), defaultdict(list)
    for identity in known:
        found[key[identity.key]].append(identity)
        true[identity.person].append(identity)
    pairs = [pair for group in found.values() for pair in combinations(group, 2)]
    right = sum(one.person == other.person for one, other in pairs)
    wrong = sum(one.person != other.person and not undecidable(one, other) for one, other in pairs)
    return right / (right + wrong), right / sum(len(group) * (len(group) - 1) // 2 for group in true.values())


def test_better_than_the_same_address_or_the_same_name(shared_data: Path) -> None:
    simple = json.loads((shared_data / "ORACLES.json").read_text())["identity"]["numpy"]
    baseline = simple["baseline_same_email_or_same_full_name"]
    precision, recall = score(identities(shared_data))
    assert precision > baseline["precision"] + 0.01
    assert recall > baseline["recall"] + 0.12


def test_where_every_address_is_one(shared_data: Path) -> None:
    precision, recall = score([i for i in identities(shared_data) if i.address != NO_ADDRESS])
    assert precision > 0.98
    assert recall > 0.88


@pytest.mark.parametrize("part", range(5))
def test_every_fifth_of_the_people_alone(shared_data: Path, part: int) -> None:
    """No part of the data carries the result: each fifth of the people is resolved by itself."""
    known = [i for i in identities(shared_data) if i.address != NO_ADDRESS]
    people = sorted({i.person for i in known})
    mine = set(people[part::5])
    precision, recall = score([i for i in known if i.person in mine])
    assert precision > 0.98
    assert recall > 0.78
