"""`amity decline`, `redirect`: a short answer as a file, for the owner to read, change and send."""

from __future__ import annotations

import click

from amity import drafts
from amity.cli.options import Call, command, print_json
from amity.terminal import safe
from events.errors import UsageError

OUTPUT = click.option("--output", metavar="FILE", help="Write here: FILE.eml for a mail program, else plain text.")


def _answer(call: Call, one: drafts.Asked, word: str, *, text: str, data: bytes, output: str | None) -> None:
    plain = output is not None and not output.lower().endswith(".eml")
    path = drafts.write(call.home, f"{word}-{one.position}.eml", text.encode() if plain else data, output)
    mark = f"amity mark {one.position} {'declined' if word == 'decline' else 'redirected'}"
    if call.json:
        print_json(
            {"file": str(path), "to": one.address, "subject": one.subject, "text": text, "position": one.position,
             "mark": mark}
        )  # fmt: skip
        return
    click.echo(safe(f"{path} is written, and not sent. Once you have answered another way: {mark}"))
    click.echo("\n".join(safe(line) for line in ["", *text.splitlines()]))


@command("decline", as_of=True)
@click.argument("position", type=int)
@OUTPUT
def decline_command(call: Call, position: int, output: str | None) -> None:
    """Write a short, friendly no to the request at POSITION into a file. Amity never sends anything."""
    with call.session() as session:
        one = drafts.asked(session, position)
        text = drafts.decline(one)
        data = drafts.as_mail(session, one, text)
    _answer(call, one, "decline", text=text, data=data, output=output)


@command("redirect", as_of=True)
@click.argument("position", type=int)
@click.argument("who", metavar="PERSON")
@OUTPUT
def redirect_command(call: Call, position: int, who: str, output: str | None) -> None:
    """Write into a file that PERSON may be asked instead. Amity never sends anything."""
    from amity import resolve  # noqa: PLC0415  each command pays for its own

    with call.session() as session:
        one, person = drafts.asked(session, position), resolve.person(session.views, who)
        if not person.addresses:
            raise UsageError(f"{person.name} is nobody to send somebody to: write an address or a name.")
        text = drafts.redirect(one, person.name, person.addresses[0])
        data = drafts.as_mail(session, one, text)
    _answer(call, one, "redirect", text=text, data=data, output=output)
