"""What only the other files of a load and the database can tell: names that meet nothing."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from awards.models import AwardForm, Quota
from campaigns.models import Campaign
from config.planfile.checks import named_code
from config.planfile.schema import Path
from config.planfile.walking import (
    Error,
    Row,
    day,
    indicators,
    listed,
    rows,
    shown,
    targets,
    text,
)
from criteria.models import Indicator
from criteria.queries import quoted_indicators
from dossiers.models import PaperForm
from units.models import Bloc, Level, Unit, UnitKind
from units.rules import REF_PATTERN


@dataclass(frozen=True)
class Above:
    """What a child plan asks of its parent: days, quotas (form, recipients), indicators."""

    first: date | None
    last: date | None
    quotas: dict[str, tuple[str, str]] = field(default_factory=dict)
    indicators: set[str] = field(default_factory=set)


@dataclass
class Known:
    """Every ref that a plan may name, read once for all files of a load."""

    units: dict[str, Unit]
    blocs: dict[str, Bloc]
    levels: dict[str, Level]
    unit_kinds: dict[str, UnitKind]
    regions: set[str]
    award_forms: dict[str, AwardForm]
    paper_forms: dict[str, PaperForm]
    plans: dict[str, Above]
    quoted: dict[str, dict[str, str]] = field(default_factory=dict)  # set → code → kind

    @classmethod
    def read(cls) -> "Known":
        units = {unit.ref: unit for unit in Unit.objects.all()}
        plans = {
            plan.ref: Above(plan.period_from, plan.period_to) for plan in Campaign.objects.all()
        }
        for quota in Quota.objects.select_related("campaign", "award_form"):
            plans[quota.campaign.ref].quotas[quota.ref] = (
                quota.award_form.ref,
                quota.recipient_kind,
            )
        sets = dict(Campaign.objects.values_list("criteria_set", "ref"))
        for of, ref in Indicator.objects.values_list("criteria_set", "ref"):
            if of in sets:
                plans[sets[of]].indicators.add(ref)
        quoted: dict[str, dict[str, str]] = {}
        for (of, code), row in quoted_indicators().items():
            quoted.setdefault(of, {})[code] = row.kind
        return cls(
            units=units,
            blocs={bloc.ref: bloc for bloc in Bloc.objects.select_related("organiser")},
            levels={level.code: level for level in Level.objects.all()},
            unit_kinds={kind.code: kind for kind in UnitKind.objects.all()},
            regions={tag for unit in units.values() for tag in unit.tags},
            award_forms={form.ref: form for form in AwardForm.objects.all()},
            paper_forms={form.ref: form for form in PaperForm.objects.all()},
            plans=plans,
            quoted=quoted,
        )

    def add(self, data: Row) -> None:
        """A plan of the same load counts as known, and stands before its older self."""
        period = data.get("period")
        self.plans[text(data, "ref")] = Above(
            day(period, "from"),
            day(period, "to"),
            {
                text(row, "ref"): (text(row, "form"), text(row, "recipients"))
                for _, row in rows(data, "awards", "quotas")
            },
            {text(row, "ref") for _, row in indicators(data)},
        )


def outer_errors(data: Row, known: Known) -> Iterator[Error]:
    """Names that meet nothing, and what does not fit the plan above."""
    kinds: dict[str, tuple[Collection[str], str]] = {
        "unit": (known.units, "đơn vị"),
        "bloc": (known.blocs, "Khối, Cụm"),
        "level": (known.levels, "cấp"),
        "unit_kind": (known.unit_kinds, "loại đơn vị"),
        "region": (known.regions, "nhãn vùng"),
        "award_form": (known.award_forms, "hình thức khen thưởng"),
        "paper_form": (known.paper_forms, "mẫu văn bản"),
    }
    for path, kind, ref in _named(data):
        have, noun = kinds[kind]
        if ref not in have:
            yield path, f"không có {noun} “{ref}” trên cổng; {_way_out(kind, ref, have)}"
    for path, row in indicators(data):
        for key in ("derive", "external"):
            for field_key, problem in _code_errors(row, key, known.quoted):
                yield (*path, key, field_key), problem
    parent = text(data, "parent")
    if parent and parent not in known.plans:
        yield (
            ("parent",),
            (
                f"không có kế hoạch “{parent}” trên cổng và trong các tệp đang nạp; nạp cùng tệp "
                "của kế hoạch đó, hoặc ghi parent_document."
            ),
        )
    elif parent:
        yield from _under(data, known.plans[parent])


def _code_errors(
    row: Row, key: str, quoted: dict[str, dict[str, str]]
) -> Iterator[tuple[str, str]]:
    """A code of another set: of one on the portal it must be there, and of the same kind; a set
    that is no ref is no more than a name."""
    of, code = named_code(row.get(key))
    if not of or not (key == "derive" or re.fullmatch(REF_PATTERN, of)):
        return
    if of not in quoted:
        yield "set", f"không có bộ tiêu chí “{of}” trên cổng; đang có: {listed(quoted)}."
    elif code not in quoted[of]:
        yield "code", f"bộ “{of}” không có chỉ tiêu “{code}”; các mã: {listed(quoted[of])}."
    elif key == "external" and text(row, "kind") == "derived":
        yield "set", f"tiêu chí tính từ đơn vị khác thì ghi bộ “{of}” và mã “{code}” ở derive."
    elif key == "external" and text(row, "kind") != quoted[of][code]:
        yield "code", f"chỉ tiêu “{code}” của bộ “{of}” là loại {quoted[of][code]}; ghi cùng loại."


def _way_out(kind: str, ref: str, have: Any) -> str:
    if kind == "unit":
        area = ref.rpartition(".")[0]
        near = [name for name in have if area and name.rpartition(".")[0] == area]
        if 0 < len(near) <= 30:
            return f"đơn vị cùng cấp trên đang có: {listed(near)}."
        return "sửa mã, hoặc thêm đơn vị bằng import_units."
    return f"đang có: {listed(have)}."


def _under(data: Row, above: Above) -> Iterator[Error]:
    period = data.get("period")
    first, last = day(period, "from"), day(period, "to")
    early = first and above.first and first < above.first
    if early or (last and above.last and last > above.last):
        yield (
            ("period",),
            (
                f"{shown(first)} – {shown(last)} nằm ngoài thời gian của kế hoạch cấp trên "
                f"({shown(above.first)} – {shown(above.last)})."
            ),
        )
    for path, row in rows(data, "parent_indicators"):
        ref = text(row, "indicator")
        if ref and ref not in above.indicators:
            yield (
                (*path, "indicator"),
                f"kế hoạch cấp trên không có tiêu chí “{ref}”; các mã: {listed(above.indicators)}.",
            )
    for path, row in rows(data, "awards", "quotas"):
        quota = text(row.get("parent"), "quota")
        at = (*path, "parent", "quota")
        if quota and quota not in above.quotas:
            yield (
                at,
                (f"kế hoạch cấp trên không có số lượng “{quota}”; các mã: {listed(above.quotas)}."),
            )
        elif quota and above.quotas[quota] != (text(row, "form"), text(row, "recipients")):
            form, recipients = above.quotas[quota]
            yield (
                at,
                (
                    f"số lượng cấp trên “{quota}” là {form}, {recipients}; phải cùng hình thức và "
                    "cùng đối tượng."
                ),
            )


def _named(data: Row) -> Iterator[tuple[Path, str, str]]:
    """Every name of something outside the plan: where, what kind of thing, its ref."""

    def one(row: Row, path: Path, key: str, kind: str) -> Iterator[tuple[Path, str, str]]:
        if ref := text(row, key):
            yield (*path, key), kind, ref

    def many(row: Row, path: Path, key: str, kind: str) -> Iterator[tuple[Path, str, str]]:
        value = row.get(key)
        for index, ref in enumerate(value if isinstance(value, list) else ()):
            if isinstance(ref, str):
                yield (*path, key, index), kind, ref

    here: list[tuple[Callable[..., Any], Row, Path, str, str]] = [
        (one, data, (), "level", "level"),
        (one, data, (), "issuer", "unit"),
        (one, data, (), "bloc", "bloc"),
        (one, data, (), "standing_agency", "unit"),
    ]
    for key in ("assignments", "route"):
        here += [(one, row, path, "unit", "unit") for path, row in rows(data, key)]
    for path, row in rows(data, "groups"):
        here += [
            (many, row, path, "unit_kinds", "unit_kind"),
            (many, row, path, "units", "unit"),
        ]
    for path, row in indicators(data):
        here += [(one, row, path, "lead", "unit"), (many, row, path, "assist", "unit")]
    for path, row, _ in targets(data):
        here += [
            (one, row, path, "level", "level"),
            (one, row, path, "unit_kind", "unit_kind"),
            (one, row, path, "unit", "unit"),
            (one, row, path, "region", "region"),
        ]
    for path, row in rows(data, "awards", "quotas"):
        here += [(one, row, path, "form", "award_form"), (one, row, path, "decider", "unit")]
    here += [(one, row, path, "form", "paper_form") for path, row in rows(data, "dossier")]
    here += [(one, row, path, "to", "unit") for path, row in rows(data, "duties")]
    for find, row, path, key, kind in here:
        yield from find(row, path, key, kind)
