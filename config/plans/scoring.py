"""What does not add up yet in the scoring tables of a draft, told on the pages that write them."""

from dataclasses import dataclass

from config.planfile.scoring import scoring_faults
from config.plans.editing import PartForm
from config.plans.parts import NEXT_TABLE, SCORING, TABLES


@dataclass(frozen=True)
class TableFault:
    """One fault: the table, the row of this page that it speaks of ("" for none), the sentence."""

    table: str
    name: str
    anchor: str
    sentence: str


def faults_beside(form: PartForm) -> list[TableFault]:
    """The faults of the table that `form` edits, of every table where it edits their list; of what
    is stored, so that they are told again as it is saved."""
    part, plan = form.part, form.stands
    if part.slug not in {TABLES.slug, SCORING.slug, NEXT_TABLE.slug}:
        return []
    here = None if part.slug == TABLES.slug else part.tables[0].path[1]
    found = []
    for path, sentence in scoring_faults(plan):
        number, *inside = path[1:]
        if here in {None, number}:
            table = plan["scoring"][number]
            row = form.places.get(path, "-".join(map(str, inside))) if len(inside) == 2 else ""
            anchor = f"{row}-at" if row and here is not None else ""
            found.append(TableFault(table["ref"], table["name"], anchor, sentence))
    return found
