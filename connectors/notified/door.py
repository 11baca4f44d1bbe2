"""Who is answered, and how: by who speaks, and never by whom we know. A known account looks like an unknown one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connectors.notified import channels, gmail, graph
from connectors.notified.gmail import Expected
from connectors.notified.keys import Keys
from connectors.notified.notice import Notice
from connectors.notified.port import CHANNEL, GMAIL, GRAPH
from connectors.notified.wire import Answer, Request
from events.errors import AmityError

Take = Callable[[Sequence[Notice]], object]
_NOTHING = Answer(404)


class Door:
    """Answers requests (`connectors.notified.server`); what they say is given to `take`, which is quick.

    `expected`: what the tokens of Pub/Sub must say; `keys`: what they are signed with.
    """

    def __init__(self, expected: Expected, keys: Keys, take: Take) -> None:
        self._expected, self._keys, self._take = expected, keys, take

    def __call__(self, request: Request) -> Answer:
        if request.method != "POST":
            return _NOTHING
        ways = {f"/{GMAIL}": self._gmail, f"/{CHANNEL}": self._channel, f"/{GRAPH}": self._graph}
        way = ways.get(request.path)
        return _NOTHING if way is None else way(request)

    def _gmail(self, request: Request) -> Answer:
        try:
            if not gmail.is_genuine(request, self._expected, self._keys):
                return Answer(403)
        except AmityError:  # without Google's keys; Pub/Sub sends it again
            return Answer(503)
        return self._taken(gmail.notices(request.body), 204)

    def _channel(self, request: Request) -> Answer:
        return self._taken(channels.notices(request), 200)

    def _graph(self, request: Request) -> Answer:
        return graph.handshake(request) or self._taken(graph.notices(request.body), 202)

    def _taken(self, found: Sequence[Notice] | None, well: int) -> Answer:
        if found is None:
            return Answer(400)
        self._take(found)
        return Answer(well)
