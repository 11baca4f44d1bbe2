"""The report as one self-contained page: no script, no remote asset, a policy that forbids both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from amity.queries import caring
from amity.report.obligations import lately, sentence, waiting_on, you_owe
from amity.report.week import load_sentences
from amity.report.words import period_title
from amity.terminal import hours, safe

LISTED = 10  # requests at length


def render(report: dict[str, Any]) -> str:
    """The whole page. Everything is escaped; what would turn the reading direction is shown as its code."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"safe_text": safe, "hours": hours}
    return environment.get_template("page.html").render(
        report=report,
        title=period_title(report["period"]),
        load=load_sentences(report),
        care_share=caring.sentence(report["appendix"]["care_share"]),
        obligations=[
            (title, " · ".join(parts), [(one["person"]["name"], sentence(one)) for one in lately(report, key)[:LISTED]])
            for title, key, parts in (
                ("You owe", "inbox", you_owe(report)),
                ("Waiting on", "waiting", waiting_on(report)),
            )
        ],
    )
