"""The command line: `amity COMMAND`. A command's module is imported when the command is called, and not before."""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from events.errors import AmityError

COMMANDS: dict[str, tuple[str, str]] = {  # name -> (module, one line of help)
    "demo": ("weekly", "The weekly report of an invented life: no account, no network, no questions."),
    "init": ("feed", "Write a commented amity.toml."),
    "import": ("feed", "Read mail, calendar and contact files; nothing is ever changed in them."),
    "connect": ("connect", "Add an account: mail, calendar or contacts on a server. Nothing is ever changed there."),
    "accounts": ("accounts", "The accounts that are connected."),
    "disconnect": ("accounts", "Forget an account and its password; what was learned stays in the log."),
    "sync": ("sync", "Read what is new in the accounts."),
    "daemon": ("daemon", "Read the accounts as often as is good, until it is stopped."),
    "status": ("feed", "What is known of each source, of the log and of the views."),
    "time": ("spent", "Where time went, by person, goal, week, day, channel or tier."),
    "explain": ("spent", "The events behind the minutes of a person or a goal."),
    "uncounted": ("spent", "Everything that earned no minutes, and why."),
    "report": ("weekly", "The weekly report."),
    "deliver": ("deliver", "Bring the weekly report to a folder, a mailbox, a notification."),
    "people": ("persons", "Everybody who is known."),
    "person": ("persons", "One person: rhythm, tie, initiative, time line."),
    "timeline": ("persons", "Every interaction with one person."),
    "brief": ("persons", "What to know before you meet somebody, in twelve lines."),
    "search": ("knowledge", "Mails, meetings, notes and people by their words."),
    "who": ("knowledge", "Who can help with something, from your own history."),
    "intros": ("knowledge", "Who should meet whom; drafts and tracks introductions."),
    "neglected": ("judged", "Who has been waiting longer than is usual between you."),
    "over": ("judged", "Who gets more of your time than you wanted."),
    "fading": ("judged", "Relations that became quieter."),
    "care": ("judged", "Who cares about you."),
    "owe": ("judged", "Who gives you more than you give back."),
    "goals": ("goals", "Each goal: time beside its target, key people in touch, updates due."),
    "goal": ("goals", "One goal at length, or who could help with it."),
    "budget": ("goals", "What is spent of each person's and tier's time."),
    "can-i": ("ahead", "What a yes to a meeting would cost."),
    "slots": ("ahead", "Times that may be offered to a person."),
    "now": ("page", "The page for others: what you do, what you look for, when to come."),
    "place": ("place", "What time with a person is for: a goal, its own sake, or at most so much."),
    "rhythm": ("place", "How often you want to be in touch with a person."),
    "inbox": ("requests", "What waits for your answer."),
    "waiting": ("requests", "What you wait for."),
    "decline": ("drafts", "A short no to a request, as a file; nothing is ever sent."),
    "redirect": ("drafts", "The name of somebody else to ask, as a file; nothing is ever sent."),
    "asks": ("requests", "What you asked of others, and what came of it."),
    "merge": ("decide", "Two entries are one person."),
    "split": ("decide", "An address is not that person."),
    "mark": ("decide", "Say what a meeting or a mail was: attended, no-show, goal=G, ignore."),
    "snooze": ("decide", "No alert about a person for some days."),
    "note": ("decide", "Record a contact that no calendar and no mail shows."),
    "fine": ("decide", "An alert is fine as it is: it goes away, and no other."),
    "undo": ("decide", "Take back the newest decision."),
    "log": ("store", "The recorded facts, newest last."),
    "verify": ("store", "Check the chain of the log."),
    "rebuild": ("store", "Compute all views anew from the log."),
    "export": ("store", "Write the log and the settings into a folder."),
    "restore": ("store", "Read an export into an empty home."),
    "owners": ("owners", "An organisation's owners: added, removed, and whether their accounts are read."),
    "query": ("tools", "Read-only SQL over the documented views."),
    "doctor": ("tools", "What is wrong here, and what to do about it."),
    "schema": ("tools", "The JSON Schema of what a command prints with --json."),
    "completions": ("tools", "Completion of commands for bash, zsh or fish."),
}


# Between two searches for cycles. Loading modules makes a million objects that stay, and reading mail no cycles at all:
# at Python's usual 700 the searches take a tenth of an import.
_ALLOCATIONS = 100_000


