"""A password that lies in a file of the person's own: only its path is remembered, and it is read for each run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from connectors.credentials.secret import Secret
from events.errors import AmityError

_MOST_BYTES = 4096  # ours: no password is longer, and a wrong path may lead to a large file


def read(path: Path, warn: Callable[[str], None], what: str = "password") -> Secret:
    """The password in a file of one line; the end of that line is not part of it. `what`: or the passphrase.

    `warn` is told when others on this machine may read the file. Raises AmityError where there is no password in it.
    """
    if path.exists() and not path.is_file():
        raise AmityError(f"The {what} file {path} is no regular file: it is read again at each sync.")
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        mode = path.stat().st_mode
    except OSError as error:
        raise AmityError(
            f"The {what} file {path} cannot be read ({error.strerror}): put it there, or make it readable for you."
        ) from error
    text = _line(data, path, what)
    if mode & 0o077:
        warn(f"Others on this machine may read the {what} file {path}: chmod 600 it.")
    return Secret(text)


def _line(data: bytes, path: Path, what: str) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise AmityError(f"The {what} file {path} is not UTF-8 text: write the {what} into it, one line.") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise AmityError(f"The {what} file {path} is empty: write the {what} into it, one line.")
    if len(data) > _MOST_BYTES or any(sign in text for sign in "\n\r\0"):
        raise AmityError(f"The {what} file {path} holds more than a {what}: write it into a file of one line.")
    return text
