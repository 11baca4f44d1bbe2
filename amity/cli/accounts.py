"""The accounts: `amity connect`, `amity accounts`, `amity disconnect`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from amity import accounts, terminal
from amity.accounts import Account, Value
from amity.cli.options import Call, always, command, print_json, print_lines, width
from events.errors import UsageError

if TYPE_CHECKING:
    from amity.connect import Access, Ask, Option
    from connectors.credentials.secret import Secret
    from connectors.sync.provider import Config, Provider


class Kinds(click.Group):
    """Kinds of accounts by name: every connector that is installed is a command, its options are its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        from connectors import registry  # noqa: PLC0415  `amity --help` does not need it

        return registry.kinds()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:  # noqa: ARG002  click's signature
        """The command of a kind. Raises UsageError where there is none by that name."""
        from connectors import registry  # noqa: PLC0415  likewise

        return _command_of(registry.provider(cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from connectors import registry  # noqa: PLC0415  likewise

        with formatter.section("Kinds"):
            formatter.write_dl([(kind, registry.provider(kind).help) for kind in self.list_commands(ctx)])


@click.group("connect", cls=Kinds, subcommand_metavar="KIND [OPTIONS]...")
@always
@click.pass_context
def connect_command(ctx: click.Context, /, **given: Any) -> None:
    """Add an account, to be read with `amity sync`.

    Without options it asks. The connection is tried first: you see what was found and what will be read. Amity never
    changes anything there: it marks, moves, sends and deletes nothing.
    """
    root = ctx.find_root()
    root.obj = {**(root.obj or {}), **{key: value for key, value in given.items() if value}}


def _command_of(provider: Provider[Config]) -> click.Command:
    from amity.connect import needs_secrets, options_of  # noqa: PLC0415  --help of other commands does not need it

    def run(call: Call, /, account: str | None, password_file: str | None = None, **given: Any) -> None:
        _connect(call, provider, account, password_file, given)

    run.__doc__ = f"Connect {provider.help}.\n\nWhat is not given is asked for on a terminal."
    decorated: Any = run
    decorated = click.option("--account", metavar="NAME", help="What to call it; else a name is made.")(decorated)
    if needs_secrets(provider.config):
        words = "A file that holds the password; it is read at each sync. Else the password is asked for, unseen."
        decorated = click.option("--password-file", metavar="F", help=words)(decorated)
    for option in reversed(options_of(provider.config)):
        decorated = _flag(option)(decorated) if option.kind is bool else _valued(option)(decorated)
    return command(provider.kind)(decorated)


def _flag(option: Option) -> Any:
    words = option.name.replace("_", "-")
    said = f"--{words}/--no-{words}" if option.default else f"--{words}"
    return click.option(said, option.name, is_flag=True, default=bool(option.default), help=option.help)


def _valued(option: Option) -> Any:
    words = option.name.replace("_", "-")
    return click.option(
        f"--{words}", option.name, type=option.kind, default=option.default, metavar=words.upper(), help=option.help
    )


def _connect(
    call: Call, provider: Provider[Config], name: str | None, password_file: str | None, given: dict[str, Any]
) -> None:
    from amity import connect  # noqa: PLC0415  --help does not need it

    held = accounts.read(call.home)
    if name is not None:
        accounts.checked_name(name, held)
    options, private = _options(provider, given)
    config = connect.config_of(provider, options | private, f"amity connect {provider.kind}")
    chosen = name or accounts.free_name(provider.kind, options | private, held)
    access = connect.access_to(call.home, os.environ, ask_unseen(), warn)
    account = Account(chosen, provider.kind, options, private, *_secret_place(provider.kind, config, password_file))
    secret = _typed(config.secret(), access, chosen) if account.secret == accounts.STORED else None
    secret = secret or connect.secret_of(account, access)
    found = [terminal.safe(sentence) for sentence in provider.check(config, secret)]
    connect.connect(account, secret, access)
    if call.json:
        print_json({"account": chosen, "kind": provider.kind, "found": found})
        return
    print_lines([*found, f"Connected as {chosen}. Next: amity sync {chosen}"])


def _options(provider: Provider[Config], given: dict[str, Any]) -> tuple[dict[str, Value], dict[str, Value]]:
    """What was given or asked for, and apart from it what is private. Raises UsageError where nobody can be asked."""
    from amity.connect import options_of  # noqa: PLC0415  --help does not need it

    options: dict[str, Value] = {}
    private: dict[str, Value] = {}
    for option in options_of(provider.config):
        value = given[option.name]
        if value is None:
            value = _asked(option, provider.kind)
        if isinstance(value, str) and not value.isprintable():
            raise UsageError(f"--{option.name.replace('_', '-')} holds signs that do not print: write it anew.")
        (private if option.private else options)[option.name] = value
    return options, private


def _asked(option: Option, kind: str) -> Value:
    if not _on_terminal():
        raise UsageError(f"amity connect {kind} needs --{option.name.replace('_', '-')}: {option.help or option.name}.")
    value: Value = click.prompt(option.help or option.name, type=option.kind, err=True)
    return value


def _secret_place(kind: str, config: Config, password_file: str | None) -> tuple[str, str]:
    """Where the secret of a new account will be, and its file. Raises UsageError where there is no way to get one."""
    what = config.secret()
    if password_file is not None:
        if not what:
            raise UsageError("--password-file is for an account that needs a password; with these options none is.")
        return accounts.IN_FILE, accounts.absolute(password_file)
    if what and not _on_terminal():
        raise UsageError(
            f"amity connect {kind} needs a {what}: name a file that holds it with --password-file, or run this in a"
            " terminal."
        )
    return (accounts.STORED if what else accounts.NONE), ""


def _typed(what: str, access: Access, name: str) -> Secret:
    """The secret as typed, once it is sure that it can be kept."""
    from connectors.credentials.secret import Secret  # noqa: PLC0415  --help does not need it

    access.tokens.ready()
    ask = ask_unseen()
    typed = ask(f"The {what} of {name}") if ask else ""
    if not typed:
        raise UsageError(f"No {what} was typed: nothing is connected.")
    return Secret(typed)


def _on_terminal() -> bool:
    return sys.stdin.isatty()


def ask_unseen() -> Ask | None:
    """How to ask for what nobody may see; None where nobody sits at a terminal."""
    if not _on_terminal():
        return None
    from getpass import getpass  # noqa: PLC0415  only here

    return lambda question: getpass(f"{question}: ")


def warn(sentence: str) -> None:
    """Say on standard error what is no error."""
    click.echo(f"amity: {terminal.safe(sentence)}", err=True)


@command("accounts")
def accounts_command(call: Call) -> None:
    """The accounts that are connected, and where the password of each is kept."""
    held = accounts.read(call.home)
    if call.json:
        print_json([_shown(account) for account in held])
        return
    rows = [[account.name, account.kind, _told(account), _kept(account)] for account in held]
    head = ["account", "kind", "options", "password"]
    print_lines(
        terminal.table(head, rows, (), width()) if rows else ["No account is connected yet: amity connect KIND"]
    )


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
    from amity import connect  # noqa: PLC0415  --help does not need it

    account = connect.disconnect(name, connect.access_to(call.home, os.environ, None, warn))
    if call.json:
        print_json({"account": name, "kind": account.kind})
        return
    rest = f" The file {account.password_file} is yours and stays." if account.password_file else ""
    click.echo(f"{name} is disconnected; what was learned from it stays in the log.{rest}")
