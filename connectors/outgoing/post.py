"""One POST to an address of the owner's: a webhook, or a topic of ntfy (https://docs.ntfy.sh/publish/)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from connectors.net import is_loopback
from connectors.outgoing import SECONDS, Begin, NotSent

_UNKNOWN = {502, 504}  # of a gateway whose server gave no answer: that one may have taken it (RFC 9110, 15.6)


def post(url: str, body: bytes, headers: Mapping[str, str], begin: Begin) -> None:
    """Send it once, redirects not followed; https, or http to this machine.

    Raises NotSent where the server surely has not taken it; any other error after `begin` leaves that open.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise NotSent(f"{parts.hostname}: what leaves this machine goes over https: check [report].")
    begin()
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no password of the machine's
        try:
            answer = session.post(
                url, data=body, headers=dict(headers), timeout=(SECONDS, SECONDS), allow_redirects=False, stream=True
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError) as error:
            raise NotSent(f"{parts.hostname} cannot be reached: it is tried again.") from error
        except requests.ConnectionError as error:
            if "Failed to establish" in str(error) or "NameResolution" in str(error):
                raise NotSent(f"{parts.hostname} cannot be reached: it is tried again.") from error
            raise
        answer.close()
    if answer.status_code in _UNKNOWN:
        raise ConnectionError(f"{parts.hostname} answered {answer.status_code}: whether it was taken is not known.")
    if not 200 <= answer.status_code < 300:  # noqa: PLR2004  RFC 9110, 15.3
        raise NotSent(f"{parts.hostname} answered {answer.status_code}: check the address in [report].")
