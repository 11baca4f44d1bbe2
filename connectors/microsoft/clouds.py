"""Where Microsoft's clouds are; a test points them at a server of its own.

https://learn.microsoft.com/graph/deployments and …/entra/identity-platform/authentication-national-cloud
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

GLOBAL = "global"
_VERSION = "/v1.0"


class Cloud(NamedTuple):
    """`login`: the host at which people sign in; `graph`: the root of the API."""

    login: str
    graph: str


CLOUDS: Mapping[str, Cloud] = MappingProxyType({
    GLOBAL: Cloud("login.microsoftonline.com", "https://graph.microsoft.com"),
    "us-gov": Cloud("login.microsoftonline.us", "https://graph.microsoft.us"),
    "us-dod": Cloud("login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": Cloud("login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
})


def authority_of(cloud: str, tenant: str) -> str:
    """The address that stands for a tenant at the sign-in of a cloud."""
    return f"https://{CLOUDS[cloud].login}/{tenant}"


def base(cloud: str, endpoint: str) -> str:
    """What the addresses of Graph begin with; `endpoint`: another server that speaks it, "" for the cloud's own."""
    return (endpoint.rstrip("/") or CLOUDS[cloud].graph) + _VERSION
