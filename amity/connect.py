"""Connecting and disconnecting accounts, and the secret of each: what `amity connect`, `disconnect` and `sync` call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

import msgspec

from amity import accounts
from amity.accounts import Account, Value
from amity.home import Home, prepare
from amity.wiring import open_home
from connectors.credentials import files, password_file
from connectors.credentials.ring import find_ring
from connectors.credentials.secret import Secret
from connectors.credentials.tokens import Tokens
from connectors.sync.provider import Config, Provider
from events import positions
from events.errors import AmityError, UsageError

TOKENS = "tokens"
PASSPHRASE_FILE = "AMITY_PASSPHRASE_FILE"  # noqa: S105  the name of a variable that names a file
Ask = Callable[[str], str]  # shows a question on a terminal and returns what was typed, unseen
Warn = Callable[[str], None]
C = TypeVar("C", bound=Config)
_PLACE = re.compile(r"(.*) - at `\$\.(\w+)`")


class Option(NamedTuple):
    """One field of a `Config`, as a command line wants it. `default` is None where one must be given.

    `file`: it names a file, and is remembered as an absolute path; `asked`: whether a person is asked for it.
    """

    name: str
    kind: type
    default: Value | None
    help: str
    private: bool
    file: bool = False
    asked: bool = True


def options_of(config: type[Config]) -> list[Option]:
    """The fields of a kind's options, in their order."""
    hints = get_type_hints(config, include_extras=True)
    return [_option(field, hints[field.name]) for field in msgspec.structs.fields(config)]


def needs_secrets(config: type[Config]) -> bool:
    """Whether some accounts of a kind need a password."""
    return config.secret is not Config.secret


def _option(field: msgspec.structs.FieldInfo, hint: Any) -> Option:
    meta = next((one for one in getattr(hint, "__metadata__", ()) if isinstance(one, msgspec.Meta)), msgspec.Meta())
    default = None if field.default is msgspec.NODEFAULT else field.default
    private, file, unasked = (bool((meta.extra or {}).get(mark)) for mark in ("private", "file", "unasked"))
    kind = getattr(hint, "__origin__", hint)
    return Option(field.name, kind, default, meta.description or "", private, file, not unasked)


def config_of(provider: Provider[C], options: Mapping[str, Value], where: str) -> C:
    """The checked options of an account; `where` stands before what is wrong. Raises UsageError."""
    try:
        return msgspec.convert(dict(options), provider.config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {_PLACE.sub(_named, str(error))}.") from None


def _named(place: re.Match[str]) -> str:
    """What msgspec says of one field, by the name of its option."""
    return f"--{place[2].replace('_', '-')}: {place[1].replace('`', '')}"


class Access(NamedTuple):
    """What it takes to open accounts. `warn` is told what is no error: that others may read a password file."""

    home: Home
    tokens: Tokens
    warn: Warn


def access_to(home: Home, environment: Mapping[str, str], ask: Ask | None, warn: Warn) -> Access:
    """The accounts of a home; nothing is opened yet. `ask` is None where there is no terminal."""

    def passphrase(new: bool) -> Secret | None:  # noqa: FBT001  the one argument of `Passphrase`
        if named := environment.get(PASSPHRASE_FILE):
            return password_file.read(Path(accounts.absolute(named)), warn, "passphrase")
        if ask is None:
            return None
        typed = ask("A new passphrase for the passwords of this home" if new else "Passphrase")
        if not typed or (new and ask("The same once more") != typed):
            raise AmityError("No passphrase: nothing, or not twice the same, was typed.")
        return Secret(typed)

    return Access(home, Tokens(home.folder / TOKENS, find_ring, passphrase), warn)


def secret_of(account: Account, access: Access) -> Secret | None:
    """The secret of an account; None where it needs none. Raises AmityError where it cannot be had."""
    if account.secret == accounts.IN_FILE:
        return password_file.read(Path(account.password_file), access.warn)
    if account.secret == accounts.NONE:
        return None
    secret = access.tokens.get(account.name)
    if secret is None:
        name = account.name
        raise AmityError(
            f"The password of {name} is not kept here (an export holds none): type it again with"
            f" `amity connect {account.kind} --account {name}`."
        )
    return secret


def connect(account: Account, secret: Secret | None, access: Access, before: Account | None = None) -> None:
    """Remember an account, and its secret if it is to be stored; in place of `before`, where it is the same account.

    Raises UsageError where the name is taken by now.
    """
    home = access.home
    prepare(home)
    with files.alone(home.accounts):
        held = [one for one in accounts.read(home) if one != before]
        accounts.checked_name(account.name, held)
        if secret is not None and account.secret == accounts.STORED:
            access.tokens.put(account.name, secret)  # first: a secret without an account is found by nobody
        accounts.write(home, [*held, account])


def disconnect(name: str, access: Access) -> Account:
    """Forget an account, its secret, and where its streams stand; what the log learned stays.

    Connected again, under whatever name and to whatever server, it begins anew: what the log knows is not stored twice,
    and nothing is taken for gone because another server does not have it. Raises UsageError where there is no such
    account.
    """
    home = access.home
    accounts.find(accounts.read(home), name)  # before anything is made in a home that may not be there
    with files.alone(home.accounts):
        held = accounts.read(home)
        account = accounts.find(held, name)
        access.tokens.drop(name)
        accounts.write(home, [one for one in held if one.name != name])
    if home.log_url or home.log.exists():
        with open_home(home) as log, log.writing() as connection:
            positions.forget(connection, log.owner, account.source)
    return account
