"""Asking the person at the terminal, and warning on standard error."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from amity import terminal

if TYPE_CHECKING:
    from amity.connect import Ask


def on_terminal() -> bool:
    return sys.stdin.isatty()


def ask_unseen() -> Ask | None:
    """How to ask for what nobody may see; None where nobody sits at a terminal."""
    if not on_terminal():
        return None
    from getpass import getpass  # noqa: PLC0415  only here

    return lambda question: getpass(f"{question}: ")


def warn(sentence: str) -> None:
    """Say on standard error what is no error."""
    click.echo(f"amity: {terminal.safe(sentence)}", err=True)


def browse(address: str) -> bool:
    """Show an address, and open it in a browser; False where there is none on this machine."""
    click.echo("Sign in and agree in a browser, at this address:", err=True)
    click.echo(address, err=True)
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # a browser in this very terminal would take it away from the question that follows
    import webbrowser  # noqa: PLC0415  only here

    return webbrowser.open(address)


def ask_seen(question: str) -> str:
    """What was typed; "" where nobody sits at a terminal."""
    return str(click.prompt(question, default="", show_default=False, err=True)) if on_terminal() else ""
