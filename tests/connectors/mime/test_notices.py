from __future__ import annotations

import pytest

from connectors.mime.notices import _NOTICES, without_notice

SAID = "The offer is ready, and so is the plan for the week after.\n"


@pytest.mark.parametrize("notice", _NOTICES)
def test_each_notice_is_found_where_no_other_stands(notice: str) -> None:
    assert without_notice(f"{SAID}{notice.capitalize()} and so on.\n") == SAID


def test_a_text_without_a_notice_stays_as_it_is() -> None:
    assert without_notice(SAID) == SAID
