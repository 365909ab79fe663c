"""A plan as the paper that is signed (templates/print/plan.html), from what the tables hold.

The parts stand in the order of the plan's own sections; indicators, quotas and assignments come
where such a paper has them. What the portal added for itself (remarks, notes, default questions)
is not printed, and what the plan leaves open is left open.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from awards.models import Quota
from campaigns.models import (
    Assignment,
    Campaign,
    LegalBasis,
    Recipient,
    ReportingDuty,
    RouteStep,
    Section,
)
from dossiers import pdf
from dossiers.documents.offices import Office, offices_of
from dossiers.documents.plan_tables import Paper, awards_of, clause, groups_of, when
from dossiers.documents.scoring import scoring_tables
from dossiers.queries import names_on
from dossiers.rules import basis_line, day_words
from units.rules import PEOPLES_COMMITTEE

Kind = Section.Kind
ARCHIVE = "Lưu:"
ORDER = (Kind.PURPOSE, Kind.SCOPE, Kind.CONTENT, Kind.AWARDS, Kind.SCHEDULE, Kind.ORGANISATION)
HEADINGS = {
    Kind.SCOPE: "Chủ đề, thời gian thực hiện",
    Kind.AWARDS: "Khen thưởng",
    Kind.SCHEDULE: "Tiến độ thực hiện",
    Kind.ORGANISATION: "Tổ chức thực hiện",
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


def _parts(campaign: Campaign) -> list[Paper]:
    """The sections in their order; what comes from tables stands in the part of its kind."""
    sections = list(Section.objects.filter(campaign=campaign))
    clauses = {
        Kind.AWARDS: awards_of(campaign),
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
    if groups := groups_of(campaign):
        _insert(parts, Kind.CONTENT, _part("Chỉ tiêu, tiêu chí thi đua", "", groups))
    if tables := [clause(**table) for table in scoring_tables(campaign)]:
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
    return "\n".join(f"{phase.name}{when(phase)}." for phase in rows)


# --- who does what, by when ----------------------------------------------------------------------
def _organisation(campaign: Campaign) -> list[Paper]:
    rows = Assignment.objects.filter(campaign=campaign).select_related("unit")
    clauses = [clause(row.unit.name if row.unit else row.body, row.text) for row in rows]
    duties = campaign.duties.select_related("owed_to").prefetch_related("groups")
    if said := [_duty(duty) for duty in duties]:
        clauses.append(clause("Chế độ báo cáo", "\n".join(said)))
    steps = RouteStep.objects.filter(campaign=campaign).select_related("unit")
    if route := [f"{step.unit.name}: {step.text}" if step.unit else step.text for step in steps]:
        clauses.append(clause("Trình tự gửi báo cáo, hồ sơ", lines=route))
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
