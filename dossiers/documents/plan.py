"""A plan as the paper that is signed (templates/print/plan.html), from what the tables hold.

The parts stand in the order of the plan's own sections; indicators, quotas and assignments come
where such a paper has them. What the portal added for itself (remarks, notes, default questions)
is not printed, and what the plan leaves open is left open.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from awards.models import CompositionRule, Quota, RecipientKind
from campaigns.models import (
    Assignment,
    Campaign,
    LegalBasis,
    Phase,
    Recipient,
    ReportingDuty,
    RouteStep,
    Section,
)
from criteria.models import Group, Indicator
from criteria.queries import rules_of, texts_of
from dossiers import pdf
from dossiers.documents.offices import Office, offices_of
from dossiers.documents.scoring import scoring_tables
from dossiers.models import DossierRequirement
from dossiers.queries import names_on, requirements_of
from dossiers.rules import basis_line, day_words
from units.rules import decimal_text

Paper = dict[str, Any]
Kind = Section.Kind
ARCHIVE = "Lưu:"
PEOPLES_COMMITTEE = "ubnd-"  # a people's committee stands at the head of its papers alone
ORDER = (Kind.PURPOSE, Kind.SCOPE, Kind.CONTENT, Kind.AWARDS, Kind.SCHEDULE, Kind.ORGANISATION)
HEADINGS = {
    Kind.SCOPE: "Chủ đề, thời gian thực hiện",
    Kind.AWARDS: "Khen thưởng",
    Kind.SCHEDULE: "Tiến độ thực hiện",
    Kind.ORGANISATION: "Tổ chức thực hiện",
}
NUMBERS = {
    Quota.Basis.LATER: "phân bổ sau",
    Quota.Basis.UNLIMITED: "không giới hạn",
    Quota.Basis.GUIDANCE: "theo hướng dẫn riêng",
    Quota.Basis.OWN: "theo thẩm quyền",
}


def print_plan(campaign: Campaign, *, now: datetime) -> pdf.Pdf:
    """The plan as PDF; a draft says so at the top of each page.

    Needs issuer, bloc, parent and standing agency selected.
    """
    paper = plan_paper(campaign, today=timezone.localdate(now))
    return pdf.render(
        "print/plan.html",
        paper,
        title=f"{campaign.document_type} {campaign.number_text}".strip(),
        author=paper["agency_name"],
        subject=campaign.title,
        created_at=now,
    )


def plan_paper(campaign: Campaign, *, today: date) -> Paper:
    """What the print template asks for, offices under their names of the day of issue."""
    draft = campaign.state == Campaign.State.DRAFT
    day = campaign.issued_on or (today if draft else campaign.period_from)
    office = offices_of([campaign.issuer_id], day)[campaign.issuer_id]
    bloc = campaign.bloc
    agency = bloc.name if bloc else office.name
    parent = names_on([campaign.issuer], day)[campaign.issuer_id][1] if bloc else office.parent
    if not bloc and campaign.issuer.kind_id.startswith(PEOPLES_COMMITTEE):
        parent = ""
    recipients = list(Recipient.objects.filter(campaign=campaign).values_list("text", flat=True))
    archived = [text.removeprefix(ARCHIVE).strip(" .") for text in recipients if _archive(text)]
    title = _in_a_sentence(campaign.title, campaign.document_type)
    kind = campaign.document_type
    return {
        "is_sample": campaign.is_sample,
        "is_draft": draft,
        "parent_agency": parent,
        "agency": agency,
        "agency_name": agency,
        "number": campaign.doc_number or None,
        "symbol": campaign.doc_symbol or _symbol(campaign, office),
        "place": campaign.place or office.place,
        "signed_on": campaign.issued_on,
        "year": _year(campaign, today),
        "kind": kind,
        "subject": campaign.title,
        "form": "",
        "addressed_to": [],
        "legal_bases": _bases(campaign),
        "recipients": [text.rstrip(" .;") for text in recipients if not _archive(text)],
        "archive": archived[0] if archived else "VT",
        "signature": _signature(campaign),
        "intro": f"{agency} ban hành {kind} {title} với các nội dung như sau:",
        "parts": _parts(campaign),
        "closing": f"Trên đây là {kind} {title}. {_difficulties(campaign, agency)}",
    }


# --- head and foot -------------------------------------------------------------------------------
def _archive(recipient: str) -> bool:
    return recipient.startswith(ARCHIVE)


def _in_a_sentence(title: str, kind: str) -> str:
    """A title as it stands behind the kind of document, which it may say again itself."""
    bare = title.removeprefix(kind).strip() or title
    return bare[:1].lower() + bare[1:]


def _symbol(campaign: Campaign, office: Office) -> str:
    """KH and the agency's own abbreviation; a plan of another kind waits for its symbol."""
    if campaign.document_type != Campaign._meta.get_field("document_type").default:
        return ""
    symbol = campaign.bloc.symbol if campaign.bloc else office.symbol
    return f"KH-{symbol}" if symbol else "KH"