class Commands(click.Group):
    """Commands by name, loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"amity.cli.{COMMANDS[cmd_name][0]}")
        found: Any = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run one command and leave with the exit code of the contract; errors are sentences on standard error."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a terminal without UTF-8 shows codes instead of failing
                stream.reconfigure(errors="backslashreplace")
        given = arguments[0] if arguments else options.get("args")
        debug = "--debug" in (sys.argv[1:] if given is None else given)
        options["prog_name"] = "amity"
        options["standalone_mode"] = False
        gc.set_threshold(_ALLOCATIONS)
        atexit.register(gc.freeze)  # nor is there anything to look for when all of it goes
        with _stoppable():
            sys.exit(_code(lambda: super(Commands, self).main(*arguments, **options), debug=debug))


def program() -> None:
    """Be a whole process: `main`, and then an end without taking to pieces what the system takes back at once.

    Freeing all objects one by one is a tenth of a question's time. Before that happens everybody is called who asked
    for it during the run; where somebody had asked before it began, the process ends the usual way.
    """
    process, code = os.getpid(), -1

    def leave() -> None:
        if code < 0 or os.getpid() != process:
            return
        try:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
        except (OSError, ValueError):  # the usual way knows what to say
            return
        os._exit(code)

    if not atexit._ncallbacks():  # noqa: SLF001  nothing public tells whether there are any
        atexit.register(leave)  # first in, last out
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else -1
        raise


class _StopError(BaseException):
    """A signal asks this process to end; like KeyboardInterrupt, nothing but the outermost caller catches it."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: in order, leaving no process behind."""

    def stop(number: int, _frame: object) -> None:
        raise _StopError(number)

    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        wanted = []  # only there can a signal be received
    before = {number: signal.signal(number, stop) for number in wanted if signal.getsignal(number) is signal.SIG_DFL}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _code(run: Callable[[], Any], *, debug: bool) -> int:  # noqa: PLR0911  one way out for each kind of end
    try:
        code = run()
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error), err=True)
        return 2
    except click.UsageError as error:
        hint = f" Try: {error.ctx.command_path} --help" if error.ctx else ""
        return _told(" ".join(f"{error.format_message()}{hint}".split()), 2, debug=debug)
    except AmityError as error:
        return _told(str(error), error.exit_code, debug=debug)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader went away: that is no error
        return 0
    except (click.exceptions.Abort, KeyboardInterrupt, _StopError) as error:
        number = error.args[0] if isinstance(error, _StopError) else signal.SIGINT
        return _told("Stopped; what was stored before stays stored.", 128 + number, debug=debug)
    except OSError as error:
        where = f"{error.filename} cannot be used ({error.strerror})" if error.filename else str(error)
        return _told(f"{where}: check that path, its permissions and the free space.", 1, debug=debug)
    except sqlite3.Error as error:
        return _told(
            f"{type(error).__name__}: {error}; run `amity doctor`, or see where with --debug.", 1, debug=debug
        )
    except Exception as error:  # noqa: BLE001  nobody is shown a traceback without asking for it
        return _told(
            f"A mistake of Amity's own ({type(error).__name__}: {error}): report it with --debug.",
            1,
            debug=debug,
        )
    return code if isinstance(code, int) else 0


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415  40 ms that only --version may cost

    return version("amity")


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
    if value and not ctx.resilient_parsing:
        click.echo(f"amity {_version()}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", metavar="DIR", help="The folder of settings, log and views.")
@click.option("--as-of", metavar="T", help="Now is T, an ISO time or the first instant of a date.")
@click.option(
    "--known-at", metavar="T", help="Only what the log had recorded by T, a time or a log position."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
@click.option("--debug", is_flag=True, help="Show where an error arose.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it."
)
@click.pass_context
def main(ctx: click.Context, /, **given: Any) -> None:
    """Where your time goes, person by person and goal by goal, from your own mail, calendar and contacts."""
    ctx.obj = given


def _told(sentence: str, code: int, *, debug: bool) -> int:
    from amity.terminal import safe  # noqa: PLC0415  only errors need it here

    if debug:
        import traceback  # noqa: PLC0415  only who asks for it pays for it

        traceback.print_exc()
    for line in sentence.splitlines():
        click.echo(f"amity: {safe(line)}", err=True)
    return code
