"""The demo: an invented life through the whole pipeline, in a home that goes away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from amity import wiring
from amity.demo import life
from amity.home import Home, prepare, write_private
from amity.progress import Late
from amity.report.compose import compose
from amity.session import open_session

PERIOD = "2026-W38"


def report(clock_ms: int) -> dict[str, Any]:
    """The report of the invented week."""
    with tempfile.TemporaryDirectory(prefix="amity-demo-") as folder:
        home, files = Home(Path(folder) / "home"), Path(folder) / "files"
        prepare(home)
        files.mkdir(mode=0o700)
        paths = life.write(files)
        write_private(home.settings, (files / "amity.toml").read_text(encoding="utf-8"))
        late = Late()
        wiring.import_files(home, paths, clock_ms, late)
        late.close()
        with open_session(home, clock_ms, life.AS_OF.isoformat()) as session:
            return compose(session, session.period(PERIOD))
