"""The accounts there are: `amity accounts`, `amity disconnect`."""

from __future__ import annotations

import os
from typing import Any

import click

from amity import accounts, terminal
from amity.accounts import Account
from amity.cli.asking import ask_unseen, warn
from amity.cli.options import Call, command, print_json, print_lines, width


@command("accounts")
def accounts_command(call: Call) -> None:
    """The accounts that are connected, and where the password of each is kept."""
    from amity.queries.status import pushed  # noqa: PLC0415  --help does not need it
    from amity.queries.synced import told_of  # noqa: PLC0415  likewise

    held = accounts.read(call.home)
    told = told_of(call.home) if held else {}
    push = {one.source: pushed(told.get(one.source, []), call.clock_ms()) for one in held}
    if call.json:
        print_json([_shown(account) | {"push": push[account.source] or None} for account in held])
        return
    rows = [[account.name, account.kind, _told(account), _kept(account)] for account in held]
    head = ["account", "kind", "options", "password"]
    table = terminal.table(head, rows, (), width()) if rows else ["No account is connected yet: amity connect KIND"]
    said = [terminal.safe(f"{one.name}: {push[one.source]}") for one in held if push[one.source]]
    print_lines([*table, *said])


def _shown(account: Account) -> dict[str, Any]:
    return {
        "account": account.name, "kind": account.kind, "source": account.source, "options": dict(account.options),
        "secret": account.secret, "password_file": account.password_file or None,
    }  # fmt: skip


def _told(account: Account) -> str:
    said = [f"{key}={value}" for key, value in account.options.items() if value not in {"", False, True}]
    return " ".join(said)


def _kept(account: Account) -> str:
    kept = {accounts.NONE: "none needed", accounts.STORED: "stored", accounts.IN_FILE: account.password_file}
    return kept[account.secret]


@command("disconnect")
@click.argument("name", metavar="ACCOUNT")
def disconnect_command(call: Call, name: str) -> None:
    """Forget an account and its password; what was learned from it stays in the log."""
    from amity import connect, sign_in, subscribing  # noqa: PLC0415  --help does not need them

    access = connect.access_to(call.home, os.environ, ask_unseen(), warn)
    chosen = accounts.find(accounts.read(call.home), name)
    notes = [*subscribing.end(chosen, access), *sign_in.revoke(chosen, access)]
    account = connect.disconnect(name, access)
    if account.password_file:
        notes.append(f"The file {account.password_file} is yours and stays.")
    if call.json:
        print_json({"account": name, "kind": account.kind, "notes": notes})
        return
    print_lines([
        f"{name} is disconnected; what was learned from it stays in the log.", *map(terminal.safe, notes)
    ])  # fmt: skip
