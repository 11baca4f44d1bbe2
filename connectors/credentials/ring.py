"""The operating system's keyring, which holds one thing of ours: the key of the token file.

One entry and not one per account: Windows takes no more than 2.5 kB in an entry, and macOS may ask for each of them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from events.errors import AmityError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "amity"
# Backends that keep secrets from others. Not: `fail` and `null` of the package itself (what a headless machine gets),
# nor what other packages add: keyrings.alt keeps plain text.
TRUSTED = ("macOS", "Windows", "SecretService", "libsecret", "kwallet")


class Ring:
    """Keys by name in one backend of the package keyring."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    def key(self, name: str) -> bytes | None:
        """The key; None where the keyring does not have it (any more). Raises AmityError where it does not open."""
        with _opened():
            found = self._backend.get_password(SERVICE, name)
        return base64.b64decode(found) if found else None

    def put(self, name: str, key: bytes) -> None:
        """Keep a key. Raises AmityError where the keyring does not open, or does not keep what it is given."""
        with _opened():
            self._backend.set_password(SERVICE, name, base64.b64encode(key).decode())
        if self.key(name) != key:
            raise AmityError("The system's keyring does not keep what it is given: use --password-file instead.")

    def drop(self, name: str) -> None:
        """Forget a key, if it is there."""
        import keyring.errors  # noqa: PLC0415  only what needs secrets loads it

        with _opened():
            try:
                self._backend.delete_password(SERVICE, name)
            except keyring.errors.PasswordDeleteError:
                return


@contextmanager
def _opened() -> Iterator[None]:
    import keyring.errors  # noqa: PLC0415  only what needs secrets loads it

    try:
        yield
    except keyring.errors.PasswordDeleteError:
        raise
    except Exception as error:  # noqa: BLE001  each backend raises the errors of its own library
        raise AmityError(
            f"The system's keyring does not open ({type(error).__name__}): unlock it and repeat this,"
            " or use --password-file."
        ) from None  # an error of a keyring may quote what it was given


def find_ring(backend: Callable[[], Any] | None = None) -> Ring | None:
    """The system's keyring; None where there is none that keeps secrets from others."""
    try:
        import keyring  # noqa: PLC0415  an optional package, 17 ms
    except ImportError:
        return None
    found = (backend or keyring.get_keyring)()
    return Ring(found) if _trusted(found) else None


def _trusted(backend: object) -> bool:
    package, _, module = type(backend).__module__.rpartition(".")
    if package != "keyring.backends":
        return False
    if module == "chainer":
        chained = list(getattr(backend, "backends", ()))
        return bool(chained) and all(map(_trusted, chained))
    return module in TRUSTED
