"""The program that is crashed: one `amity deliver`, at a time that is given."""

from __future__ import annotations

from pathlib import Path

from amity.delivery import deliver
from amity.home import Home
from events.deliveries import SENT


def deliver_at(home: str, now_ms: str) -> int:
    """0 where everything that was due was delivered."""
    return int(any(one.state != SENT for one in deliver(Home(Path(home)), int(now_ms))))