def _year(campaign: Campaign, today: date) -> int:
    """The year printed while the day is open: what the plan says of it, or when it begins."""
    named = [int(word) for word in campaign.issued_text.split() if word.isdigit()]
    years = [number for number in named if number > 1900]
    drafted = campaign.state == Campaign.State.DRAFT
    return next(iter(years), today.year if drafted else campaign.period_from.year)


def _bases(campaign: Campaign) -> list[str]:
    """Every basis in a line; a plan on the portal that this one carries out stands among them."""
    rows = LegalBasis.objects.filter(campaign=campaign)
    lines = [basis_line(row.text, code=row.code, issued_on=row.issued_on) for row in rows]
    above = campaign.parent
    if above and above.number_text not in " ".join(lines):
        title = _in_a_sentence(above.title, above.document_type)
        named = f"{above.document_type} của {above.issuer_name} {title}"
        number = above.number_text if above.doc_number else ""
        lines.insert(0, basis_line(named, code=number, issued_on=above.issued_on))
    if not lines and campaign.parent_document:
        lines = [basis_line(text) for text in campaign.parent_document.split(";")]
    return lines


def _signature(campaign: Campaign) -> Paper:
    """A bloc's leader signs as such, with his own post above his name (domain, section 4.3)."""
    capacity = [line.strip() for line in campaign.signing_capacity.split(";")]
    office, _, post = campaign.signer_title.partition(",") if campaign.bloc else (
        campaign.signer_title, "", ""
    )  # fmt: skip
    return {
        "capacity": [line for line in [*capacity, office.strip()] if line] or ["Thủ trưởng đơn vị"],
        "post": post.strip(),
        "name": campaign.signer_name,
    }


def _difficulties(campaign: Campaign, agency: str) -> str:
    standing = campaign.standing_agency
    to = f"{standing.name} để tổng hợp, báo cáo {agency}" if standing else agency
    return (
        "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các cơ quan, đơn vị phản ánh về "
        f"{to} xem xét, giải quyết"
    )


# --- the parts -----------------------------------------------------------------------------------
def _part(title: str, text: str = "", clauses: Sequence[Paper] = ()) -> Paper:
    return {"title": title, "text": text, "clauses": list(clauses)}


def _clause(title: str, text: str = "", **table: Any) -> Paper:
    """A clause of a part: paragraphs, then at most one table and one list."""
    return {
        "title": title, "text": text, "lines": [], "indicators": [], "quotas": [], "kinds": [],
        "with_leads": False, "scores": [], **table,
    }  # fmt: skip


def _parts(campaign: Campaign) -> list[Paper]:
    """The sections in their order; what comes from tables stands in the part of its kind."""
    sections = list(Section.objects.filter(campaign=campaign))
    clauses = {
        Kind.AWARDS: _awards(campaign),
        Kind.ORGANISATION: _organisation(campaign),
    }
    lines = _phases(campaign) if Kind.SCHEDULE not in [s.kind for s in sections] else ""
    texts = {Kind.SCOPE: _theme_and_time(campaign), Kind.SCHEDULE: lines}
    last = {Kind(section.kind): section.pk for section in sections}
    parts: list[tuple[Kind, Paper]] = []
    for section in sections:
        kind = Kind(section.kind)
        extra = clauses.pop(kind, []) if last[kind] == section.pk else []
        text = "\n".join(filter(None, [texts.pop(kind, ""), section.text]))
        parts.append((kind, _part(section.heading, text, extra)))
    for kind in ORDER:
        text, more = texts.get(kind, ""), clauses.get(kind, [])
        if text or more:
            _insert(parts, kind, _part(HEADINGS[kind], text, more))
    if groups := _groups(campaign):
        _insert(parts, Kind.CONTENT, _part("Chỉ tiêu, tiêu chí thi đua", "", groups))
    if tables := [_clause(**table) for table in scoring_tables(campaign)]:
        _insert(parts, Kind.CONTENT, _part("Chấm điểm, xếp hạng", "", tables))
    return [part for _, part in parts]


