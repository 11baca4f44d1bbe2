"""What `amity doctor` finds of the connected accounts: whether each is read, and can be opened the next time."""

from __future__ import annotations

import os

from amity import accounts
from amity.accounts import Account
from amity.connect import PASSPHRASE_FILE, Access, access_to, config_of, secret_of
from amity.doctor import Finding
from amity.home import Home
from amity.queries.status import STALE_DAYS
from amity.queries.synced import Synced, synced
from connectors import registry
from connectors.credentials.ring import find_ring
from events.errors import AmityError

_DAY_MS = 86_400_000


def examine(home: Home, clock_ms: int) -> list[Finding]:
    """One finding for each account, and one for the store of passwords where it is used; no server is asked."""
    try:
        held = accounts.read(home)
        said = synced(home) if held else {}
    except AmityError as error:
        return [Finding("accounts", ok=False, says=str(error))]
    warnings: list[str] = []
    access = access_to(home, os.environ, None, warnings.append)
    found = [_account(account, said.get(account.source), access, warnings, clock_ms) for account in held]
    if any(account.secret == accounts.STORED for account in held):
        found.append(_store(access))
    return found


def _account(account: Account, said: Synced | None, access: Access, warnings: list[str], clock_ms: int) -> Finding:
    name, known = f"account {account.name}", len(warnings)
    try:
        provider = registry.provider(account.kind)
        config_of(provider, {**account.options, **account.private}, str(access.home.accounts))
        if account.secret == accounts.IN_FILE:
            secret_of(account, access)
    except AmityError as error:
        return Finding(name, ok=False, says=str(error))
    if warnings[known:]:
        return Finding(name, ok=False, says=" ".join(warnings[known:]))
    if said is None:
        return Finding(name, ok=False, says=f"was never read: amity sync {account.name}")
    error_of_stream = next((stream.error for stream in said.streams if stream.state == "failed"), "")
    if said.error or error_of_stream:
        return Finding(name, ok=False, says=(said.error or error_of_stream).removeprefix(f"{account.name}: "))
    days = (clock_ms - said.known_until_ms()) // _DAY_MS
    if days >= STALE_DAYS:
        return Finding(name, ok=False, says=f"was last read to its end {days} days ago: amity sync {account.name}")
    return Finding(name, ok=True, says=f"{account.kind}, read to its end {'today' if days < 1 else f'{days} d ago'}")


def _store(access: Access) -> Finding:
    try:
        place = access.tokens.place()
    except AmityError as error:
        return Finding("passwords", ok=False, says=str(error))
    if not place:
        says = "none is kept here (an export holds none): `amity connect KIND --account NAME` asks for it again"
        return Finding("passwords", ok=False, says=says)
    if place == "keyring":
        here = find_ring() is not None
        says = "sealed, the key is in the system's keyring"
        return Finding("passwords", here, says if here else f"{says}, which is not here: log in on the desktop")
    unattended = "" if os.environ.get(PASSPHRASE_FILE) else f"; without a terminal, sync needs {PASSPHRASE_FILE}"
    return Finding("passwords", ok=True, says=f"sealed by a passphrase{unattended}")
