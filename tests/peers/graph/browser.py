"""The ways to the fake: a session that takes Microsoft's hosts to it, and a person's browser."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.peers.graph.server import Graph

HOSTS = (
    "login.microsoftonline.com", "graph.microsoft.com", "login.microsoftonline.us", "graph.microsoft.us",
    "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn",
)  # fmt: skip
_ACTION = re.compile(r'action="([^"]*)"')
_FIELD = re.compile(r'name="([^"]*)" value="([^"]*)"')


class Rewrite(HTTPAdapter):
    """https://login.microsoftonline.com/x is asked of the fake, which answers as if it were that host. msal refuses
    authorities that are not https."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        asked, url = request.url or "", urlsplit(request.url or "")
        there = request.copy()
        there.headers.update({"Host": str(url.netloc), "X-Forwarded-Proto": "https"})
        there.url = f"{self._url}{url.path}" + (f"?{url.query}" if url.query else "")
        answer = super().send(there, *args, **more)
        answer.url, answer.request = asked, request
        return answer


def session(graph: Graph) -> requests.Session:
    """For `http_client=` of msal, and for Graph under its own name."""
    made = requests.Session()
    made.trust_env = False
    for host in HOSTS:
        made.mount(f"https://{host}", Rewrite(graph.url))
    return made


def browse(graph: Graph, url: str, *, follow: bool = False) -> dict[str, str]:
    """The person opens the page of an authorization: what it sends to the redirect URI ({} when it leads nowhere).
    `follow`: it is sent there too, where a client listens."""
    with session(graph) as page:
        said = page.get(url, allow_redirects=False)
        if said.status_code == requests.codes.found:
            where = said.headers["Location"]
            if follow:
                requests.get(where, timeout=10)
            return dict(parse_qsl(urlsplit(where).query))
        action = _ACTION.search(said.text)
        if not action:
            return {}
        fields = {name: html.unescape(value) for name, value in _FIELD.findall(said.text)}
        if follow:
            requests.post(html.unescape(action[1]), data=fields, timeout=10)
        return fields
