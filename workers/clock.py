"""One time for all machines that share a database: the database's. Clocks of machines may be hours apart.

What a worker writes (when a run ended, how long a source wants to be left alone) is compared by a planner with its own
time: two clocks that differ would read an account again and again, or too early.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from amity import wiring
from amity.home import Home
from events import leases
from events.errors import AmityError

_OFTEN = 60.0  # seconds between two questions
_SLACK = 1.0  # seconds; by less two clocks may differ without harm


class Agreed:
    """Our own clock, put right by the database's. `ask` answers with seconds since 1970; `steady` never jumps."""

    def __init__(
        self, own: Callable[[], float], ask: Callable[[], float] | None, steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._own, self._ask, self._steady = own, ask, steady
        self._ahead = 0.0
        self._asked: tuple[float, float] | None = None  # when, by both of our clocks

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self._own() + self._ahead

    def agree(self) -> None:
        """Ask the database, if a minute has passed or our clock has jumped; without an answer all stays as it was."""
        if self._ask is None or not self._is_doubtful():
            return
        before = self._own()
        try:
            said = self._ask()
        except AmityError:  # whoever needs the database tells of it
            return
        ahead = said - (before + self._own()) / 2
        self._ahead = ahead if abs(ahead) > _SLACK else 0.0
        self._asked = self._steady(), self._own()

    def _is_doubtful(self) -> bool:
        if self._asked is None:
            return True
        passed = self._steady() - self._asked[0]
        return passed > _OFTEN or abs(self._own() - self._asked[1] - passed) > _SLACK


def agreed(home: Home, own: Callable[[], float] = time.time) -> Agreed:
    """The clock of a home's workers: a log in a file goes by this machine's."""

    def ask() -> float:
        with closing(wiring.open_home(home)) as log, log.reading() as connection:
            return leases.now_ms(connection) / 1000

    return Agreed(own, ask if home.log_url else None)
