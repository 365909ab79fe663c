"""Loading units, blocs and changes of the map from files: all of it or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction

from units.models import (
    Bloc,
    BlocMembership,
    Level,
    Unit,
    UnitEvent,
    UnitKind,
    UnitName,
    UnitPlacement,
    UnitSuccession,
    User,
)
from units.rules import fold
from units.services.tree import place_unit
from units.services.unit_file import Described, UnitFile, UnitRow
from units.workflow import record


@dataclass
class Count:
    """How many of one kind of thing the import made, changed and left alone."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.created} thêm mới, {self.updated} sửa, {self.unchanged} giữ nguyên"


@dataclass
class Imported:
    """What an import did, by the Vietnamese name of the thing."""

    counts: dict[str, Count] = field(default_factory=dict)

    def of(self, thing: str) -> Count:
        return self.counts.setdefault(thing, Count())

    @property
    def changed(self) -> int:
        return sum(count.created + count.updated for count in self.counts.values())


@transaction.atomic
def import_units(batch: UnitFile, *, actor: User | None, now: datetime) -> Imported:
    """Write what the files say; loading them again changes nothing.

    The file describes a thing whole: a field it leaves out is emptied. What the files do not name
    stays. Raises FileError with every fault of the batch, and then nothing has been written.
    """
    list(
        Unit.objects.select_for_update(no_key=True).filter(ref__in=[row.ref for row in batch.units])
    )
    check(batch)
    done = Imported()
    for level in batch.levels:
        put(Level, {"code": level.key}, level.fields, done.of("cấp"))
    for kind in batch.kinds:
        values = {
            "name": kind.fields["name"],
            "level_id": kind.fields["level"] or None,
            "is_enterprise": kind.fields["enterprise"],
        }
        put(UnitKind, {"code": kind.key}, values, done.of("loại đơn vị"))
    units = write_units(batch.units, done.of("đơn vị"))
    write_events(batch.events, units, done.of("lần sắp xếp"))
    write_blocs(batch.blocs, units, done.of("Khối, Cụm thi đua"))
    if done.changed:
        # the register of units as a whole is what changed; no single row stands for it
        record(
            "unit.imported",
            Unit(pk=0, name="Danh mục đơn vị"),
            actor=actor,
            now=now,
            note="; ".join(f"{thing}: {count}" for thing, count in done.counts.items()),
            data={"files": batch.names},
        )
    return done


# --- checks --------------------------------------------------------------------------------------
def check(batch: UnitFile) -> None:
    """What one file cannot know alone: every ref, level and kind named is there; no circle."""
    problems = batch.problems
    levels = {row.key for row in batch.levels} | set(Level.objects.values_list("code", flat=True))
    kinds = {row.key for row in batch.kinds} | set(UnitKind.objects.values_list("code", flat=True))
    parents: dict[str, str | None] = dict(Unit.objects.values_list("ref", "parent__ref"))
    parents.update({row.ref: row.parent or None for row in batch.units})

    def known(ref: str, at: Any, label: str) -> None:
        if ref and ref not in parents:
            problems.add(at, f"{label}: không có đơn vị {ref}; ghi đơn vị này hoặc sửa mã.")

    for kind in batch.kinds:
        if (code := kind.fields["level"]) and code not in levels:
            allowed = ", ".join(sorted(levels)) or "chưa có cấp nào"
            problems.add(kind.at, f"loại đơn vị {kind.key}: không có cấp {code}; dùng: {allowed}.")
    for row in batch.units:
        label = f"đơn vị {row.ref}"
        for code in sorted({row.kind, *(name.kind for name in row.names)} - {""} - kinds):
            allowed = ", ".join(sorted(kinds)) or "chưa có loại nào"
            problems.add(row.at, f"{label}: không có loại {code}; các loại được dùng: {allowed}.")
        for ref in dict.fromkeys([row.parent, *(place.parent for place in row.placements)]):
            known(ref, row.at, label)
        if circle(row.ref, parents):
            problems.add(row.at, f"{label}: cấp trên của đơn vị lại thuộc chính đơn vị này.")
    for event in batch.events:
        for given in event.fields["successions"]:
            known(given["from"], event.at, f"lần sắp xếp {event.key}")
            known(given["to"], event.at, f"lần sắp xếp {event.key}")
            if given["from"] and given["from"] == given["to"]:
                problems.add(event.at, f"lần sắp xếp {event.key}: {given['to']} kế thừa chính nó.")
    for bloc in batch.blocs:
        for ref in dict.fromkeys([bloc.fields["organiser"], *(m.unit for m in bloc.memberships)]):
            known(ref, bloc.at, f"Khối, Cụm {bloc.key}")
    problems.stop()


def circle(ref: str, parents: dict[str, str | None]) -> bool:
    """Whether going up from `ref` ever comes back to it."""
    seen = {ref}
    above = parents.get(ref)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above == ref


