from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from amity import home
from events.errors import AmityError


def test_the_option_outranks_the_environment_and_that_the_platform(tmp_path: Path) -> None:
    environment = {"AMITY_HOME": str(tmp_path / "b"), "XDG_DATA_HOME": str(tmp_path / "c")}
    assert home.find_home(str(tmp_path / "a"), environment).folder == tmp_path / "a"
    assert home.find_home(None, environment).folder == tmp_path / "b"
    if sys.platform == "linux":
        assert home.find_home(None, {"XDG_DATA_HOME": str(tmp_path / "c")}).folder == tmp_path / "c" / "amity"
        assert home.find_home(None, {"XDG_DATA_HOME": "relative"}).folder == Path("~/.local/share/amity").expanduser()


def test_the_log_may_be_elsewhere() -> None:
    found = home.find_home("/h", {"AMITY_DATABASE_URL": "postgresql+psycopg://db/amity"})
    assert found.url() == "postgresql+psycopg://db/amity"
    assert home.find_home("/h", {}).url() == "sqlite:////h/amity.db"


def test_a_home_is_made_private_and_stays_so(tmp_path: Path) -> None:
    found = home.Home(tmp_path / "new" / "home")
    home.prepare(found)
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    found.folder.chmod(0o755)
    found.log.write_text("")
    found.log.chmod(0o644)
    home.prepare(found)
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(found.log.stat().st_mode) == 0o600


def test_a_home_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AmityError, match="--home"):
        home.prepare(home.Home(tmp_path / "file" / "home"))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        home.write_private(path, "half \ud800")
    assert path.read_text() == "old"
    home.write_private(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_an_address_with_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://amity:secret@db/amity\n")
    found = home.find_home("/h", {"AMITY_DATABASE_URL_FILE": str(secret)})
    assert found.url() == "postgresql+psycopg://amity:secret@db/amity"
    with pytest.raises(AmityError, match="AMITY_DATABASE_URL_FILE"):
        home.find_home("/h", {"AMITY_DATABASE_URL_FILE": str(tmp_path / "none")})


def test_an_owner_of_an_organisation_has_a_home_below_it(tmp_path: Path) -> None:
    found = home.find_home(str(tmp_path), {"AMITY_OWNER": "ana", "AMITY_CACHE": "/cache"})
    assert (found.owner, found.folder, found.views) == ("ana", tmp_path / "owners" / "ana", Path("/cache/ana/views.db"))


def test_all_homes_of_an_organisation_have_their_own_folder_and_views(tmp_path: Path) -> None:
    office = home.find_home(str(tmp_path), {"AMITY_CACHE": str(tmp_path / "cache")})
    assert home.all_homes(office) == [office]
    for name in ("bo", "ana"):
        (tmp_path / "owners" / name).mkdir(parents=True)
    found = home.all_homes(office)
    assert [one.owner for one in found] == ["ana", "bo"]
    assert [one.views for one in found] == [tmp_path / "cache" / name / "views.db" for name in ("ana", "bo")]
    assert home.all_homes(found[0]) == [found[0]]
