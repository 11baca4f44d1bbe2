"""Whether the strength of a tie finds people's managers, in the mail of a factory (Nurek and Michalski 2020)."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ties() -> ModuleType:
    """The benchmark, which is no part of the package."""
    spec = spec_from_file_location("ties_benchmark", ROOT / "benchmarks" / "ties.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_tie_finds_managers_more_often_than_counting_mails(ties: ModuleType, shared_data: Path) -> None:
    """On each second of the known lines; on all of them `python -m benchmarks.ties` prints 20.3 beside 12.2 %, …"""
    found = ties.measure(shared_data / "ties-manufacturing", every=2)
    for tie, count in zip(found["tie"], found["count"], strict=True):
        assert tie >= count
    assert found["tie"][0] > found["count"][0]
    assert found["tie"][-1] > found["count"][-1]


def test_equals_share_their_place_and_nobody_is_found_by_nothing(ties: ModuleType) -> None:
    assert ties.place(1, {1: 5.0, 2: 9.0, 3: 5.0}) == 2.5
    assert ties.place(4, {1: 5.0}) == ties.place(1, {1: 0.0}) == float("inf")
