"""What lies below a path: order, links, what is hidden, what is special, Maildirs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.files.walk import Found, Left, mbox_folder, walk


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def found(root: Path) -> list[str]:
    return [entry.where for entry in walk(root) if isinstance(entry, Found)]


def left(root: Path) -> dict[str, str]:
    return {entry.where: entry.reason for entry in walk(root) if isinstance(entry, Left)}


def test_the_order_is_that_of_the_names(tmp_path: Path) -> None:
    tree(tmp_path, "b/2", "a", "b/1", "c", "B")
    assert found(tmp_path) == ["B", "a", "b/1", "b/2", "c"]


def test_a_loop_of_links_ends_and_no_folder_is_read_twice(tmp_path: Path) -> None:
    tree(tmp_path, "a/x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path) == ["a/x"]
    assert left(tmp_path) == {"a/up": "already_read", "b": "already_read", "gone": "broken_link"}


def test_hidden_and_special_files_are_left(tmp_path: Path) -> None:
    tree(tmp_path, ".DS_Store", ".git/config", "x")
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path) == ["x"]
    assert left(tmp_path) == {".DS_Store": "hidden", ".git": "hidden", "pipe": "special_file"}


def test_a_folder_that_cannot_be_opened_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a/x", "b")
    opened = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError
        return opened(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found(tmp_path) == ["b"]
    assert left(tmp_path) == {"a": "unreadable"}


def test_a_maildir_and_the_folders_in_it(tmp_path: Path) -> None:
    root = tmp_path / "Maildir"
    tree(root, "cur/1:2,S", "new/2", "tmp/3", ".Sent/cur/4:2,S", ".Archive.2020/new/5", "dovecot-uidlist")
    folders = {entry.where: (entry.folder, entry.maildir) for entry in walk(root) if isinstance(entry, Found)}
    assert folders == {
        "cur/1:2,S": ("INBOX", True),
        "new/2": ("INBOX", True),
        ".Sent/cur/4:2,S": ("Sent", True),
        ".Archive.2020/new/5": ("Archive/2020", True),
        "dovecot-uidlist": ("Maildir", False),
    }
    assert left(root) == {"tmp/3": "unfinished"}


def test_a_name_that_is_no_utf8_is_shown_as_escapes(tmp_path: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))).write_bytes(b"x")
    assert found(tmp_path) == ["caf\\xe9"]


@pytest.mark.parametrize(
    ("where", "folder"),
    [
        ("Mail/Sent.mbox", "Sent"),
        ("Work.mbox/mbox", "Work"),
        ("sent_items", "sent_items"),
        ("x.2001", "x.2001"),
    ],
)
def test_the_folder_of_an_mbox(where: str, folder: str) -> None:
    assert mbox_folder(where, "Work") == folder
