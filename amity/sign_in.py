"""Accounts whose secret is a sign-in in a browser: renewed while it is used, taken back when it is no longer wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from amity import accounts
from amity.accounts import Account
from amity.connect import Access, config_of, secret_of
from connectors import registry
from connectors.credentials import files
from connectors.credentials.secret import Secret
from events.errors import AmityError


class StoredSecret:
    """The `Keeper` of one account: its entry in the token store, and a lock that only renewing takes."""

    def __init__(self, account: Account, access: Access) -> None:
        self._account, self._access = account, access

    @contextmanager
    def alone(self) -> Iterator[None]:
        with files.alone(self._access.home.folder / f"tokens.{self._account.name}"):
            yield

    def get(self) -> Secret:
        secret = secret_of(self._account, self._access)
        if secret is None:
            raise AmityError(f"{self._account.name}: accounts.toml names no sign-in for it; connect it again.")
        return secret

    def put(self, secret: Secret) -> None:
        self._access.tokens.put(self._account.name, secret)


def revoke(account: Account, access: Access) -> list[str]:
    """Make a sign-in worthless at the provider; sentences that say what could not be done. Nothing for passwords."""
    if account.secret != accounts.STORED:
        return []
    try:
        provider = registry.provider(account.kind)
        if provider.oauth is None:
            return []
        config = config_of(provider, {**account.options, **account.private}, str(access.home.accounts))
        return list(provider.oauth.revoke(config, StoredSecret(account, access).get()))
    except AmityError as error:
        return [f"Nothing was taken back at the provider; do it in the settings of your account there. {error}"]
