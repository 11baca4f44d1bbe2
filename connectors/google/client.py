"""Google's library over our own HTTP: it makes the addresses and reads the JSON, all else follows our rules.

Only GET is ever sent, within the quota, and no request is repeated here. No batches: the library sends them past the
address that it was given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from googleapiclient.discovery import build

from connectors.errors import Refused, TryLater
from connectors.google.endpoints import APIS, Api, address
from connectors.google.refusals import refusal
from connectors.google.renewing import Renewing
from connectors.http import READING, Http, Limits
from connectors.net import typed
from connectors.sync.retry import Budget

_OVERRIDE = "x-http-method-override"
_ANSWERS = range(400, 600)
_MINUTE = 60.0


class Ok(NamedTuple):
    """As much of a response as Google's library looks at."""

    status: int
    reason: str = ""


class Transport:
    """What Google's library sends through; raises our errors for whatever is no success."""

    def __init__(self, http: Http, name: str, api: Api, wall: Callable[[], float]) -> None:
        self._http, self._name, self._api, self._wall = http, name, api, wall

    def request(
        self, uri: str, method: str = "GET", body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Ok, bytes]:
        """One answer of 2xx, whole."""
        if method == "POST" and dict(headers or {}).get(_OVERRIDE) == "GET":  # its way with long addresses
            method, uri = "GET", f"{uri}?{body}"
        if method != "GET":
            raise Refused(f"{self._name}: {method} is not sent to Google: this program only reads")
        answer = self._http.ask("GET", uri, headers={"Accept": "application/json"}, returns=_ANSWERS)
        if answer.status >= 300:  # noqa: PLR2004  304 answers nothing that we ask
            raise refusal(answer, name=self._name, what=self._api.title, wall=self._wall())
        return Ok(answer.status), answer.body


class Service:
    """One API of one account. `methods`: the library's resource, `service.methods.users().messages()`."""

    def __init__(
        self, methods: Any, transport: Transport, title: str, name: str, spend: Callable[[float], None]
    ) -> None:
        self.methods, self._transport, self._title, self._name, self._spend = methods, transport, title, name, spend

    def ask(self, request: Any, units: float = 1.0) -> dict[str, Any]:
        """Send a request of the library when the quota has room for its units; the object that came.

        Raises Answered (what the caller must know: 400, 404, 410 and other no's), TryLater, SignInNeeded, Refused.
        """
        self._spend(units)
        try:
            document = request.execute(http=self._transport, num_retries=0)
        except ValueError as error:
            raise self._nonsense() from error
        if not isinstance(document, dict):
            raise self._nonsense()
        return document

    def _nonsense(self) -> TryLater:
        return TryLater(f"{self._name}: not {self._title} answers, or only in part; a network's sign-in page?")


class Client:
    """All APIs of one account; for one thread.

    `endpoint`: another server that speaks them. `quotas`: units a minute by API, where they are not Google's usual
    ones. `clock` is monotonic; `sleep` waits where the quota is spent.
    """

    def __init__(
        self,
        auth: Renewing,
        name: str,
        *,
        endpoint: str = "",
        quotas: Mapping[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.auth, self.name = auth, name
        self._endpoint, self._quotas = endpoint, dict(quotas or {})
        self._private = typed(endpoint) if endpoint else ()
        self._clock, self._wall, self._sleep = clock, wall, sleep
        self._budgets: dict[str, Budget] = {}
        self._open: dict[int, Http] = {}
        self._services: dict[tuple[str, int], Service] = {}

    def service(self, api: str, body: int = Limits().body) -> Service:
        """An API by its name in `APIS`; an answer of more than `body` bytes raises `connectors.http.TooLarge`."""
        if (api, body) not in self._services:
            self._services[api, body] = self._made(APIS[api], body)
        return self._services[api, body]

    def now(self) -> float:
        """Seconds since 1970."""
        return self._wall()

    def quota(self, api: str) -> int:
        """Units or requests that may be spent in a minute."""
        return self._quotas.get(api, APIS[api].quota)

    def close(self) -> None:
        for http in self._open.values():
            http.close()

    def _made(self, api: Api, body: int) -> Service:
        base = address(api, self._endpoint)
        transport = Transport(self._http(body), self.name, api, self._wall)
        methods = build(
            api.name, api.version, http=transport, static_discovery=True, cache_discovery=False,
            client_options={"api_endpoint": base},
        )  # fmt: skip
        return Service(methods, transport, api.title, self.name, lambda units: self._spend(api.name, units))

    def _http(self, body: int) -> Http:
        if body not in self._open:
            bases = [address(api, self._endpoint) for api in APIS.values()]
            self._open[body] = Http(
                self.name, verbs=READING, auth=self.auth, home=bases, private=self._private,
                limits=Limits(body=body), wall=self._wall,
            )  # fmt: skip
        return self._open[body]

    def _spend(self, api: str, units: float) -> None:
        """Wait until the quota has room."""
        if api not in self._budgets:
            self._budgets[api] = self._budget(api)
        wait = self._budgets[api].spend(units, self._clock())
        if wait > 0:
            self._sleep(wait)

    def _budget(self, api: str) -> Budget:
        quota, burst, now = self.quota(api), self.quota(api) * APIS[api].burst, self._clock()
        budget = Budget((quota - burst) / _MINUTE, burst, now)
        if not APIS[api].saved:
            budget.spend(burst, now)
        return budget
