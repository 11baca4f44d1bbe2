"""The options of an account at a DAV server. Nothing heavy is imported here: the command line is made from it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from connectors.sync.provider import Config


class DavConfig(Config, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the account is and whose it is."""

    url: Annotated[str, msgspec.Meta(description="address of the server, of your account there, or of one collection")]
    user: Annotated[str, msgspec.Meta(description="user name; often your mail address")] = ""

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError(f"--url {self.url!r}: {error}; give an address like https://dav.example.org/") from error
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError(f"--url {self.url!r} is no web address; give one like https://dav.example.org/")
        if parts.username is not None:
            raise ValueError("--url holds a user name; give it by --user, and the password when you are asked for it")

    def secret(self) -> str:
        return "password" if self.user else ""

    @property
    def is_bare(self) -> bool:
        """Whether what is sent can be read on its way: no encryption, and not this machine."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and not _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
