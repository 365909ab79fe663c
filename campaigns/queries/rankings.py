"""The ranking of one group in one period: from the last layer, beside what was published."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

from campaigns.models import Participation, Period, Ranking, ScoreSheet
from campaigns.queries.rescoring import Behind, layers_behind
from campaigns.queries.scores import (
    SCORE_RELATED,
    Scoring,
    gates_hit,
    members_in,
    scored,
    scorings,
    tables_of_members,
)
from criteria.models import ScoreTable
from criteria.rules import (
    Contender,
    Place,
    Total,
    Yardstick,
    amended_sentence,
    band_for,
    disqualified_by,
    ranked,
    rounded,
    stamps_of,
    telling_digits,
    total_of,
)
from units.models import Unit
from units.rules import decimal_text


@dataclass(frozen=True)
class RankLine:
    """One unit of the ranking. `gates` are (name, why) of those that hold against it."""

    unit: Unit
    sheet: ScoreSheet
    total: Total
    shown: str
    place: Place | None = None
    band: str = ""
    admits: bool = False
    gates: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Equals:
    """Units whose order a meeting gives, or has given."""

    lines: list[RankLine]
    settled: bool


@dataclass(frozen=True)
class RankStandings:
    """Everything that the ranking of one table says now."""

    table: ScoreTable
    ranked: list[RankLine]
    disqualified: list[RankLine]
    missing: list[tuple[Unit, list[str]]]
    behind: list[Behind]  # what counts and results or targets of now would give otherwise
    revisions: dict[str, int]
    results: dict[str, int]
    targets: dict[str, Yardstick]  # of the indicators that the table reads
    published: list[Ranking]

    @property
    def waiting(self) -> list[RankLine]:
        """Equals whose order a meeting must give."""
        return [line for line in self.ranked if line.place and line.place.waits]

    @property
    def equals(self) -> list[Equals]:
        """Every such group, in the order of its rank."""
        asked = [line for line in self.ranked if line.place and line.place.tie]
        groups = groupby(asked, key=lambda line: line.place.tie if line.place else 0)
        return [Equals(rows := list(group), rows[0] not in self.waiting) for _, group in groups]

    @property
    def latest(self) -> Ranking | None:
        return self.published[0] if self.published else None

    @property
    def changed(self) -> bool:
        """Whether a score, or a result that was read, changed since the ranking was published."""
        if self.latest is None:
            return False
        read = self.latest.snapshot
        return bool(read["sheets"] != self.revisions or read["results"] != self.results)

    @property
    def amended(self) -> str:
        """Which amendment changed what is asked in the period since then, in a sentence."""
        kept = self.latest.snapshot.get("targets", {}) if self.latest else {}
        return amended_sentence(self.targets, kept, "sau lần công bố này")

    @property
    def stale(self) -> bool:
        return self.changed or bool(self.amended)

    @property
    def digest(self) -> str:
        """Stands for what the page shows: the form to publish carries it back."""
        text = json.dumps(self.snapshot(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def snapshot(self) -> dict[str, Any]:
        """What is frozen when it is published, as plain values."""
        return {
            "table": self.table.name,
            "sheets": self.revisions,
            "results": self.results,
            "targets": stamps_of(self.targets),
            "rows": [_plain(line) for line in self.ranked],
            "disqualified": [_plain(line) for line in self.disqualified],
        }


def _plain(line: RankLine) -> dict[str, Any]:
    place = line.place
    return {
        "unit": line.unit.name,
        "ref": line.unit.ref,
        "total": line.shown,
        "place": place.place if place else None,
        "shared": bool(place and place.shared),
        "why": place.why if place else "",
        "band": line.band,
        "admits": line.admits,
        "gates": [f"{name}: {why}" for name, why in line.gates],
    }


def ranking_of(period: Period) -> list[RankStandings]:
    """The ranking of every table that scores somebody in the period, each inside its own group.

    Needs `campaign` selected. The number of SQL queries depends on the tables, not on the units.
    """
    members = members_in(period)
    tables = tables_of_members(period, members)
    sheets = {
        sheet.participation_id: sheet
        for sheet in ScoreSheet.objects.filter(period=period).select_related(*SCORE_RELATED)
    }
    published: dict[int, list[Ranking]] = {}
    for row in Ranking.objects.filter(period=period).select_related("published_by"):
        published.setdefault(row.table_id, []).append(row)
    used = {sheet.table_id for sheet in sheets.values()}
    used |= {table.pk for table in tables.values()}
    wanted = ScoreTable.objects.filter(pk__in=used).select_related("group")
    return [
        _standings(
            table,
            [part for part in members if _table_pk(part, sheets, tables) == table.pk],
            sheets,
            published.get(table.pk, []),
        )
        for table in wanted
    ]


def _table_pk(
    part: Participation, sheets: dict[int, ScoreSheet], tables: dict[int, ScoreTable]
) -> int | None:
    if part.pk in sheets:
        return sheets[part.pk].table_id
    return tables[part.pk].pk if part.pk in tables else None


def _standings(
    table: ScoreTable,
    members: Sequence[Participation],
    sheets: dict[int, ScoreSheet],
    published: list[Ranking],
) -> RankStandings:
    mine = [sheets[part.pk] for part in members if part.pk in sheets]
    read = scorings(mine)
    missing = [
        (part.unit, read[sheets[part.pk].pk].missing if part.pk in sheets else ["chưa mở phiếu"])
        for part in members
    ]
    missing = [(unit, layers) for unit, layers in missing if layers]
    late = {unit.pk for unit, _ in missing}
    whole = [one for one in read.values() if one.sheet.participation.unit_id not in late]
    lines = _lines(whole)
    return RankStandings(
        table=table,
        ranked=sorted((line for line in lines if line.place), key=lambda one: _order(one, lines)),
        disqualified=[line for line in lines if line.place is None],
        missing=missing,
        behind=[behind for one in read.values() for behind in layers_behind(one)],
        revisions={str(sheet.pk): sheet.revision for sheet in mine},
        results={
            str(results.pk): results.revision
            for one in read.values()
            if one.reads_results and (results := one.facts.sheet)
        },
        targets={str(one.sheet.period_id): one.facts.yardstick for one in read.values()},
        published=published,
    )


def _order(line: RankLine, lines: Sequence[RankLine]) -> tuple[int, str]:
    return (line.place.place if line.place else len(lines), line.unit.name)


def _lines(read: Iterable[Scoring]) -> list[RankLine]:
    """Every unit with all layers in: its place, or none where a gate shuts it out."""
    rows = []
    for scoring in read:
        values = scoring.together(scoring.table.layers[-1])
        hit = gates_hit(scoring)
        rows.append((scoring, total_of(scoring.table, scored(values)), hit))
    if not rows:
        return []
    table = rows[0][0].table
    places = {
        place.key: place
        for place in ranked(
            [
                _contender(scoring, total)
                for scoring, total, hit in rows
                if not disqualified_by(table, hit)
            ],
            table.ties,
            tie_end=table.tie_end,
            decided_places=table.decided_places,
        )
    }
    digits = telling_digits([total.total for _, total, _ in rows], table.rounding.digits)
    points = {scoring.sheet.pk: rounded(total.total, digits) for scoring, total, _ in rows}
    digits = max(_decimals(value) for value in points.values())  # one column, one length
    names = {gate.ref: gate.name for gate in table.gates}
    made = []
    for scoring, total, hit in rows:
        sheet = scoring.sheet
        band = band_for(total.total, table, hit)
        made.append(
            RankLine(
                unit=sheet.participation.unit,
                sheet=sheet,
                total=total,
                shown=decimal_text(points[sheet.pk], digits),
                place=places.get(sheet.pk),
                band=band.name if band and sheet.pk in places else "",
                admits=bool(band and band.admits and sheet.pk in places),
                gates=[(names[ref], why) for ref, why in hit.items()],
            )
        )
    return made


def _decimals(value: Decimal) -> int:
    """How many digits stand after the comma, needless noughts left out."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def _contender(scoring: Scoring, total: Total) -> Contender:
    facts = scoring.facts
    figures: dict[str, Fraction | None] = {
        ref: facts.measured(ref).exact for ref in facts.indicators
    }
    sheet = scoring.sheet
    return Contender(
        sheet.pk,
        sheet.participation.unit.name,
        total.total,
        total.penalty,
        total.parts,
        figures,
        sheet.tie_place,
    )
