from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from connectors.credentials.secret import Secret

TEXT = "correct-horse-battery"


@pytest.mark.parametrize("shown", ["{!r}", "{!s}", "{}", "{:>40}"])
def test_nothing_that_prints_shows_it(shown: str) -> None:
    assert TEXT not in shown.format(Secret(TEXT))
    assert TEXT not in str({"password": [Secret(TEXT)]})


def test_a_log_line_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("signing in with %s", Secret(TEXT))
    assert TEXT not in caplog.text


def test_a_traceback_with_all_variables_does_not_show_it() -> None:
    secret = Secret(TEXT)
    with pytest.raises(ValueError, match="Secret") as caught:
        int(f"{secret}")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert TEXT not in "".join(shown)


def test_nothing_that_writes_objects_writes_it() -> None:
    secret = Secret(TEXT)
    writers: list[Callable[[Any], object]] = [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars]
    for write in (*writers, msgspec.json.encode):
        with pytest.raises(TypeError):
            write(secret)


def test_it_is_there_for_who_needs_it_and_compares() -> None:
    assert Secret(TEXT).reveal() == TEXT
    assert Secret("ä") == Secret("ä")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
