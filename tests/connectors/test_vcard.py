"""Contact cards: every version, every exporter we have real files of, and what breaks."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from connectors.files.vcf import read
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent
from events.vocabulary import ContactObserved


def items(text: str | bytes) -> list[Item]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(io.BytesIO(data), source="files:t", where="t.vcf"))


def cards(found: list[Item]) -> list[ContactObserved]:
    return [
        item.payload
        for item in found
        if isinstance(item, NewEvent) and isinstance(item.payload, ContactObserved)
    ]


def card(*lines: str) -> ContactObserved:
    (found,) = cards(items("\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])))
    return found


def test_the_formatted_name_is_the_name_and_the_parts_are_another() -> None:
    found = card(
        "VERSION:3.0", "N:Doe;John;Richter\\, James;Mr.;Sr.", "FN:Mr. John Doe Sr.", "NICKNAME:Johny,JD"
    )
    assert found.name == "Mr. John Doe Sr."
    assert found.other_names == ("Johny", "JD", "John Richter, James Doe")


def test_without_a_formatted_name_the_parts_are_the_name() -> None:
    assert card("N:Ruiz;Ana;María;;").name == "Ana María Ruiz"
    assert card("VERSION:3.0", "FN:", "N:山田;太郎;;;").name == "山田太郎"


def test_addresses_are_lower_case_distinct_and_real() -> None:
    found = card(
        "FN:A", "item1.EMAIL;type=pref:A@X.org", "EMAIL;VALUE=uri:mailto:b@x.org", "EMAIL:a@x.org", "EMAIL:A <c@x.org>",
        "EMAIL:not an address", "EMAIL:",
    )  # fmt: skip
    assert found.addresses == ("a@x.org", "b@x.org", "c@x.org")


def test_quoted_printable_with_soft_breaks_and_charset_is_read() -> None:
    found = card(
        "VERSION:2.1",
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=",
        "ller;J=C3=B6rg;;;",
        "EMAIL;INTERNET:j@x.de",
    )
    assert found.name == "Jörg Müller"
    latin = card("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:J=F6rg", "EMAIL;PREF:j@x.de")
    assert latin.name == "Jörg"


@pytest.mark.parametrize("charset", ["windows-1251", "UTF-8"])
def test_raw_bytes_are_in_the_charset_that_the_line_names(charset: str) -> None:
    text = f"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET={charset}:Анна\nEND:VCARD\n"
    assert [one.name for one in cards(items(text.encode(charset)))] == ["Анна"]


def test_categories_are_labels() -> None:
    assert card("FN:A", "CATEGORIES:Family,Old friends\\, close").labels == ("Family", "Old friends, close")


@pytest.mark.parametrize("line", ["KIND:group", "X-ADDRESSBOOKSERVER-KIND:group"])
def test_a_group_is_no_person(line: str) -> None:
    assert card("FN:Rowing club", line).kind == "group"


def test_the_members_of_a_group_have_its_name_as_a_label() -> None:
    people = "".join(f"BEGIN:VCARD\nUID:{n}\nFN:{n}\nEMAIL:{n}@x.org\nCATEGORIES:Old\nEND:VCARD\n" for n in "abc")
    group = "X-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a\nMEMBER:mailto:C@x.org\n"
    found = cards(items(f"{people}BEGIN:VCARD\nUID:g\nFN:Family\n{group}END:VCARD\n"))
    assert [one.labels for one in found] == [("Old", "Family"), ("Old",), ("Old", "Family"), ()]


def test_a_company_is_an_organisation() -> None:
    assert card("FN:Acme", "ORG:Acme;", "X-ABShowAs:COMPANY").kind == "org"
    nameless = card("ORG:Acme;Sales", "EMAIL:sales@acme.example")
    assert (nameless.name, nameless.kind, nameless.organization) == ("Acme", "org", "Acme")


def test_the_uid_makes_the_card_known_again_whatever_it_says() -> None:
    first, second = (
        items(f"BEGIN:VCARD\nUID:urn:uuid:7\nFN:{name}\nEMAIL:a@x.org\nEND:VCARD\n")[0]
        for name in ("Ana", "Ana Ruiz")
    )
    assert isinstance(first, NewEvent)
    assert isinstance(second, NewEvent)
    assert first.stream == second.stream
    assert first.revision != second.revision


def test_an_agent_is_not_the_person() -> None:
    found = card(
        "FN:Boss",
        "AGENT:",
        "BEGIN:VCARD",
        "FN:Assistant",
        "EMAIL:assistant@x.org",
        "END:VCARD",
        "EMAIL:b@x.org",
    )
    assert (found.name, found.addresses) == ("Boss", ("b@x.org",))


def test_a_broken_card_leaves_its_neighbours_whole() -> None:
    found = items("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:broken\nBEGIN:VCARD\nFN:C\nEND:VCARD\n")
    assert [one.name for one in cards(found)] == ["A", "C"]
    (problem,) = [item for item in found if isinstance(item, Problem)]
    assert problem.where == "t.vcf:4"


def test_lines_outside_every_card_are_a_problem_and_not_silence() -> None:
    found = items("BEGIN:VCARX\nFN:lost\nEMAIL:l@x.org\nEND:VCARD\n\nBEGIN:VCARD\nFN:B\nEND:VCARD\n")
    assert [one.name for one in cards(found)] == ["B"]
    assert [item.where for item in found if isinstance(item, Problem)] == ["t.vcf:1"]


def test_a_card_that_names_nobody_is_skipped() -> None:
    assert items("BEGIN:VCARD\nTEL:1\nEND:VCARD\n") == [Skipped("empty_contact")]


def test_control_characters_do_not_get_into_names() -> None:
    assert card("FN:An\x1b[31ma\x00 Ruiz").name == "An [31ma Ruiz"


REAL = {  # exporter: cards, name of the first, its addresses, labels of the first
    "John_Doe_ANDROID": (6, "", ("john.doe@company.com",), ("My Contacts",)),
    "John_Doe_BLACK_BERRY": (1, "John Doe", (), ()),
    "John_Doe_EVOLUTION": (1, "Mr. John Richter, James Doe Sr.", ("john.doe@ibm.com",), ("VIP",)),
    "John_Doe_GMAIL": (1, "Mr. John Richter, James Doe Sr.", ("john.doe@ibm.com",), ()),
    "John_Doe_IPHONE": (1, "Mr. John Richter James Doe Sr.", ("john.doe@ibm.com",), ()),
    "John_Doe_LOTUS_NOTES": (1, "Mr. Doe John I Johny", ("john.doe@ibm.com", "billy_bob@gmail.com"), ()),
    "John_Doe_MAC_ADDRESS_BOOK": (1, "Mr. John Richter,James Doe Sr.", ("john.doe@ibm.com",), ()),
    "John_Doe_MS_OUTLOOK": (1, "Mr. John Richter James Doe Sr.", ("john.doe@ibm.cm",), ()),
    "gmail-list": (3, "Arnold Smith", ("asmithk@gmail.com",), ()),
    "outlook-2003": (1, "John Doe III", ("jdoe@hotmail.com",), ()),
    "rfc2426-example": (2, "Frank Dawson", ("frank_dawson@lotus.com", "fdawson@earthlink.net"), ()),
    "rfc6350-example": (1, "Simon Perreault", ("simon.perreault@viagenie.ca",), ()),
    "fullcontact": (
        1,
        "Prefix FirstName MiddleName LastName Suffix",
        tuple(f"{kind}@example.com" for kind in ("home", "work", "school", "other", "custom")),
        ("Tag",),
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_real_exports_are_read(shared_data: Path, name: str) -> None:
    found = items((shared_data / "contacts" / "ez-vcard" / f"{name}.vcf").read_bytes())
    count, first, addresses, labels = REAL[name]
    assert not [item for item in found if isinstance(item, Problem)]
    observed = cards(found)
    assert len(observed) == count
    assert (observed[0].name, observed[0].addresses, observed[0].labels) == (first, addresses, labels)


def test_mutated_real_exports_lose_only_the_card_that_was_hurt(shared_data: Path) -> None:
    dice = random.Random(7)  # noqa: S311  the same mutants every time
    originals = [path.read_bytes() for path in sorted((shared_data / "contacts").rglob("*.vcf"))]
    whole = b"BEGIN:VCARD\r\nFN:Neighbour\r\nEMAIL:n@x.org\r\nEND:VCARD\r\n"
    for _ in range(300):
        data = bytearray(dice.choice(originals)[:4000])
        for _ in range(dice.randint(1, 12)):
            at = dice.randrange(len(data))
            data[at : at + dice.choice((0, 1, 1, 40))] = dice.choice(
                (b"", b"\0", b":", b"\r\n", b"\xff", b"END:VCARD\n")
            )
        found = items(whole + bytes(data) + b"\r\n" + whole)
        names = [one.name for one in cards(found)]
        assert names[0] == names[-1] == "Neighbour"
