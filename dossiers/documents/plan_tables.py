"""The clauses of a plan's paper that hold tables: indicators with targets, awards with quotas."""

from collections.abc import Iterable, Sequence
from typing import Any

from awards.models import CompositionRule, Quota, RecipientKind
from campaigns.models import Campaign, Phase
from criteria.models import Group, Indicator
from criteria.queries import rules_of, texts_of
from dossiers.models import DossierRequirement
from dossiers.queries import requirements_of
from dossiers.rules import day_words
from units.rules import decimal_text

Paper = dict[str, Any]
NUMBERS = {
    Quota.Basis.LATER: "phân bổ sau",
    Quota.Basis.UNLIMITED: "không giới hạn",
    Quota.Basis.GUIDANCE: "theo hướng dẫn riêng",
    Quota.Basis.OWN: "theo thẩm quyền",
}


def clause(title: str, text: str = "", **table: Any) -> Paper:
    """A clause of a part: paragraphs, then at most one table and one list."""
    return {
        "title": title, "text": text, "lines": [], "indicators": [], "quotas": [], "kinds": [],
        "with_leads": False, "scores": [], **table,
    }  # fmt: skip


def when(phase: Phase) -> str:
    held = f"ngày {day_words(phase.held_on)}" if phase.held_on else phase.held_text
    return f": {held[:1].lower()}{held[1:]}" if held else ""


# --- indicators ----------------------------------------------------------------------------------
def groups_of(campaign: Campaign) -> list[Paper]:
    """A table a group that has targets, a list for one that is judged by words alone."""
    rows: dict[int, list[Indicator]] = {}
    asked = list(
        Indicator.objects.filter(criteria_set=campaign.criteria_set_id, is_default=False)
        .select_related("lead_unit", "derived_from")
        .prefetch_related("co_units")
    )
    for row in asked:
        rows.setdefault(row.group_id, []).append(row)
    rules = rules_of(asked)
    groups = Group.objects.filter(criteria_set=campaign.criteria_set_id, pk__in=rows)
    return [
        _group(group, [_indicator(row, texts_of(row, rules[row.pk])) for row in rows[group.pk]])
        for group in groups
    ]


def _group(group: Group, rows: list[Paper]) -> Paper:
    if any(row["targets"] for row in rows):
        leads = any(row["leads"] for row in rows)
        return clause(group.name, indicators=_under_headings(rows), with_leads=leads)
    return clause(group.name, lines=[row["name"] for row in rows])


def _under_headings(rows: Iterable[Paper]) -> list[Paper]:
    """Each row says whether a heading comes before it."""
    found, heading = [], ""
    for row in rows:
        found.append(row | {"heading": row["heading"] if row["heading"] != heading else ""})
        heading = row["heading"]
    return found


def _indicator(row: Indicator, targets: list[tuple[str, str]]) -> Paper:
    exclusion = f" (trừ {row.exclusion[:1].lower()}{row.exclusion[1:]})" if row.exclusion else ""
    co_units = ", ".join(unit.short_name or unit.name for unit in row.co_units.all())
    lead = (row.lead_unit.short_name or row.lead_unit.name) if row.lead_unit else ""
    return {
        "code": row.code,
        "heading": row.heading,
        "name": f"{row.name}{exclusion}",
        "targets": [f"{whom}: {text}" if whom else text for whom, text in targets],
        "leads": [*filter(None, [lead]), *([f"phối hợp: {co_units}"] if co_units else [])],
    }


# --- awards --------------------------------------------------------------------------------------
def awards_of(campaign: Campaign) -> list[Paper]:
    quotas = list(
        Quota.objects.filter(campaign=campaign)
        .select_related("phase", "award_form")
        .order_by("phase__order", "order", "pk")
    )
    clauses = []
    if quotas:
        kinds = [kind for kind in RecipientKind if any(q.recipient_kind == kind for q in quotas)]
        clauses.append(
            clause(
                "Hình thức, số lượng khen thưởng",
                _composition(campaign),
                quotas=_quota_rows(quotas, kinds),
                kinds=[kind.label.capitalize() for kind in kinds],
            )
        )
    if papers := list(requirements_of(campaign)) if quotas else []:
        clauses.append(_papers(papers))
    return clauses


def _quota_rows(quotas: Sequence[Quota], kinds: Sequence[RecipientKind]) -> list[Paper]:
    """One row a phase and form; the numbers of collectives, individuals, households beside it."""
    rows: dict[tuple[int, int, bool], list[Quota]] = {}
    for quota in quotas:
        rows.setdefault((quota.phase_id, quota.award_form_id, quota.upward), []).append(quota)
    found, phase = [], 0
    for (of_phase, _, upward), same in rows.items():
        first = same[0]
        heading = f"{first.phase.name}{when(first.phase)}" if of_phase != phase else ""
        cells = [
            next((_number(quota) for quota in same if quota.recipient_kind == kind), "")
            for kind in kinds
        ]
        form = f"{first.award_form.name}{' (đề nghị cấp trên)' if upward else ''}"
        found.append({"heading": heading, "form": form, "cells": cells})
        phase = of_phase
    return found


def _number(quota: Quota) -> str:
    if quota.number is None:
        return NUMBERS[Quota.Basis(quota.basis)]
    return f"{'không quá ' if quota.is_ceiling else ''}{decimal_text(quota.number)}"


def _composition(campaign: Campaign) -> str:
    rows = CompositionRule.objects.filter(campaign=campaign).order_by("pk")
    said = [
        f"{rule.get_counts_display()} {rule.get_operator_display()} "
        f"{decimal_text(rule.percent.normalize())}% {rule.get_base_display()}"
        for rule in rows
    ]
    return f"Cơ cấu danh sách đề nghị: {'; '.join(said)}." if said else ""


def _papers(papers: Sequence[DossierRequirement]) -> Paper:
    title = "Hồ sơ đề nghị khen thưởng"
    if all(paper.is_default for paper in papers):
        return clause(title, "Theo quy định của pháp luật về thi đua, khen thưởng.")
    copies = max(paper.copies for paper in papers)
    original = " (bản chính)" if all(paper.original for paper in papers) else ""
    return clause(
        title, f"Số lượng {copies:02} bộ{original}, gồm:", lines=[_paper(row) for row in papers]
    )


def _paper(row: DossierRequirement) -> str:
    form = row.form
    more = [
        f"{form.code} ban hành kèm theo {form.basis}" if form and form.basis else "",
        form.code if form and not form.basis else "",
        f"có xác nhận của {row.confirmation}" if row.confirmation else "",
        "nếu có" if not row.required and "nếu có" not in row.title else "",
    ]
    said = "; ".join(filter(None, more))
    return f"{row.title} ({said})" if said else row.title
