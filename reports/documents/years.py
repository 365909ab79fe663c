"""The years that an interim or a final review looks back on, side by side."""

from django.db.models import QuerySet

from campaigns.models import Campaign, Period
from campaigns.queries import Figure, Figures
from campaigns.queries.figures import figures_over
from reports.documents.values import TOLD_IN_WORDS, Plain, text
from reports.queries import yearly_within
from units.models import Unit


def years_of(campaign: Campaign, period: Period, units: QuerySet[Unit] | None) -> Plain | None:
    """None where the period looks back on no yearly period of the plan.

    `revisions` are those of the sheets that were read.
    """
    periods = yearly_within(campaign, period)
    if not periods:
        return None
    found = figures_over(campaign, periods, units)
    return {
        "names": [one.name for one in periods],
        "groups": _groups(found),
        "revisions": {str(pk): rev for one in found for pk, rev in one.revisions.items()},
    }


def _groups(found: list[Figures]) -> list[Plain]:
    """Indicators by group; of each a figure a year. Questions answered in words have none."""
    groups: dict[str, Plain] = {}
    for figures in zip(*(one.indicators for one in found), strict=True):
        facts = figures[0].indicator
        if facts.kind in TOLD_IN_WORDS:
            continue
        group = groups.setdefault(facts.group_ref, {"name": facts.group_name, "rows": []})
        group["rows"].append(
            {"code": facts.code, "name": facts.name, "years": [_year(one) for one in figures]}
        )
    return list(groups.values())


def _year(figure: Figure) -> Plain:
    return {
        "shown": figure.shown if figure.reported else "",
        "numerator": text(figure.numerator),
        "denominator": text(figure.denominator),
        "value": text(figure.percent if figure.percent is not None else figure.value),
        "is_percent": figure.percent is not None,
        "target": figure.target,
        "mark": text(figure.mark),
        "verdict": str(figure.verdict),
        "verdict_label": figure.verdict.label,
    }
