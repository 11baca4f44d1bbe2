"""The file of the person's own client, as Google's console gives it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from connectors.credentials.secret import Secret
from connectors.google.grant import GUIDE
from connectors.net import typed
from events.errors import UsageError

_MOST_BYTES = 64 << 10  # the real ones have 400
_AUTH_URI, _TOKEN_URI = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"


class OwnClient(NamedTuple):
    """A client of the kind "Desktop app", which keeps no secret from who has the file (RFC 8252, 8.5)."""

    client_id: str
    secret: Secret
    auth_uri: str
    token_uri: str


class _Installed(msgspec.Struct):
    client_id: str
    client_secret: str = ""
    auth_uri: str = _AUTH_URI
    token_uri: str = _TOKEN_URI


class _File(msgspec.Struct):
    installed: _Installed | None = None
    web: object = None
    type: str = ""


def read(path: Path) -> OwnClient:
    """The client in a file. Raises UsageError with the sentence that tells what the right file is."""
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(_MOST_BYTES), type=_File)
    except OSError as error:
        raise UsageError(f"{path}, the file of your client, cannot be read ({error.strerror}): {GUIDE}.") from error
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise UsageError(f"{path} is no file of a Google client: download it from the console ({GUIDE}).") from None
    if found.installed is None:
        what = "a client for web sites" if found.web is not None else "a service account" if found.type else "no client"
        raise UsageError(f'{path} holds {what}: make one of the type "Desktop app" in the console ({GUIDE}).')
    one = found.installed
    for uri in (one.auth_uri, one.token_uri):
        if urlsplit(uri).scheme != "https" and not typed(uri):
            raise UsageError(f"{path} names {uri[:100]!r}, which is not https: download it from the console ({GUIDE}).")
    return OwnClient(one.client_id, Secret(one.client_secret), one.auth_uri, one.token_uri)
