from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from amity.positions import Path, positions

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
KEYS = st.one_of(st.sampled_from(["a", "b-c", "x_1"]), TEXTS)
VALUES = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def paths(value: Any, at: Path = ()) -> set[Path]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path for key, one in inner for path in ({(*at, key)} | paths(one, (*at, key)))}


@given(DOCUMENTS)
def test_every_key_and_every_element_has_a_place(document: dict[str, Any]) -> None:
    lines = []
    for name, table in document.items():
        lines.append(f"  [{quoted(name)}]  # a table")
        lines += [f"{quoted(key)}  = {written(one)} # [x] = 1" for key, one in table.items()]
    text = "\n".join(lines) + "\n"
    assert tomllib.loads(text) == document
    assert set(positions(text)) == paths(document)


def test_places_are_those_an_editor_shows() -> None:
    text = '# a comment = 1\n[a."b.c"]\nd.e = 1\n  f = [1,\n    2]\n'
    text += '[[g]]\nh = """\n[no] = 1\n"""\n[[g]]\nh = { i = 2 }\n'
    found = positions(text)
    assert found["a", "b.c"] == (2, 1)
    assert found["a", "b.c", "d", "e"] == (3, 1)
    assert found["a", "b.c", "f"] == (4, 3)
    assert found["a", "b.c", "f", 1] == (5, 5)
    assert found["g", 1, "h", "i"] == (11, 7)
    assert ("no",) not in found
