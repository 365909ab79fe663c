"""A plan of the portal as a file again: load → dump → load changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from awards.models import CompositionRule, Quota
from campaigns.models import (
    Amendment,
    Assignment,
    Campaign,
    LegalBasis,
    ParentIndicator,
    Period,
    Phase,
    Recipient,
    Remark,
    ReportingDuty,
    RouteStep,
    Section,
)
from config.planfile.canonical import canonical, sparse
from config.planfile.scoring import tables_data
from criteria.models import Group, Indicator, Target
from dossiers.models import DossierRequirement
from dossiers.services.plans import DEFAULT_PARTS

HEAD = "# {title}\n# Giải thích từng khóa: plan-example.yaml; dạng tệp: plan.schema.json.\n"


def plan_text(campaign: Campaign) -> str:
    """The plan as YAML, without the keys that a file need not say."""
    return HEAD.format(title=campaign.short_title) + yaml_text(sparse(plan_data(campaign)))


def yaml_text(plan: dict[str, Any]) -> str:
    return yaml.dump(plan, Dumper=PlanDumper, allow_unicode=True, sort_keys=False, width=100)


def plan_data(campaign: Campaign) -> dict[str, Any]:
    """The canonical form of a plan, read from the tables.

    A closed plan is an issued one to its file.
    """
    state = Campaign.State
    return canonical(
        {
            "format": "thidua-plan/1",
            "ref": campaign.ref,
            "state": state.DRAFT if campaign.state == state.DRAFT else state.ISSUED,
            "title": campaign.title,
            "short_title": campaign.short_title,
            "theme": campaign.theme,
            "method": campaign.method,
            "level": campaign.level_id,
            "issuer": None if campaign.bloc else campaign.issuer.ref,
            "bloc": _ref(campaign.bloc),
            "standing_agency": _ref(campaign.standing_agency),
            "parent": _ref(campaign.parent),
            "parent_document": campaign.parent_document,
            "leads_first": campaign.leads_first,
            "document": {
                "type": campaign.document_type,
                "number": campaign.doc_number,
                "symbol": campaign.doc_symbol,
                "issued_on": campaign.issued_on,
                "issued_text": campaign.issued_text,
                "place": campaign.place,
                "signing_capacity": campaign.signing_capacity,
                "signer_title": campaign.signer_title,
                "signer_name": campaign.signer_name,
            },
            "period": {
                "from": campaign.period_from,
                "to": campaign.period_to,
                "outlook": campaign.outlook,
            },
            **_text(campaign),
            **_calendar(campaign),
            "groups": _groups(campaign.criteria_set_id),
            "scoring": tables_data(campaign.criteria_set_id),
            "awards": _awards(campaign),
            "dossier": _dossier(campaign),
        }
    )


def _ref(row: Any) -> str | None:
    return row.ref if row else None


def _rows(queryset: Any, **fields: str) -> list[dict[str, Any]]:
    """Each row as a mapping: key of the file → column (through relations with `__`)."""
    return [
        dict(zip(fields, values, strict=True)) for values in queryset.values_list(*fields.values())
    ]


def _text(campaign: Campaign) -> dict[str, Any]:
    def lines(model: Any, **fields: str) -> list[dict[str, Any]]:
        return _rows(model.objects.filter(campaign=campaign), **fields)

    return {
        "remarks": lines(Remark, heading="heading", text="text"),
        "legal_bases": lines(LegalBasis, code="code", issued_on="issued_on", text="text"),
        "sections": lines(Section, kind="kind", heading="heading", text="text"),
        "assignments": lines(Assignment, unit="unit__ref", body="body", part="part", text="text"),
        "route": lines(RouteStep, unit="unit__ref", text="text"),
        "recipients": [row["text"] for row in lines(Recipient, text="text")],
        "parent_indicators": lines(
            ParentIndicator,
            indicator="parent_indicator__ref",
            way="way",
            by="indicator__ref",
            text="text",
        ),
    }


def _calendar(campaign: Campaign) -> dict[str, Any]:
    def rows(model: Any, **fields: str) -> list[dict[str, Any]]:
        return _rows(model.objects.filter(campaign=campaign), ref="ref", **fields)

    duties = rows(
        ReportingDuty,
        what="what",
        name="name",
        rhythm="rhythm",
        relation="relation",
        day="day",
        month="month",
        on="on",
        due_text="due_text",
        owed_by="owed_by",
        to="owed_to__ref",
        to_text="owed_to_text",
    )
    owing = _links(ReportingDuty.groups.through, "reportingduty__ref", "group__ref", campaign)
    return {
        "phases": rows(
            Phase,
            kind="kind",
            name="name",
            **{"from": "period_from", "to": "period_to"},
            held_on="held_on",
            held_text="held_text",
            note="note",
        ),
        "periods": rows(
            Period,
            kind="kind",
            name="name",
            **{"from": "period_from", "to": "period_to"},
            closes_on="closes_on",
        ),
        "duties": [{**duty, "groups": owing[duty["ref"]]} for duty in duties],
        "amendments": _rows(
            Amendment.objects.filter(campaign=campaign),
            document="document",
            in_force_from="in_force_from",
            reason="reason",
        ),
    }


def _links(through: Any, owner: str, linked: str, campaign: Campaign) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in through.objects.filter(
        **{f"{owner.partition('__')[0]}__campaign": campaign}
    ).values_list(owner, linked):
        found[key].append(value)
    return found


def _groups(criteria_set: int) -> list[dict[str, Any]]:
    groups = Group.objects.filter(criteria_set=criteria_set)
    indicators: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Indicator.objects.filter(criteria_set=criteria_set).select_related(
        "of_which", "derived_from__criteria_set", "quotes__criteria_set", "lead_unit"
    )
    targets = _targets(criteria_set)
    for row in rows.prefetch_related("co_units", "levels"):
        indicators[row.group_id].append(_indicator(row, targets[row.pk]))
    return [
        {
            "ref": group.ref,
            "name": group.name,
            "subject_kind": group.subject_kind,
            "measured": group.measured,
            "unit_kinds": [kind.code for kind in group.unit_kinds.all()],
            "units": [unit.ref for unit in group.units.all()],
            "note": group.note,
            "indicators": indicators[group.pk],
        }
        for group in groups.prefetch_related("unit_kinds", "units")
    ]


def _targets(criteria_set: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(
        Target.objects.filter(indicator__criteria_set=criteria_set),
        indicator="indicator",
        level="level",
        unit_kind="unit_kind",
        unit="unit__ref",
        region="region",
        year="year",
        basis="basis",
        op="operator",
        value="value",
        value_to="value_to",
        **{"from": "in_force_from"},
        decision="decision",
        reason="reason",
        note="note",
    ):
        found[row.pop("indicator")].append(row)
    return found


def _indicator(row: Indicator, targets: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "code": row.code,
        "heading": row.heading,
        "name": row.name,
        "short_name": row.short_name,
        "kind": row.kind,
        "measure_unit": row.measure_unit,
        "numerator": row.numerator_label,
        "denominator": row.denominator_label,
        "numbers": row.numbers,
        "sum_of": row.sum_of,
        "sum_rule": row.sum_rule,
        "sum_grade": row.sum_grade,
        "exclusion": row.exclusion,
        "cumulative": row.cumulative,
        "of_which": _ref(row.of_which),
        "derive": _derive(row),
        "external": _external(row),
        "lead": _ref(row.lead_unit),
        "assist": [unit.ref for unit in row.co_units.all()],
        "evidence_required": row.evidence_required,
        "default": row.is_default,
        "source": row.source,
        "rubric": [
            {"ref": level.ref, "name": level.name, "text": level.text, "met": level.is_met}
            for level in row.levels.all()
        ],
        "targets": targets,
    }


def _derive(row: Indicator) -> dict[str, str] | None:
    source = row.derived_from
    if source is None:
        return None
    if source.criteria_set_id == row.criteria_set_id:
        return {"how": row.derivation, "from": source.ref}
    return {"how": row.derivation, "set": source.criteria_set.ref, "code": source.code}


def _external(row: Indicator) -> dict[str, str] | None:
    if not row.external_code:
        return None
    named = row.quotes.criteria_set.ref if row.quotes else row.external_set
    return {"code": row.external_code, "set": named}


def _awards(campaign: Campaign) -> dict[str, Any]:
    quotas = Quota.objects.filter(campaign=campaign).order_by("order", "pk")
    quotas = quotas.select_related("phase", "award_form", "parent__campaign", "decider")
    return {
        "quotas": [
            {
                "ref": quota.ref,
                "phase": quota.phase.ref,
                "form": quota.award_form.ref,
                "recipients": quota.recipient_kind,
                "basis": quota.basis,
                "number": quota.number,
                "ceiling": quota.is_ceiling,
                "upward": quota.upward,
                "parent": {"plan": quota.parent.campaign.ref, "quota": quota.parent.ref}
                if quota.parent
                else None,
                "decider": _ref(quota.decider),
                "note": quota.note,
            }
            for quota in quotas
        ],
        "composition": _rows(
            CompositionRule.objects.filter(campaign=campaign).order_by("pk"),
            ref="ref",
            counts="counts",
            op="operator",
            percent="percent",
            base="base",
            rounding="rounding",
            note="note",
        ),
    }


def _dossier(campaign: Campaign) -> list[dict[str, Any]] | str:
    parts = _rows(
        DossierRequirement.objects.filter(campaign=campaign),
        ref="ref",
        part="part",
        title="title",
        required="required",
        copies="copies",
        original="original",
        form="form__ref",
        confirmation="confirmation",
        default="is_default",
        note="note",
    )
    rows = [
        {key: value or "" if key == "form" else value for key, value in row.items()}
        for row in parts
    ]
    return "default" if rows == list(DEFAULT_PARTS) else parts


# --- YAML ----------------------------------------------------------------------------------------
class PlanDumper(yaml.SafeDumper):
    """Dates and decimals as their own text, long texts readable, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _decimal_node(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    kind = "int" if value == value.to_integral_value() else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", f"{value:f}")


def _date_node(dumper: yaml.SafeDumper, value: date) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


def _short_rows(items: Iterable[Any]) -> bool:
    return all(isinstance(item, str) and len(item) < 40 for item in items)


def _list_node(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    flow = _short_rows(value) and len(value) < 12 and sum(map(len, value)) < 80
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flow)


PlanDumper.add_representer(str, _text_node)
PlanDumper.add_representer(Decimal, _decimal_node)
PlanDumper.add_representer(date, _date_node)
PlanDumper.add_representer(list, _list_node)