def _insert(parts: list[tuple[Kind, Paper]], kind: Kind, part: Paper) -> None:
    """Behind the last part of its kind or of one that comes before it."""
    before = set(ORDER[: ORDER.index(kind) + 1])
    at = max((n for n, (other, _) in enumerate(parts, 1) if other in before), default=0)
    parts.insert(at, (kind, part))


def _theme_and_time(campaign: Campaign) -> str:
    theme = campaign.theme.strip("“”. ")
    outlook = f", định hướng đến năm {campaign.outlook}" if campaign.outlook else ""
    time = f"từ ngày {day_words(campaign.period_from)} đến ngày {day_words(campaign.period_to)}"
    lines = [f"Chủ đề: “{theme}”."] if theme else []
    return "\n".join([*lines, f"Thời gian thực hiện: {time}{outlook}."])


def _phases(campaign: Campaign) -> str:
    """Phases that the table of quotas does not name already."""
    shown = set(Quota.objects.filter(campaign=campaign).values_list("phase", flat=True))
    rows = [phase for phase in campaign.phases.all() if phase.pk not in shown]
    return "\n".join(f"{phase.name}{_when(phase)}." for phase in rows)


def _when(phase: Phase) -> str:
    held = f"ngày {day_words(phase.held_on)}" if phase.held_on else phase.held_text
    return f": {held[:1].lower()}{held[1:]}" if held else ""


# --- indicators ----------------------------------------------------------------------------------
def _groups(campaign: Campaign) -> list[Paper]:
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
        return _clause(group.name, indicators=_under_headings(rows), with_leads=leads)
    return _clause(group.name, lines=[row["name"] for row in rows])


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
def _awards(campaign: Campaign) -> list[Paper]:
    quotas = list(
        Quota.objects.filter(campaign=campaign)
        .select_related("phase", "award_form")
        .order_by("phase__order", "order", "pk")
    )
    clauses = []
    if quotas:
        kinds = [kind for kind in RecipientKind if any(q.recipient_kind == kind for q in quotas)]
        clauses.append(
            _clause(
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
        heading = f"{first.phase.name}{_when(first.phase)}" if of_phase != phase else ""
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
        return _clause(title, "Theo quy định của pháp luật về thi đua, khen thưởng.")
    copies = max(paper.copies for paper in papers)
    original = " (bản chính)" if all(paper.original for paper in papers) else ""
    return _clause(
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


# --- who does what, by when ----------------------------------------------------------------------
def _organisation(campaign: Campaign) -> list[Paper]:
    rows = Assignment.objects.filter(campaign=campaign).select_related("unit")
    clauses = [_clause(row.unit.name if row.unit else row.body, row.text) for row in rows]
    duties = campaign.duties.select_related("owed_to").prefetch_related("groups")
    if said := [_duty(duty) for duty in duties]:
        clauses.append(_clause("Chế độ báo cáo", "\n".join(said)))
    steps = RouteStep.objects.filter(campaign=campaign).select_related("unit")
    if route := [f"{step.unit.name}: {step.text}" if step.unit else step.text for step in steps]:
        clauses.append(_clause("Trình tự gửi báo cáo, hồ sơ", lines=route))
    return clauses


def _duty(duty: ReportingDuty) -> str:
    """ "Báo cáo năm: đơn vị tham gia (Tập thể) gửi Sở B, hằng năm, trước ngày 30 tháng 11." """
    groups = ", ".join(group.name for group in duty.groups.all())
    who = f"{duty.get_owed_by_display()}{f' ({groups})' if groups else ''}"
    to = duty.owed_to_text or (duty.owed_to.name if duty.owed_to else "")
    due = _due(duty)
    rhythm = "" if duty.get_rhythm_display() in due else duty.get_rhythm_display()
    said = [f"{duty.name}: {who}" + (f" gửi {to}" if to else ""), rhythm, due]
    return ", ".join(filter(None, said)) + "."


def _due(duty: ReportingDuty) -> str:
    if duty.due_text:
        return duty.due_text
    if duty.on:
        return f"{duty.get_relation_display()} {day_words(duty.on)}"
    if duty.day and duty.month:
        month = f"{duty.month:02}" if duty.month < 3 else duty.month
        return f"{duty.get_relation_display()} {duty.day:02} tháng {month}"
    return ""
