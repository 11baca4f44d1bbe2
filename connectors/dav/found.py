"""A collection as its server describes it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from connectors.contacts import squeezed
from connectors.dav import names
from connectors.dav.multistatus import Row

PROPS = (
    names.RESOURCE_TYPE, names.DISPLAY_NAME, names.SYNC_TOKEN, names.CTAG, names.REPORTS, names.COMPONENTS,
)  # fmt: skip


class Found(NamedTuple):
    """`url`: where it is; `path`: its name among streams; `token` and `ctag` are of now, "" where there are none.

    `syncs`: whether it can say what changed (RFC 6578); a server that names no report at all is asked.
    """

    url: str
    path: str
    title: str
    token: str = ""
    ctag: str = ""
    syncs: bool = True


def found(row: Row, url: str, path: str) -> Found:
    """What a row says of a collection."""
    return Found(
        url=url,
        path=path,
        title=squeezed(row.text(names.DISPLAY_NAME)) or unquote(path.rstrip("/").rpartition("/")[2]),
        token=row.text(names.SYNC_TOKEN),
        ctag=row.text(names.CTAG),
        syncs=names.REPORTS not in row.props or row.has(names.REPORTS, names.SYNC_COLLECTION),
    )
