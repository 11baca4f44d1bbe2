"""AES-256-GCM with a key of 32 bytes; where a person keeps the key in mind, Argon2id makes it from a passphrase."""

from __future__ import annotations

import secrets

from connectors.credentials.secret import Secret

KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16  # AES-256; NIST SP 800-38D, 8.2; RFC 9106, 3.1
# RFC 9106, 4, the second recommended option: 64 MiB, 3 passes, 4 lanes; 0.11 s on the machine it was measured on.
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 4


class WrongKey(Exception):
    """What was sealed is not opened by this key under this name, or was changed."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def key_of(passphrase: Secret, salt: bytes) -> bytes:
    """The key that a passphrase makes."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415  14 ms that only secrets may cost

    made = Argon2id(salt=salt, length=KEY_BYTES, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return made.derive(passphrase.reveal().encode())


def seal(key: bytes, name: bytes, text: bytes) -> bytes:
    """Nonce, cipher text and tag. Only the same key together with the same `name` opens it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  likewise

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text, name)


def unseal(key: bytes, name: bytes, sealed: bytes) -> bytes:
    """What was sealed under that name. Raises WrongKey."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415  likewise
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  likewise

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name)
    except (InvalidTag, ValueError):
        raise WrongKey from None
