"""The scoring tables of a plan as its paper prints them."""

from typing import Any

from campaigns.models import Campaign
from campaigns.queries import table_views
from units.rules import decimal_text


def scoring_tables(campaign: Campaign) -> list[dict[str, Any]]:
    """Each table: its items with how they are scored, then how they are put together."""
    return [
        {
            "title": view.table.name,
            "lines": view.sentences,
            "scores": [
                {
                    "code": line.row.code,
                    "name": line.row.name,
                    "points": decimal_text(line.row.max_points),
                    "how": line.how,
                    "heading": line.row.method == "sum",
                }
                for line in view.lines
            ],
        }
        for view in table_views(campaign)
    ]
