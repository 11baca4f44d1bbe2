"""A home with the invented life in it, imported once; tests that decide something work on a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from amity.demo import life
from tests.home import Home

AS_OF = "2026-09-20T23:50:00+03:00"


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Read only."""
    folder = tmp_path_factory.mktemp("lived")
    home = Home(folder)
    paths = life.write(home.inbox)
    home.settings((home.inbox / "amity.toml").read_text(encoding="utf-8"))
    home.as_of = AS_OF
    home.json("import", *map(str, paths), as_of=None)
    return home


@pytest.fixture
def life_copy(lived: Home, tmp_path: Path) -> Home:
    """A home of one's own, to decide in."""
    shutil.copytree(lived.folder, tmp_path / "home")
    home = Home.__new__(Home)
    home.folder, home.inbox, home.as_of = tmp_path / "home", lived.inbox, AS_OF
    return home
