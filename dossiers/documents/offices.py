"""How an office stands at the head of its papers, under the names of the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dossiers.queries import names_on
from units.models import Unit


@dataclass(frozen=True)
class Office:
    """`parent` is the agency above as the letterhead shortens it; "" at the top of a tree."""

    name: str
    parent: str
    place: str
    symbol: str
    kind: str

    def signed(self, kind: str) -> str:
        """ "TTr-SNN"; an office without a symbol of its own leaves it out."""
        return f"{kind}-{self.symbol}" if self.symbol else kind


def offices_of(units: Iterable[int], day: date) -> dict[int, Office]:
    """Each unit with its parent's name and the place of the nearest office that states one."""
    wanted = set(units)
    paths = Unit.objects.filter(pk__in=wanted).values_list("path", flat=True)
    chain = {int(key) for path in paths for key in path.split("/") if key}
    rows = {unit.pk: unit for unit in Unit.objects.filter(pk__in=chain).select_related("kind")}
    names = names_on(rows.values(), day)
    found = {}
    for pk in wanted:
        unit = rows[pk]
        above = [rows[int(key)] for key in unit.path.split("/") if key][::-1]
        found[pk] = Office(
            name=names[pk][0],
            parent=names[unit.parent_id][1] if unit.parent_id else "",
            place=next((office.place for office in above if office.place), ""),
            symbol=unit.symbol,
            kind=unit.kind.name,
        )
    return found
