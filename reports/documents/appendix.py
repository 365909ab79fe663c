"""What an appendix of a report is: sections packed into chapters, numbered once all are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.documents.printing import Sheet

Plain = dict[str, Any]
Facts = Mapping[str, Any]
LISTED = {"print/report_years.html", "print/report_indicators.html", "print/report_units.html"}


@dataclass(frozen=True)
class Appendix:
    """One appendix: what it is called, and the sheets it is printed from in their order."""

    what: str
    sheets: list[Sheet]
    listed: bool = True  # whether its headings stand in the contents


@dataclass
class Section:
    """A heading with its table or its words; `rows` is how tall it is."""

    values: Plain
    rows: int


@dataclass
class Appendices:
    """Collects appendices; their numbers are known once all are there."""

    head: Plain
    found: list[tuple[str, str, list[Plain]]] = field(default_factory=list)

    def add(self, what: str, template: str, chapters: list[Plain]) -> None:
        if chapters:
            self.found.append((what, template, chapters))

    def number_of(self, what: str) -> int:
        """0 where there is only one, or none of that name."""
        names = [name for name, _template, _chapters in self.found]
        return names.index(what) + 1 if what in names and len(names) > 1 else 0

    def done(self, audit_note: str) -> list[Appendix]:
        """The note of the register stands below the very last table."""
        last = len(self.found) - 1
        found = []
        for place, (what, template, chapters) in enumerate(self.found):
            sheets = []
            for index, chapter in enumerate(chapters):
                first = index == 0
                ends = place == last and index == len(chapters) - 1
                paper = {
                    **(self.head if first else {"is_sample": self.head["is_sample"]}),
                    "what": what if first else "",
                    "appendix": self.number_of(what),
                    "audit_note": audit_note if ends else "",
                    **chapter,
                }
                sheets.append(Sheet(template, paper))
            found.append(Appendix(what, sheets, listed=template in LISTED))
        return found
