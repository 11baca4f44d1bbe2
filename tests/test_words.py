"""Neutral words (lessons, L8): nothing that a person may read ranks, blames or shames anybody, or pushes a score."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("amity", "projections", "events", "connectors", "workers")
BANNED = re.compile(
    r"""\b(
      worst | (bad|poor|false|fake)\ (friend|person|people|relation)\w* | toxic | loser\w* | lazy | laziness | selfish |
      ungrateful | rude(ness)? | needy | clingy | creepy | annoying | pathetic | boring |
      ignor(e|es|ed|ing)\ (you|him|her|me)\b | (you|they|he|she)\ ignor\w+ | snub\w* | ghost(ed|ing) | stalk\w* |
      (you|they)\ (are\ |have\ )?fail(ed|ing)? | failing\ (friend|relation|you|at)\w* | (your|their)\ fault |
      guilt\w* | asham\w* | sham(e|ed|eful|ing) | to\ blame | blam(e|es|ing)\ (you|him|her|them)(self|selves)?  |
      (useless|worthless)\ (friend|person|people)\w* | should\ be\ sorry | disappoint\w* |
      wast(e|ed|ing)\ (of\ )?(your\ )?(time|people) | deadwood | dead\ weight | parasite\w* | leech\w* |
      (friend|relationship|person|people|health|social)\ scor(e|es|ing) | (low|high|bad|good|your|their)\ scores? |
      ranking\ of\ (people|friends) | least\ (important|valuable)\ (people|person|friend)\w*
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# Words that text on a terminal or in a report may not consist of, though they may name a key of a JSON document.
HEADS = re.compile(r"^\s*scores?\s*$", re.IGNORECASE)


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string in the code, those of f-strings in pieces, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def folder_of(package: str) -> Path:
    """Where the installed package is."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))


def texts() -> Iterator[tuple[str, str]]:
    """(where, text) of everything that is shown: strings, templates, docs."""
    for package in PACKAGES:
        folder = folder_of(package)
        for path in sorted(folder.rglob("*")):
            where = str(path.relative_to(folder.parent))
            if path.suffix == ".py":
                yield from ((f"{where}:{line}", text) for line, text in literals(path))
            elif path.suffix in {".html", ".toml", ".txt", ".md", ".j2"}:
                yield where, path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def found(text: str) -> list[str]:
    """The banned words of a text, white space made single."""
    return [match[0].lower() for match in BANNED.finditer(" ".join(text.split()))]


def table_heads(path: Path) -> Iterator[str]:
    """The strings that are printed as heads of tables: lists handed to `table`, and lists named `head`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        lists: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "table":
            lists = node.args[:1]
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "head" for one in node.targets):
            lists = [node.value]
        for one in lists:
            for part in one.elts if isinstance(one, ast.List) else []:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_every_text_is_neutral() -> None:
    assert {where: words for where, text in texts() if (words := found(text))} == {}


def test_no_table_shows_a_score() -> None:
    heads = {(path.name, head) for path in folder_of("amity").rglob("*.py") for head in table_heads(path)}
    assert ("judged.py", "person") in heads
    assert {one for one in heads if HEADS.match(one[1])} == set()


@pytest.mark.parametrize(
    "sentence",
    [
        "Your worst contacts",
        "Victor is a bad friend",
        "She ignored you for 20 days",
        "They  are failing you",
        "Your relationship score is 41",
        "Too lazy to answer",
        "a waste of time",
        "TOXIC",
    ],
)
def test_the_check_hears_what_hurts(sentence: str) -> None:
    assert found(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "mark EVENT attended|no-show|goal=G|ignore",
        "25 days without contact where 14 days is usual",
        "you spent 1.9 h reaching for Ana; 0 of 4 answered",
        "the account is failing: sign in again",
        "quieter than usual",
    ],
)
def test_it_leaves_plain_words_alone(sentence: str) -> None:
    assert found(sentence) == []


def test_it_reads_the_templates_and_the_docs() -> None:
    read = {where.partition(":")[0] for where, _ in texts()}
    assert {
        "amity/report/page.html",
        "README.md",
        "docs/measures.md",
        "amity/cli/judged.py",
        "amity/schemas.py",
    } <= read
