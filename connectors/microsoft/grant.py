"""What a sign-in leaves behind: the secret of a Microsoft account, as JSON in the store of secrets."""

from __future__ import annotations

import msgspec

from connectors.credentials.secret import Secret
from connectors.errors import SignInNeeded

GUIDE = "docs/microsoft.md"
NEW = "Microsoft"  # how sentences call an account that is only being connected


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The person's own client and tenant, and msal's cache with the tokens that it was given.

    `authority`: an address of `connectors.microsoft.clouds`; `person`: msal's id of whoever signed in.
    """

    client_id: str
    authority: str
    person: str
    scopes: tuple[str, ...]
    cache: Secret


def sealed(grant: Grant) -> Secret:
    """The grant as one secret."""
    return Secret(msgspec.json.encode(grant, enc_hook=_revealed).decode())


def opened(secret: Secret, name: str) -> Grant:
    """The grant within a secret. Raises SignInNeeded where it is none; `name` is the account."""
    try:
        return msgspec.json.decode(secret.reveal(), type=Grant, dec_hook=_hidden)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise SignInNeeded(f"{name}: what is kept is no sign-in at Microsoft; {again(name)}") from None


def again(name: str) -> str:
    """What a person does about a sign-in that is missing, dead or too narrow."""
    named = "" if name == NEW else f" --account {name}"
    return f"sign in again: amity connect microsoft{named} ({GUIDE})"


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError


def _hidden(kind: type, value: object) -> Secret:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise NotImplementedError
