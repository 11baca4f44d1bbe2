"""Adding an account: `amity connect KIND`; the kinds and their options are those of the connectors."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from amity import accounts, terminal
from amity.accounts import Account, Value
from amity.cli.asking import ask_seen, ask_unseen, browse, on_terminal, warn
from amity.cli.options import Call, always, command, print_json, print_lines
from events.errors import AmityError, UsageError

if TYPE_CHECKING:
    from amity.connect import Access, Option
    from connectors.credentials.secret import Secret
    from connectors.sync.provider import Config, Provider, SignedIn


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
        with formatter.section("Kinds"):
            formatter.write_dl([(kind, _help_of(kind)) for kind in self.list_commands(ctx)])


def _help_of(kind: str) -> str:
    from connectors import registry  # noqa: PLC0415  `amity --help` does not need it

    try:
        return registry.provider(kind).help
    except AmityError as error:  # one broken package hides no other kind
        return str(error)


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
    if provider.oauth is None and needs_secrets(provider.config):
        words = "A file that holds the password; it is read at each sync. Else the password is asked for, unseen."
        file = click.option("--password-file", metavar="F", help=words, envvar="AMITY_PASSWORD_FILE", show_envvar=True)
        decorated = file(decorated)
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
    before = _signed_in_before(provider, name, password_file, held)
    if name is not None and before is None:
        accounts.checked_name(name, held)
    options, private = _options(provider, given, before)
    if before and not provider.oauth and (options, private) != (before.options, before.private):
        accounts.checked_name(before.name, held)  # a password is renewed, but it is no other account by that name
    config = connect.config_of(provider, options | private, f"amity connect {provider.kind}")
    access = connect.access_to(call.home, os.environ, ask_unseen(), warn)
    signed = _signed_in(provider, config, access)
    if signed:
        options = {**options, **signed.options}
        config = connect.config_of(provider, options | private, f"amity connect {provider.kind}")
    place = (accounts.STORED, "") if signed else _secret_place(provider.kind, config, password_file)
    said = options | private | ({"user": signed.user} if signed and signed.user else {})
    chosen = name or accounts.free_name(provider.kind, said, held)
    account = Account(chosen, provider.kind, options, private, *place)
    secret = signed.secret if signed else _secret(config, account, access)
    found = [terminal.safe(sentence) for sentence in provider.check(config, secret)]
    connect.connect(account, secret, access, before)
    if call.json:
        print_json({"account": chosen, "kind": provider.kind, "found": found})
        return
    print_lines([*found, f"Connected as {chosen}. Next: amity sync {chosen}"])


def _signed_in_before(
    provider: Provider[Config], name: str | None, password_file: str | None, held: list[Account]
) -> Account | None:
    """The account of that name, where its stored secret may be given anew: it changed, or the sign-in ended."""
    for one in held:
        if (one.name, one.kind, one.secret) == (name, provider.kind, accounts.STORED) and password_file is None:
            return one
    return None


def _signed_in(provider: Provider[Config], config: Config, access: Access) -> SignedIn | None:
    """What a sign-in in a browser gave; None where a kind has none."""
    if provider.oauth is None:
        return None
    from connectors.sync.provider import Talk  # noqa: PLC0415  --help does not need it

    access.tokens.ready()
    return provider.oauth.sign_in(config, Talk(browse, ask_seen, warn))


def _options(
    provider: Provider[Config], given: dict[str, Any], before: Account | None
) -> tuple[dict[str, Value], dict[str, Value]]:
    """What was given, asked for or known before, and apart from it what is private.

    Raises UsageError where something is missing and nobody can be asked.
    """
    from amity.connect import options_of  # noqa: PLC0415  --help does not need it

    wanted = options_of(provider.config)
    found: dict[str, Any] = {**given, **_known(before)}
    missing = [option for option in wanted if found[option.name] is None]
    if missing and not on_terminal():
        raise UsageError(f"amity connect {provider.kind} needs {_words(missing[0])}: {missing[0].help}.")
    for option in wanted:
        value = found[option.name]
        if missing and value in {None, ""} and option.asked:  # whoever is asked at all is asked for every text
            value = click.prompt(option.help, type=option.kind, default=value, show_default=False, err=True)
        if isinstance(value, str) and not value.isprintable():
            raise UsageError(f"{_words(option)} holds signs that do not print: write it anew.")
        found[option.name] = accounts.absolute(value) if option.file and value else value
    options = {option.name: found[option.name] for option in wanted if not option.private}
    return options, {option.name: found[option.name] for option in wanted if option.private}


def _known(before: Account | None) -> dict[str, Value]:
    """The options of an account that is signed in to again, but for those that were given now."""
    if before is None:
        return {}
    source = click.get_current_context().get_parameter_source
    said = {**before.options, **before.private}
    return {name: value for name, value in said.items() if source(name) is not click.core.ParameterSource.COMMANDLINE}


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


def _secret(config: Config, account: Account, access: Access) -> Secret | None:
    """The secret of a new account: from its file, or typed once it is sure that it can be kept."""
    from amity.connect import secret_of  # noqa: PLC0415  --help does not need it
    from connectors.credentials.secret import Secret  # noqa: PLC0415  likewise

    if account.secret != accounts.STORED:
        return secret_of(account, access)
    access.tokens.ready()
    ask = ask_unseen()
    typed = ask(f"The {config.secret()} of {account.name}") if ask else ""
    if not typed:
        raise UsageError(f"No {config.secret()} was typed: nothing is connected.")
    return Secret(typed)
