"""For whom the targets of two plans are held against each other: everybody whom the plan below
measures, and among them those whom a target of either plan singles out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from config.plans.own import Facts
from config.plans.parts import Plan
from criteria.rules import UnitFacts
from units.models import Unit


@dataclass(frozen=True)
class Weighed:
    """One kind of unit, or one unit; `words` where a target singles it out."""

    unit: UnitFacts
    words: str = ""


def weighed(group: Plan, plan: Plan, mine: Plan, theirs: Plan, facts: Facts) -> list[Weighed]:
    """Whom `group` of `plan` measures, as far as the indicators `mine` and `theirs` tell them
    apart: units named, kinds, else the issuer."""
    kinds, issuer = group["unit_kinds"], facts.units.get(plan["issuer"])
    named = [facts.units[ref] for ref in group["units"] if ref in facts.units]
    anybody = not (kinds or group["units"])
    units = named or ([issuer] if issuer and not kinds else [])
    singled = _named_by(mine, "unit") | _named_by(theirs, "unit")
    units += [
        unit
        for ref in sorted(singled)
        if (unit := facts.units.get(ref))
        and unit not in units
        and (unit.kind_id in kinds or anybody)
        and (ref in _named_by(mine, "unit") or (unit.kind_id in kinds and _below(unit, issuer)))
    ]
    several = [UnitFacts(0, kind, facts.level_of.get(kind)) for kind in kinds]
    if anybody:
        own_kinds = sorted(_named_by(mine, "unit_kind"))
        several += [UnitFacts(0, kind, facts.level_of.get(kind)) for kind in own_kinds]
        several += [UnitFacts(0, "", level) for level in sorted(_named_by(mine, "level"))]
    found = [Weighed(unit_facts(unit, facts), _words(unit, singled)) for unit in units]
    found += [Weighed(one) for one in several]
    found = found or [Weighed(UnitFacts(0, ""))]
    somewhere = [*several, UnitFacts(0, "")] if anybody else several
    for region in sorted({*_named_by(mine, "region"), *_regions(theirs, kinds, issuer, facts)}):
        tagged = (replace(one, tags=frozenset({region})) for one in somewhere)
        found += [Weighed(one, f"vùng {region}") for one in tagged]
    return found


def unit_facts(unit: Unit, facts: Facts) -> UnitFacts:
    level = facts.level_of.get(unit.kind_id)
    return UnitFacts(unit.pk, unit.kind_id, level, frozenset(unit.tags))


def _named_by(row: Plan, key: str) -> set[str]:
    return {target[key] for target in row["targets"] if target[key]}


def _words(unit: Unit, singled: Iterable[str]) -> str:
    return unit.name if unit.ref in singled else ""


def _regions(row: Plan, kinds: list[str], issuer: Unit | None, facts: Facts) -> Iterator[str]:
    """Regions of the plan above in which units of `kinds` lie below, as far as is known."""
    for region in _named_by(row, "region"):
        there = [unit for unit in facts.units.values() if region in unit.tags]
        if kinds and (
            not there or any(unit.kind_id in kinds and _below(unit, issuer) for unit in there)
        ):
            yield region


def _below(unit: Unit, issuer: Unit | None) -> bool:
    return issuer is None or unit.path.startswith(issuer.path)
