"""The program that is crashed: what `amity import` does, with pages so small that a crash falls between them."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import amity.settings  # noqa: F401  loaded once here, not in each forked child
from amity import wiring
from amity.home import Home
from connectors.base import import_paths
from events.errors import AmityError

PAGE = 4


def import_files(home: str, files: str) -> int:
    """Import a folder into a home; 0, or the exit code of the error that was shown."""
    place = Home(Path(home))
    try:
        with closing(wiring.open_home(place)) as log:
            rules = wiring.recorded_rules(log, place, int(time.time() * 1000))
            import_paths([files], log, page=PAGE)
            wiring.fold(log, place, rules)
    except AmityError as error:
        return error.exit_code
    return 0
