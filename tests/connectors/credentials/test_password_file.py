from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.credentials import password_file
from events.errors import AmityError


def read(path: Path) -> tuple[str, list[str]]:
    warnings: list[str] = []
    return password_file.read(path, warnings.append).reveal(), warnings


@pytest.mark.parametrize("written", [b"hunter 2", b"hunter 2\n", b"hunter 2\r\n"])
def test_the_end_of_the_line_is_no_part_of_it(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "password"
    path.write_bytes(written)
    path.chmod(0o600)
    assert read(path) == ("hunter 2", [])


def test_spaces_and_other_letters_are_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("  ünïcode\t\n", encoding="utf-8")
    assert read(path)[0] == "  ünïcode\t"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_others_may_read_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "password"
    path.write_text("x")
    path.chmod(mode)
    text, warnings = read(path)
    assert text == "x"
    assert [str(path) in one and "chmod 600" in one for one in warnings] == [True]


@pytest.mark.parametrize(
    ("written", "says"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"a\nb\n", "more than a password"), (b"\xff\xfe", "not UTF-8"),
     (b"a\0b", "more than a password"), (b"x" * 5000, "more than a password")],
)  # fmt: skip
def test_what_is_no_password_is_one_sentence_that_does_not_quote_it(tmp_path: Path, written: bytes, says: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(written)
    with pytest.raises(AmityError, match=says) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "xxx" not in str(caught.value)


def test_a_missing_file_a_folder_and_a_pipe(tmp_path: Path) -> None:
    with pytest.raises(AmityError, match="cannot be read"):
        read(tmp_path / "nowhere")
    with pytest.raises(AmityError, match="no regular file"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(AmityError, match="no regular file"):
        read(tmp_path / "pipe")
