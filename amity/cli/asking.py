"""Asking the person at the terminal, and warning on standard error."""

from __future__ import annotations

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
