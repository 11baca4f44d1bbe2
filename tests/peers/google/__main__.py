"""The sample world in real time, to try the program on: `python -m tests.peers.google`; Ctrl-C ends it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from tests.peers.google.clock import Clock
from tests.peers.google.sample import world
from tests.peers.google.server import serving


def main() -> None:
    """`argv[1]`: where the client file goes that the console would give."""
    with serving(world(Clock(time.time(), ticking=True))) as google:
        secrets = json.dumps(google.client_secrets(), indent=1)
        if len(sys.argv) > 1:
            Path(sys.argv[1]).write_text(secrets)
        sys.stdout.write(f"{google.url}\n{secrets}\n")
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
