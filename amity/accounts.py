"""The accounts that are connected: `accounts.toml` in the home. The program writes it; `amity.toml` is the person's.

Of a password only the place stands in it. What of the options tells a secret (the address of a feed: who knows it can
read the calendar) stands in a table of its own, which leaves the home in no export.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from amity.home import Home, write_private
from events.errors import UsageError

NONE, STORED, IN_FILE = "none", "stored", "file"  # where the secret is: not needed, in the token store, in a file
_NAME = re.compile(r"(?!-)[A-Za-z0-9._@-]{1,100}")  # what begins with a hyphen would be an option
_HEAD = "# Written by `amity connect` and `amity disconnect`. No secret stands here.\n"
_WRONG = "correct it, or take that account out and connect it again"

Value = str | int | bool


class Account(NamedTuple):
    """One account. `options` and `private` together are the fields of its kind's `Config`; `private` is never shown.

    `password_file` is absolute, "" where the secret is not in a file of the person's.
    """

    name: str
    kind: str
    options: Mapping[str, Value]
    private: Mapping[str, Value] = {}
    secret: str = NONE
    password_file: str = ""

    @property
    def source(self) -> str:
        """How payloads of the log name it."""
        return f"{self.kind}:{self.name}"


def read(home: Home) -> list[Account]:
    """All accounts of a home, by name. Raises UsageError where the file says something else."""
    path = home.accounts
    if not path.exists():
        return []
    import tomllib  # noqa: PLC0415  only who has accounts pays for it

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): {_WRONG}.") from error
    return [_account(path, name, document[name]) for name in sorted(document)]


def _account(path: Path, name: str, said: Any) -> Account:
    table = said if isinstance(said, dict) else {}
    options, private = table.get("options", {}), table.get("private", {})
    kind, secret, file = table.get("kind", ""), table.get("secret", NONE), table.get("password_file", "")
    known = kind and isinstance(kind, str) and isinstance(file, str) and secret in (NONE, STORED, IN_FILE)
    if not (known and _NAME.fullmatch(name) and _plain(options) and _plain(private)):
        raise UsageError(f"{path}: [{name}] is no account: {_WRONG}.")
    return Account(name, kind, options, private, secret, file)


def _plain(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(value, Value) for value in table.values())


def find(accounts: Iterable[Account], name: str) -> Account:
    """The account by that name. Raises UsageError with the names there are."""
    held = list(accounts)
    for account in held:
        if account.name == name:
            return account
    names = ", ".join(account.name for account in held)
    raise UsageError(
        f'There is no account "{name}"; there are: {names}.'
        if held
        else f'There is no account "{name}": none is connected.'
    )


def write(home: Home, accounts: Iterable[Account]) -> None:
    """Replace the file in one step; a reader sees the old accounts or the new ones."""
    write_private(home.accounts, text_of(accounts))


def text_of(accounts: Iterable[Account], *, private: bool = True) -> str:
    """The TOML text that `read` understands; without what is private, for an export."""
    parts = [_HEAD]
    for account in sorted(accounts, key=lambda one: one.name):
        own: dict[str, Value] = {"kind": account.kind, "secret": account.secret}
        if account.password_file:
            own["password_file"] = account.password_file
        name = _quoted(account.name)
        parts += [f"\n[{name}]\n", *_pairs(own), f"\n[{name}.options]\n", *_pairs(account.options)]
        if private and account.private:
            parts += [f"\n[{name}.private]\n", *_pairs(account.private)]
    return "".join(parts)


def _pairs(table: Mapping[str, Value]) -> list[str]:
    return [
        f"{key} = {_quoted(value) if isinstance(value, str) else str(value).lower()}\n" for key, value in table.items()
    ]


def _quoted(text: str) -> str:
    """A basic string of TOML: as in JSON, but that DEL is escaped too (TOML 1.0, String)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def checked_name(name: str, accounts: Iterable[Account]) -> str:
    """A name that a person chose. Raises UsageError where it cannot be one, or is taken."""
    if not _NAME.fullmatch(name):
        raise UsageError(f'"{name}" cannot be the name of an account: use letters, digits and . _ @ - (at most 100).')
    if any(account.name == name for account in accounts):
        raise UsageError(
            f'There is an account "{name}" already: choose another name, or `amity disconnect {name}` first.'
        )
    return name


def free_name(kind: str, options: Mapping[str, Value], accounts: Iterable[Account]) -> str:
    """A name for who chose none: the user at the server, as far as the options say; made unique by a number."""
    user, host = (str(options.get(key, "")) for key in ("user", "host"))
    host = host or _host(str(options.get("url", "")))
    wanted = user if "@" in user or not host else f"{user}@{host}" if user else host
    name = re.sub(r"[^A-Za-z0-9._@-]+", "-", wanted).strip("-")[:90] or kind
    taken = {account.name for account in accounts}
    names = [name, f"{name}-{kind}", *(f"{name}-{kind}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def _host(url: str) -> str:
    from urllib.parse import urlsplit  # noqa: PLC0415  only a new account needs it

    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def absolute(path: str) -> str:
    """Where a password file is, whatever the current folder will be; links stay links, since they may be moved on."""
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100  resolve() follows links
