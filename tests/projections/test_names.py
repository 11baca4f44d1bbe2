from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.names import (
    clean,
    compatible,
    is_full,
    is_human_looking,
    is_relayed,
    is_several,
    read,
    read_slowly,
    same_word,
    spellings,
    words,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ruiz, Ana", "Ana Ruiz"),
        ('"Ruiz, Ana M."', "Ana M. Ruiz"),
        ("'Ana Ruiz'", "Ana Ruiz"),
        ("Ana Ruiz (EXT)", "Ana Ruiz"),
        ("[External] Ana Ruiz", "Ana Ruiz"),
        ("Ana Ruiz, PhD", "Ana Ruiz"),
        ("Smith, John, Jr.", "John Smith Jr."),
        ("Ana Ruiz <ana@x.org>", "Ana Ruiz"),
        ("ana@x.org", ""),
        ("Ana Ruiz via Team", "Ana Ruiz"),
        ("White, Stacey W. </O=ENRON/OU=NA/CN=RECIPIENTS/CN=SWHITE>", "Stacey W. White"),
        ("Stacey W White/HOU/ECT@ECT", "Stacey W White"),
        ("  Ana \t Ruiz  ", "Ana Ruiz"),
        ("\u202eAna Ruiz\u200b", "Ana Ruiz"),
        ("Sales, Support, and more", "Sales, Support, and more"),
        ("", ""),
    ],
)
def test_a_display_text_is_cleaned_to_a_name(written: str, name: str) -> None:
    assert clean(written) == name


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Dr. José-María Ñu", ("jose", "maria", "nu")),
        ("Søren Łukasz Þór", ("soren", "lukasz", "thor")),
        ("Иван Петров", ("ivan", "petrov")),
        ("Γιώργος Παπάς", ("giorgos", "papas")),
        ("O'Brien, Sinéad", ("sinead", "obrien")),
        ("Jack Ma", ("jack", "ma")),
    ],
)
def test_words_are_folded_and_titles_dropped(name: str, found: tuple[str, ...]) -> None:
    assert words(name) == found


def test_umlauts_have_two_spellings() -> None:
    assert spellings("Jan Müller") == (("jan", "muller"), ("jan", "mueller"))
    assert spellings("Jan Mueller") == (("jan", "mueller"),)


@pytest.mark.parametrize("name", ["Ana Ruiz", "R. J. Smith", "王小明", "Ben Root", "Dev Patel", "José Ortega y Gasset"])
def test_full_names(name: str) -> None:
    assert is_full(name)


@pytest.mark.parametrize(
    "name",
    [
        "Ana", "root", "Acme Support", "Team Ana Ruiz", "Ana & Ben Ruiz", "Ana Ruiz and Ben Ruiz", "A B", "ana@x.org",
        "Ana Ruiz via LinkedIn", "Ana Ruiz (Google Docs)", "user 42", "haozeke", "The Ruiz Family", "王", "",
    ],
)  # fmt: skip
def test_what_is_not_the_full_name_of_one_human(name: str) -> None:
    assert not is_full(name)


def test_several_people_and_services_are_recognised() -> None:
    assert is_several("Ana & Ben Ruiz")
    assert not is_several("Michael E Smith")
    assert is_relayed("Ana Ruiz (via Google Sheets)")
    assert not is_relayed("Ana Olivia Ruiz")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana Ruiz", "Ana M. Ruiz"),
        ("Robert Smith", "Bob Smith"),
        ("E. M. Bray", "Erik M. Bray"),
        ("Jan Müller", "Jan Mueller"),
        ("Jean-Paul Sartre", "Jeanpaul Sartre"),
        ("Ruiz Ana", "Ana Ruiz"),
        ("Ana Ruiz", "Ana Ruiz Soto"),
    ],
)
def test_names_that_one_person_can_bear(first: str, second: str) -> None:
    assert compatible(words(first), words(second))
    assert compatible(words(second), words(first))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ana Ruiz", "Ben Ruiz"),
        ("Ana Ruiz", "Ana Soto"),
        ("Chris Lee", "Carol Lee"),
        ("John Smith Jr.", "John Smith Sr."),
        ("Ana B. Ruiz", "Ana M. Ruiz"),
        ("Christina Lee", "Christopher Lee"),
    ],
)
def test_names_that_one_person_cannot_bear(first: str, second: str) -> None:
    assert not compatible(words(first), words(second))


def test_short_forms_share_a_line_not_a_letter() -> None:
    assert same_word("bob", "robert")
    assert same_word("r", "robert")
    assert not same_word("ro", "robert")


def test_a_megabyte_of_name_takes_no_time() -> None:
    assert len(clean("(" * 500_000 + "a" * 500_000)) <= 300


@pytest.mark.parametrize(
    ("name", "looks"),
    [("Ana Ruiz", True), ("佐藤 健一", True), ("Иван Петров", True), ("ANA RUIZ", False), ("ana ruiz", False)],
)
def test_a_humans_name_has_both_cases_where_its_script_has_them(name: str, looks: bool) -> None:  # noqa: FBT001  a parameter
    assert is_human_looking(name) == looks


_PIECES = [
    "Ana", "ruiz", "O'Brien", "M.", ".", "Jean-Paul", "-", " ", "  ", "and", "und", "et", "via", "on behalf of",
    "im Auftrag von", "Dr.", "Jr", "42", "Sales", ",", "&", "(x)", "/", "@", "ü", "İ", "_", "\t", "\u200b",
]  # fmt: skip


@given(st.one_of(st.lists(st.sampled_from([*_PIECES, " ", " ", " "]), max_size=9).map("".join), st.text(max_size=12)))
def test_a_name_that_needs_no_cleaning_reads_as_if_it_had_been_cleaned(name: str) -> None:
    assert read(name) == read_slowly(name)


@pytest.mark.parametrize("name", ["a" * 301, "Ana " + "a" * 301, "Ana " * 80 + "and Ben", "4 " + "a" * 300])
def test_what_is_too_long_for_a_name_is_read_in_one_way(name: str) -> None:
    assert read(name) == read_slowly(name)
