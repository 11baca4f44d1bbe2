"""The report in one of its formats; each is loaded when it is wanted."""

from __future__ import annotations

from typing import Any

FORMATS = ("text", "json", "html", "md")


def rendered(report: dict[str, Any], form: str) -> str:
    """One format of the report, ending in a line feed."""
    if form == "json":
        import json  # noqa: PLC0415  one format, one import

        return json.dumps(report, allow_nan=False) + "\n"
    if form == "html":
        from amity.report import html  # noqa: PLC0415  one format, one import

        return html.render(report)
    if form == "md":
        from amity.report import markdown  # noqa: PLC0415  one format, one import

        return markdown.render(report)
    from amity.report import text  # noqa: PLC0415  one format, one import

    return text.render(report)
