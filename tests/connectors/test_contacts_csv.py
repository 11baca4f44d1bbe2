"""Address books as tables: whose columns mean what, in which encoding, and what a broken row costs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from connectors.contacts_csv import table_of
from connectors.files.table import read
from connectors.files.vcf import read as read_cards
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent
from events.vocabulary import ContactObserved


def items(data: bytes) -> list[Item]:
    return list(read(io.BytesIO(data), source="files:t", where="t.csv"))


def cards(found: list[Item]) -> list[ContactObserved]:
    return [
        item.payload
        for item in found
        if isinstance(item, NewEvent) and isinstance(item.payload, ContactObserved)
    ]


def one(text: str, encoding: str = "utf-8") -> ContactObserved:
    (found,) = cards(items(text.encode(encoding)))
    return found


@pytest.mark.parametrize("name", ["gmail", "tb_plain"])
def test_a_table_says_what_another_program_makes_of_it(shared_data: Path, name: str) -> None:
    folder = shared_data / "contacts" / "roundcube-csv2vcard"
    (table,) = cards(items((folder / f"{name}.csv").read_bytes()))
    with (folder / f"{name}.vcf").open("rb") as stream:
        (expected,) = cards(list(read_cards(stream, source="files:t", where="t.csv")))
    said = ("name", "other_names", "addresses", "organization", "labels")
    assert [getattr(table, field) for field in said] == [getattr(expected, field) for field in said]


def test_googles_newer_columns() -> None:
    found = one(
        "First Name,Middle Name,Last Name,Nickname,File As,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value,"
        "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Value\n"
        "Ana,,Ruiz,Anita,,Acme,Family ::: * myContacts,Home,Ana@X.org ::: a2@x.org,Work,ana@corp.com,+1 555\n"
    )
    assert found.name == "Ana Ruiz"
    assert found.other_names == ("Anita",)
    assert found.addresses == ("ana@x.org", "a2@x.org", "ana@corp.com")
    assert (found.organization, found.labels) == ("Acme", ("Family", "myContacts"))


OUTLOOK = {  # language: encoding, header, row
    "en": (
        "cp1252",
        "First Name,Last Name,Company,E-mail Address,E-mail Type,E-mail Display Name,Categories",
        ",",
    ),
    "de": (
        "cp1252",
        "Vorname;Nachname;Firma;E-Mail-Adresse;E-Mail-Typ;E-Mail: Angezeigter Name;Kategorien",
        ";",
    ),
    "fr": (
        "cp1252",
        "Prénom;Nom;Société;Adresse de messagerie;Type de messagerie;Nom complet de l'adresse de messagerie;Catégories",
        ";",
    ),
    "es": (
        "utf-8-sig",
        "Nombre,Apellidos,Organización,Dirección de correo electrónico,Tipo de correo,Nombre de pantalla,Categorías",
        ",",
    ),
    "it": (
        "cp1252",
        "Nome;Cognome;Società;Indirizzo posta elettronica;Tipo posta elettronica;Nome x;Categorie",
        ";",
    ),
    "nl": (
        "cp1252",
        "Voornaam;Achternaam;Bedrijf;E-mailadres;E-mailtype;E-mailweergavenaam;Categorieën",
        ";",
    ),
    "pl": ("cp1250", "Imię;Nazwisko;Firma;Adres e-mail;Typ e-mail;Nazwa wyświetlana e-mail;Kategorie", ";"),
    "sv": (
        "utf-16",
        "Förnamn\tEfternamn\tFöretag\tE-postadress\tTyp av e-post\tE-post visning\tKategorier",
        "\t",
    ),
    "ru": (
        "cp1251",
        "Имя;Фамилия;Организация;Адрес эл. почты;Тип эл. почты;Краткое имя эл. почты;Категории",
        ";",
    ),
    "ja": ("cp932", "名,姓,会社名,電子メール アドレス,電子メールの種類,電子メール表示名,分類項目", ","),
    "zh": ("gbk", "名,姓,公司,电子邮件地址,电子邮件类型,电子邮件显示名称,类别", ","),
    "ko": ("cp949", "이름,성,회사,전자 메일 주소,전자 메일 유형,전자 메일 표시 이름,범주", ","),
}


@pytest.mark.parametrize("language", OUTLOOK)
def test_outlook_in_its_languages(language: str) -> None:
    encoding, header, delimiter = OUTLOOK[language]
    row = delimiter.join(
        ["Ana", "Ruiz", "Acme", "ana@x.org", "SMTP", "Ana Ruiz (ana@x.org)", '"Family;Friends"']
    )
    found = one(f"{header}\r\n{row}\r\n", encoding)
    assert (found.name, found.organization, found.addresses) == ("Ana Ruiz", "Acme", ("ana@x.org",))
    assert found.labels == ("Family", "Friends")


def test_german_name_beside_vorname_is_the_family_name() -> None:
    assert one("Name;Vorname;E-Mail\nRuiz;Ana;ana@x.org\n").name == "Ana Ruiz"


def test_utf16_without_a_mark() -> None:
    assert one("Name,E-mail\nAna,ana@x.org\n", "utf-16-le").addresses == ("ana@x.org",)


def test_mail_columns_in_an_unknown_language_are_found_by_their_content() -> None:
    assert one("First name,Last name,Xyzzy\nAna,Ruiz,ana@x.org\n").addresses == ("ana@x.org",)


@pytest.mark.parametrize(
    "header",
    ["Date,Description,Amount", "Subject,Start Date,Start Time,Location", "a;b;c", "", "\x00\x01\x02"],
)
def test_other_tables_are_none_of_ours(header: str) -> None:
    assert table_of(header.encode()) is None


def test_a_quote_that_is_never_closed_costs_its_row_only() -> None:
    rows = ["Name,E-mail", '"Broken,b@x.org', *(f"N{n},n{n}@x.org" for n in range(20_000))]
    found = items("\n".join(rows).encode())
    assert [item.where for item in found if isinstance(item, Problem)] == ["t.csv:2"]
    assert len(cards(found)) == 20_000


def test_a_quote_inside_a_cell_joins_no_rows() -> None:
    found = items(
        b'Name,E-mail,Notes\nA,a@x.org,5" disk\nB,b@x.org,3" disk\nC,c@x.org,"two\nlines, one cell"\nD,d@x.org,\n'
    )
    assert [card.name for card in cards(found)] == ["A", "B", "C", "D"]
    assert cards(found)[3].where == "t.csv:6"


def test_a_row_that_names_nobody_is_skipped_and_an_empty_line_is_no_row() -> None:
    assert items(b"Name,E-mail,Phone\n,,123\n\n") == [Skipped("empty_contact")]


def test_a_cell_beyond_every_measure_is_a_problem() -> None:
    found = items(b'Name,E-mail\nA,"' + b"x" * 200_000 + b'"\nB,b@x.org\n')
    assert [type(item) for item in found] == [Problem, NewEvent]
