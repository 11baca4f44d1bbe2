"""The program as its entry point starts it; by this name it is found in whatever environment the tests run."""

from __future__ import annotations

from amity.cli import main

main()