# --- writes --------------------------------------------------------------------------------------
def put(
    model: type[models.Model], key: dict[str, Any], values: dict[str, Any], count: Count
) -> Any:
    """Make the row or bring it up to date, and count which."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        count.created += 1
        return model._default_manager.create(**key, **values)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        count.updated += 1
    else:
        count.unchanged += 1
    return row


def generations(rows: list[UnitRow]) -> list[list[UnitRow]]:
    """The rows from the top of the tree down: nobody is written before his parent."""
    by_ref = {row.ref: row for row in rows}

    def depth(row: UnitRow) -> int:
        steps, above = 0, by_ref.get(row.parent)
        while above is not None:
            steps, above = steps + 1, by_ref.get(above.parent)
        return steps

    layers: dict[int, list[UnitRow]] = {}
    for row in rows:
        layers.setdefault(depth(row), []).append(row)
    return [layers[at] for at in sorted(layers)]


def write_units(rows: list[UnitRow], count: Count) -> dict[str, int]:
    """Write the units with names, placements and paths. Returns the key of every unit by ref."""
    known = {unit.ref: unit for unit in Unit.objects.all()}
    keys = {ref: unit.pk for ref, unit in known.items()}
    new, changed, moved = [], set(), []
    for layer in generations(rows):
        fresh = []
        for row in layer:
            values = {
                **row.fields,
                "kind_id": row.kind,
                "parent_id": keys[row.parent] if row.parent else None,
                "folded": fold(f"{row.fields['name']} {row.fields['short_name']}"),
            }
            unit = known.get(row.ref)
            if unit is None:
                fresh.append(Unit(ref=row.ref, **values))
                continue
            differing = [name for name, value in values.items() if getattr(unit, name) != value]
            if differing:
                changed.add(row.ref)
                if "parent_id" in differing:
                    moved.append(row.ref)
                for name in differing:
                    setattr(unit, name, values[name])
                unit.save(update_fields=differing)
        for unit in Unit.objects.bulk_create(fresh):
            keys[unit.ref] = unit.pk
        new += fresh
    for ref in moved:  # from the top down; takes everything below along
        place_unit(Unit.objects.select_related("parent").get(ref=ref))
    write_paths(new)
    mine = {row.ref: keys[row.ref] for row in rows}
    names = {
        mine[row.ref]: [
            (name.name, name.short_name, name.kind, name.valid_from, name.valid_to)
            for name in row.names
        ]
        for row in rows
    }
    name_fields = ("name", "short_name", "kind_id", "valid_from", "valid_to")
    renamed = replace_lines(UnitName, "unit_id", name_fields, names)
    places = {
        mine[row.ref]: [
            (keys[place.parent], place.valid_from, place.valid_to) for place in row.placements
        ]
        for row in rows
    }
    place_fields = ("parent_id", "valid_from", "valid_to")
    replaced = replace_lines(UnitPlacement, "unit_id", place_fields, places)
    made = {unit.ref for unit in new}
    changed |= {ref for ref, pk in mine.items() if pk in renamed | replaced} - made
    count.created, count.updated = len(made), len(changed)
    count.unchanged = len(rows) - len(made) - len(changed)
    return keys


def write_paths(units: list[Unit]) -> None:
    """The paths of new units, given from the top of the tree down."""
    above = {unit.parent_id for unit in units if unit.parent_id}
    paths = dict(Unit.objects.filter(pk__in=above).values_list("pk", "path"))
    for unit in units:
        over = paths[unit.parent_id] if unit.parent_id else ""
        unit.path = paths[unit.pk] = f"{over}{unit.pk}/"
    Unit.objects.bulk_update(units, ["path"], batch_size=500)


def replace_lines(
    model: type[models.Model],
    owner: str,
    fields: Iterable[str],
    wanted: dict[int, list[tuple[Any, ...]]],
) -> set[int]:
    """Make the lines of each owner those wanted. Returns the owners whose lines were not so."""
    fields = tuple(fields)
    stored: dict[int, list[tuple[Any, ...]]] = {pk: [] for pk in wanted}
    manager = model._default_manager
    for pk, *line in manager.filter(**{f"{owner}__in": wanted}).values_list(owner, *fields):
        stored[pk].append(tuple(line))
    order: Callable[[tuple[Any, ...]], list[str]] = lambda line: [str(value) for value in line]  # noqa: E731
    differing = {
        pk for pk in wanted if sorted(stored[pk], key=order) != sorted(wanted[pk], key=order)
    }
    manager.filter(**{f"{owner}__in": differing}).delete()
    manager.bulk_create(
        [
            model(**{owner: pk}, **dict(zip(fields, line, strict=True)))
            for pk in wanted
            if pk in differing
            for line in wanted[pk]
        ]
    )
    return differing


def write_events(rows: list[Described], units: dict[str, int], count: Count) -> None:
    for row in rows:
        own = Count()
        values = {
            "kind": row.fields["kind"],
            "on": row.fields["date"],
            "decision": row.fields["decision"],
            "note": row.fields["note"],
        }
        event = put(UnitEvent, {"ref": row.key}, values, own)
        lines = [
            (units[given["from"]], units[given["to"]], given["how"])
            for given in row.fields["successions"]
        ]
        fields = ("predecessor_id", "successor_id", "how")
        tally(own, replace_lines(UnitSuccession, "event_id", fields, {event.pk: lines}), count)


def write_blocs(rows: list[Described], units: dict[str, int], count: Count) -> None:
    """A year that the file names is replaced whole; other years stay as they are."""
    for row in rows:
        own = Count()
        values = {
            "name": row.fields["name"],
            "kind": row.fields["kind"],
            "organiser_id": units[row.fields["organiser"]],
            "symbol": row.fields["symbol"],
            "is_sample": row.fields["sample"],
        }
        bloc = put(Bloc, {"ref": row.key}, values, own)
        named = {member.year for member in row.memberships}
        kept = bloc.memberships.exclude(year__in=named).values_list("unit_id", "year", "role")
        lines = [(units[member.unit], member.year, member.role) for member in row.memberships]
        fields = ("unit_id", "year", "role")
        wanted = {bloc.pk: [*kept, *lines]}
        tally(own, replace_lines(BlocMembership, "bloc_id", fields, wanted), count)


def tally(own: Count, differing: set[int], count: Count) -> None:
    """Count one thing once, whether it itself or only its lines changed."""
    if own.created:
        count.created += 1
    elif own.updated or differing:
        count.updated += 1
    else:
        count.unchanged += 1
