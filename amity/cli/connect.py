"""Adding an account: `amity connect KIND`; the kinds and their options are those of the connectors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from amity import accounts, terminal
from amity.accounts import Account, Value
from amity.cli.asking import ask_unseen, on_terminal, warn
from amity.cli.options import Call, always, command, print_json, print_lines
from events.errors import UsageError

if TYPE_CHECKING:
    from amity.connect import Access, Option
    from connectors.credentials.secret import Secret
    from connectors.sync.provider import Config, Provider


class Kinds(click.Group):
    """Kinds of accounts by name: every connector that is installed is a command, its options are its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        from connectors import registry  # noqa: PLC0415  `amity --help` does not need it

        return registry.kinds()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a kind. Raises UsageError where there is none by that name."""
        from connectors import registry  # noqa: PLC0415  likewise

        if ctx.resilient_parsing and cmd_name not in registry.kinds():  # somebody is still typing
            return None
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
    said = f"{_words(option)}/--no-{_words(option)[2:]}" if option.default else _words(option)
    return click.option(said, option.name, is_flag=True, default=bool(option.default), help=option.help)


def _valued(option: Option) -> Any:
    metavar = option.name.upper()
    words = _words(option)
    return click.option(words, option.name, type=option.kind, default=option.default, metavar=metavar, help=option.help)


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

    wanted = options_of(provider.config)
    missing = [option for option in wanted if given[option.name] is None]
    if missing and not on_terminal():
        raise UsageError(f"amity connect {provider.kind} needs {_words(missing[0])}: {missing[0].help}.")
    found: dict[str, Value] = {}
    for option in wanted:
        value = given[option.name]
        if missing and value in {None, ""}:  # whoever is asked at all is asked for every text
            value = click.prompt(option.help, type=option.kind, default=value, show_default=False, err=True)
        if isinstance(value, str) and not value.isprintable():
            raise UsageError(f"{_words(option)} holds signs that do not print: write it anew.")
        found[option.name] = value
    options = {option.name: found[option.name] for option in wanted if not option.private}
    return options, {option.name: found[option.name] for option in wanted if option.private}


def _words(option: Option) -> str:
    return f"--{option.name.replace('_', '-')}"


def _secret_place(kind: str, config: Config, password_file: str | None) -> tuple[str, str]:
    """Where the secret of a new account will be, and its file. Raises UsageError where there is no way to get one."""
    what = config.secret()
    if password_file is not None:
        if not what:
            raise UsageError("--password-file is for an account that needs a password; with these options none is.")
        return accounts.IN_FILE, accounts.absolute(password_file)
    if what and not on_terminal():
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
