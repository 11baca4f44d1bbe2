"""The one store of passwords and tokens: a file of sealed entries, its key in the system's keyring or in mind.

Where there is neither a keyring nor a passphrase, nothing is stored: plain text is no fall-back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from connectors.credentials import files, sealing
from connectors.credentials.files import Sealed
from connectors.credentials.ring import Ring
from connectors.credentials.secret import Secret
from events.errors import AmityError, Damaged

# The passphrase; True: a new one is chosen. None where nobody can be asked and no file is named.
Passphrase = Callable[[bool], Secret | None]

NO_STORE = (
    "There is no place to keep a password: this machine has no keyring of the system. Name a file that holds the"
    " password with --password-file, or a file that holds a passphrase with AMITY_PASSPHRASE_FILE."
)


class Tokens:
    """Secrets by account name. `ring` is called, and `passphrase` asked, only when a key is needed; at most once."""

    def __init__(self, path: Path, ring: Callable[[], Ring | None], passphrase: Passphrase) -> None:
        self._path, self._ring, self._passphrase = path, ring, passphrase
        self._keys: dict[tuple[str, bytes], bytes] = {}  # by what the file says of its key
        self._first: Sealed | None = None  # the file that will be made for the first secret

    def get(self, name: str) -> Secret | None:
        """The secret of an account; None where none is kept. Raises AmityError where it cannot be opened."""
        content = files.read(self._path)
        if content is None or name not in content.entries:
            return None
        try:
            return Secret(sealing.unseal(self._opened(content), name.encode(), content.entries[name]).decode())
        except sealing.WrongKey:
            raise Damaged(
                f"The password of {name} in {self._path} is not as it was written: disconnect {name}, and connect it"
                " again."
            ) from None

    def ready(self) -> None:
        """Make sure that a secret could be kept, before a person is asked for it. Raises AmityError where not."""
        content = files.read(self._path)
        if content is None:
            self._new()
        else:
            self._opened(content)

    def put(self, name: str, secret: Secret) -> None:
        """Keep a secret, durably, in place of an earlier one. Raises AmityError where there is no place to keep it."""
        with files.alone(self._path):
            content = files.read(self._path)
            if content is None:
                content = self._new()
                self._keep_key(content)
            sealed = sealing.seal(self._opened(content), name.encode(), secret.reveal().encode())
            content.entries = content.entries | {name: sealed}
            files.write(self._path, content)

    def drop(self, name: str) -> bool:
        """Forget a secret, which needs no key; whether there was one. With the last one the key goes too."""
        if not self._path.exists():
            return False
        with files.alone(self._path):
            content = files.read(self._path)
            if content is None or name not in content.entries:
                return False
            content.entries = {one: sealed for one, sealed in content.entries.items() if one != name}
            files.write(self._path, content)
        if not content.entries and content.ring and (ring := self._ring()) is not None:
            with suppress(AmityError):  # a keyring that does not open keeps a key to nothing
                ring.drop(content.ring)
        return True

    def place(self) -> str:
        """Where the key is: "keyring", "passphrase", or "" where nothing is kept."""
        content = files.read(self._path)
        if content is None:
            return ""
        return "keyring" if content.ring else "passphrase"

    def _new(self) -> Sealed:
        """An empty store, with a key of its own that is not kept anywhere yet."""
        if self._first is None:
            if self._ring() is not None:
                content, key = Sealed(ring=secrets.token_hex(16)), sealing.new_key()
            else:
                salt = secrets.token_bytes(sealing.SALT_BYTES)
                content, key = Sealed(salt=salt), sealing.key_of(self._asked(new=True), salt)
            content.check = sealing.seal(key, b"", b"")
            self._keys[content.ring, content.salt] = key
            self._first = content
        return self._first

    def _keep_key(self, content: Sealed) -> None:
        if content.ring and (ring := self._ring()) is not None:
            ring.put(content.ring, self._opened(content))

    def _opened(self, content: Sealed) -> bytes:
        """The key of what the file holds. Raises AmityError where it cannot be had, or is another one."""
        known = self._keys.get((content.ring, content.salt))
        if known is not None:
            return known
        key = self._from_ring(content.ring) if content.ring else self._from_mind(content.salt)
        try:
            sealing.unseal(key, b"", content.check)
        except sealing.WrongKey:
            what = "the system's keyring holds another key" if content.ring else "this is not its passphrase"
            raise AmityError(f"{self._path} does not open: {what}.") from None
        self._keys[content.ring, content.salt] = key
        return key

    def _from_ring(self, name: str) -> bytes:
        ring = self._ring()
        key = None if ring is None else ring.key(name)
        if key is None:
            gone = "is not here" if ring is None else "no longer holds it"
            raise AmityError(
                f"The key of {self._path} was kept in the system's keyring, which {gone}: bring it back, or delete that"
                " file and connect the accounts again."
            )
        return key

    def _from_mind(self, salt: bytes) -> bytes:
        return sealing.key_of(self._asked(new=False), salt)

    def _asked(self, *, new: bool) -> Secret:
        passphrase = self._passphrase(new)
        if passphrase is not None:
            return passphrase
        if new:
            raise AmityError(NO_STORE)
        raise AmityError(
            f"The passwords in {self._path} are locked by a passphrase: run this in a terminal, or name a file that"
            " holds the passphrase with AMITY_PASSPHRASE_FILE."
        )
