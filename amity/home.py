"""The home: the one folder that holds the owner's settings, the log, the read models and the tokens."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from events.errors import AmityError, UsageError

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
OWNER = "me"  # `events.envelope.OWNER`, whose module the way to an answer does not load
OWNERS = "owners"  # the folder of an organisation's owners, each with a home of its own
_OWNER = re.compile(r"[a-z][a-z0-9.@-]{0,63}")


class Home(NamedTuple):
    """Where things are. `log_url` is empty for the log in this home, else the address of a database.

    `owner`: whose log it is there. `cache`: where the read models stand, if not in the home: several machines may share
    a home's folder, over a network on which SQLite cannot lock.
    """

    folder: Path
    log_url: str = ""
    owner: str = OWNER
    cache: Path | None = None

    @property
    def settings(self) -> Path:
        return self.folder / "amity.toml"

    @property
    def accounts(self) -> Path:
        return self.folder / "accounts.toml"

    @property
    def log(self) -> Path:
        return self.folder / "amity.db"

    @property
    def views(self) -> Path:
        return (self.cache or self.folder) / "views.db"

    def url(self) -> str:
        """The log's address for `events.log.open_log`."""
        return self.log_url or f"sqlite:///{self.log}"


def find_home(option: str | None, environment: Mapping[str, str]) -> Home:
    """`--home` before `AMITY_HOME` before the platform's user data directory.

    Where `AMITY_OWNER` names one of an organisation's owners, that is the organisation's folder, and the home is the
    owner's below it. Raises UsageError where the name is none.
    """
    given = option or environment.get("AMITY_HOME") or ""
    folder = Path(given).expanduser() if given else _user_data(environment)
    home = Home(Path(os.path.abspath(folder)), told(environment, "AMITY_DATABASE_URL"))  # noqa: PTH100  resolve() follows links
    if cache := environment.get("AMITY_CACHE", ""):
        home = home._replace(cache=Path(cache) / OWNER)
    owner = environment.get("AMITY_OWNER", "")
    return of_owner(home, owner) if owner else home


def told(environment: Mapping[str, str], name: str) -> str:
    """A variable, or the first line of the file that `NAME_FILE` names: addresses of servers may hold passwords."""
    path = environment.get(f"{name}_FILE", "")
    if not path or name in environment:
        return environment.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise AmityError(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from error


def of_owner(organisation: Home, owner: str) -> Home:
    """The home of one owner of an organisation. Raises UsageError where the name is none."""
    if not _OWNER.fullmatch(owner):
        raise UsageError(f"{owner!r} is no name of an owner: at most 64 of a-z, 0-9, dot, dash, @; a letter first.")
    cache = organisation.cache and organisation.cache.parent / owner
    return organisation._replace(folder=organisation.folder / OWNERS / owner, owner=owner, cache=cache)


def all_homes(home: Home) -> list[Home]:
    """The homes of all owners where this is an organisation's folder; else the one it is."""
    folder = home.folder / OWNERS
    if home.owner != OWNER or not folder.is_dir():
        return [home]
    return [of_owner(home, one.name) for one in sorted(folder.iterdir()) if one.is_dir()]


def _user_data(environment: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/amity").expanduser()
    if os.name == "nt":
        return Path(environment.get("LOCALAPPDATA", "~")).expanduser() / "amity"
    # https://specifications.freedesktop.org/basedir-spec: relative paths are to be ignored
    base = Path(environment.get("XDG_DATA_HOME", ""))
    return (base if base.is_absolute() else Path("~/.local/share").expanduser()) / "amity"


def prepare(home: Home) -> None:
    """Make the home if it is missing, private to its owner; everything written after this is private too."""
    os.umask(0o077)
    try:
        if not home.folder.is_dir():
            home.folder.mkdir(mode=PRIVATE_FOLDER, parents=True)
        if home.folder.stat().st_mode & 0o077:
            home.folder.chmod(PRIVATE_FOLDER)
        if home.cache:
            home.cache.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        for path in (*home.folder.glob("*.db*"), *home.folder.glob("*.toml"), *home.folder.glob("tokens")):
            with suppress(FileNotFoundError):  # the daemon has just put its journal away
                if not path.is_symlink() and path.stat().st_mode & 0o077:  # what a link leads to is not ours
                    path.chmod(PRIVATE_FILE)
    except OSError as error:
        raise AmityError(
            f"The home {home.folder} cannot be used ({error.strerror}): choose another one with --home DIR."
        ) from error


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, mode 0600: a reader sees the old text or the new one, never half of it."""
    import tempfile  # noqa: PLC0415  10 ms that only writing may cost

    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
            _settle(path.parent)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AmityError(f"{path} cannot be written ({error.strerror}): choose another place.") from error


def _settle(folder: Path) -> None:
    """Names in a folder survive a power cut only after this (fsync(2), NOTES)."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
