"""How long the detailed appendices of a report become, before anything is printed."""

from dataclasses import dataclass

LINES = 41  # of a table on a page
HEAD, CHART = 7, 8  # lines that a heading, a chart is as tall as
USUAL = 40  # pages of one appendix that go along unless somebody says otherwise


@dataclass(frozen=True)
class AnnexSize:
    """About how many pages each appendix takes."""

    by_indicator: int
    by_unit: int

    @property
    def usual(self) -> dict[str, bool]:
        """Which go along where nobody chose."""
        return {"by_indicator": self.by_indicator <= USUAL, "by_unit": self.by_unit <= USUAL}


def annex_size(*, indicators: int, units: int) -> AnnexSize:
    """An indicator is a heading, a chart and a line a unit; a unit a heading and a line an
    indicator."""
    return AnnexSize(
        by_indicator=-(-indicators * (units + HEAD + CHART) // LINES),
        by_unit=-(-units * (indicators + HEAD) // LINES),
    )
