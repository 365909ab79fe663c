"""What a dossier holds, what it lacks, and what stands in its way."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from awards.models import CouncilSession, Nomination, NominationEvidence, Tally
from awards.queries import CompositionRow, round_composition
from campaigns.models import ResultSheet
from campaigns.queries import yardsticks
from criteria.rules import Yardstick
from dossiers.models import Dossier, DossierPart, DossierRequirement, SentNomination
from units.rules import day_text

Part = DossierRequirement.Part
PER_NOMINEE = (Part.ACHIEVEMENT_REPORT, Part.PROOF)
UPLOADED, GENERATED, MISSING = "uploaded", "generated", "missing"
WAYS: dict[str, str] = {
    Part.LAUNCH_PLAN: "Tải lên kế hoạch phát động đã ký của đơn vị.",
    Part.PROOF: "Tải lên tại đây, hoặc đính kèm ở từng đề nghị.",
}


class Key(NamedTuple):
    """Which nominations lie in a draft: those of one unit, in one round, for one award form."""

    award_round: int
    proposing_unit: int
    award_form: int


def key_of(dossier: Dossier) -> Key:
    return Key(dossier.award_round_id, dossier.proposing_unit_id, dossier.award_form_id)


@dataclass(frozen=True)
class Line:
    """One line of the checklist. `text` says what is there, `way` what to do when nothing is."""

    number: int
    requirement: DossierRequirement
    state: str  # uploaded, generated or missing
    text: str
    way: str
    parts: tuple[DossierPart, ...]

    @property
    def is_missing(self) -> bool:
        return self.state == MISSING

    @property
    def blocks(self) -> bool:
        return self.is_missing and self.requirement.required

    @property
    def per_nominee(self) -> bool:
        return self.requirement.part in PER_NOMINEE


@dataclass
class Contents:
    """What a dossier holds today: the facts behind the checklist, the build and the sending."""

    nominations: list[Nomination] = field(default_factory=list)
    parts: list[DossierPart] = field(default_factory=list)
    sessions: list[CouncilSession] = field(default_factory=list)
    evidence: list[NominationEvidence] = field(default_factory=list)
    sheets: dict[int, int] = field(default_factory=dict)  # accepted sheet → its revision
    targets: dict[str, Yardstick] = field(default_factory=dict)  # period of these → what is asked
    reporting: Counter[int] = field(default_factory=Counter)  # unit → accepted sheets
    lines: list[Line] = field(default_factory=list)

    @property
    def blocking(self) -> list[Line]:
        return [line for line in self.lines if line.blocks]


def contents(dossier: Dossier) -> Contents:
    return contents_of([dossier])[dossier.pk]


def contents_of(dossiers: Iterable[Dossier]) -> dict[int, Contents]:
    """What each dossier holds, and its checklist; the same number of queries for one and many.

    Needs the names selected (`with_names`).
    """
    rows = list(dossiers)
    found = {dossier.pk: Contents() for dossier in rows}
    drafts = {
        key_of(dossier): found[dossier.pk]
        for dossier in rows
        if dossier.state == Dossier.State.DRAFT
    }
    sent = dict(
        SentNomination.objects.filter(dossier__in=found).values_list("nomination", "dossier")
    )
    home: dict[int, Contents] = {}  # nomination → where it lies
    for nomination in _in_order(Q(pk__in=sent) | _loose(drafts)):
        key = Key(
            nomination.award_round_id, nomination.proposing_unit_id, nomination.quota.award_form_id
        )
        held = found[sent[nomination.pk]] if nomination.pk in sent else drafts.get(key)
        if held:
            held.nominations.append(nomination)
            home[nomination.pk] = held
    for part in DossierPart.objects.filter(dossier__in=found, removed_at=None).select_related(
        "blob", "uploaded_by", "nomination__unit", "nomination__person", "nomination__household"
    ):
        found[part.dossier_id].parts.append(part)
    for evidence in (
        NominationEvidence.objects.filter(nomination__in=home, removed_at=None)
        .select_related("blob")
        .order_by("nomination__quota__order", "nomination", "uploaded_at", "pk")
    ):
        home[evidence.nomination_id].evidence.append(evidence)
    for tally in (
        Tally.objects.filter(nomination__in=home, session__state=CouncilSession.State.CLOSED)
        .select_related("session")
        .order_by("session__held_on", "session")
    ):
        held = home[tally.nomination_id]
        if tally.session not in held.sessions:
            held.sessions.append(tally.session)
    _add_sheets(rows, found)
    papers: dict[int, list[DossierRequirement]] = defaultdict(list)
    campaigns = {dossier.award_round.campaign_id for dossier in rows}
    for requirement in DossierRequirement.objects.filter(campaign__in=campaigns).select_related(
        "form"
    ):
        papers[requirement.campaign_id].append(requirement)
    for dossier in rows:
        held = found[dossier.pk]
        for number, requirement in enumerate(papers[dossier.award_round.campaign_id], start=1):
            held.lines.append(_line(number, requirement, dossier, held))
    return found


def loose_nominations(key: Key) -> QuerySet[Nomination]:
    """What lies in the draft of this unit, round and form, or would if there were one."""
    return _in_order(_loose([key])).filter(quota__award_form=key.award_form)


def _loose(keys: Iterable[Key]) -> Q:
    """Nominations that hold a place in these rounds and units and went with no dossier yet."""
    return Q(
        ~Exists(SentNomination.objects.filter(nomination=OuterRef("pk"))),
        award_round__in={key.award_round for key in keys},
        proposing_unit__in={key.proposing_unit for key in keys},
        state__in=Nomination.HOLDS_PLACE,
    )


def _in_order(wanted: Q) -> QuerySet[Nomination]:
    return (
        Nomination.objects.filter(wanted)
        .select_related("unit", "person", "household", "quota__award_form")
        .order_by("quota__order", "pk")
    )


def _add_sheets(dossiers: list[Dossier], found: dict[int, Contents]) -> None:
    """The accepted sheets that a dossier prints: its unit's and its collectives'."""
    wanted: dict[tuple[int, int], list[Contents]] = defaultdict(list)
    for dossier in dossiers:
        held = found[dossier.pk]
        units = {dossier.proposing_unit_id} | {n.unit_id for n in held.nominations if n.unit_id}
        for unit in units:
            wanted[dossier.award_round.campaign_id, unit].append(held)
    sheets = ResultSheet.objects.filter(
        participation__campaign__in={campaign for campaign, _unit in wanted},
        participation__unit__in={unit for _campaign, unit in wanted},
        state__in=ResultSheet.ACCEPTED,
    ).select_related("participation", "period__campaign")
    asked = yardsticks(sheet.period for sheet in sheets)
    for sheet in sheets:
        joined = sheet.participation
        for held in wanted.get((joined.campaign_id, joined.unit_id), []):
            held.sheets[sheet.pk] = sheet.revision
            held.targets[str(sheet.period_id)] = asked[str(sheet.period_id)]
            held.reporting[joined.unit_id] += 1


def _line(number: int, requirement: DossierRequirement, dossier: Dossier, held: Contents) -> Line:
    parts = tuple(part for part in held.parts if part.requirement_id == requirement.pk)
    state, text, way = _standing(requirement, parts, dossier, held)
    return Line(number, requirement, state, text, way, parts)


def _standing(
    requirement: DossierRequirement,
    parts: tuple[DossierPart, ...],
    dossier: Dossier,
    held: Contents,
) -> tuple[str, str, str]:
    """Whether one paper is there, in words, and what to do when it is not."""
    signed = {part.nomination_id for part in parts}
    if requirement.part == Part.PROOF and (parts or held.evidence):
        total = len(parts) + len(held.evidence)
        return UPLOADED, f"{total} tệp, trong đó {len(held.evidence)} tệp ở các đề nghị", ""
    if None in signed or (parts and not requirement.is_generated):
        instead = ", thay bản do cổng lập" if requirement.is_generated else ""
        return UPLOADED, f"Đã tải lên {len(parts)} tệp{instead}", ""
    if not requirement.is_generated:
        return MISSING, "chưa có", WAYS.get(requirement.part, "Tải lên tại đây.")
    if requirement.part == Part.CAMPAIGN_REPORT:
        if sheets := held.reporting[dossier.proposing_unit_id]:
            return GENERATED, f"Cổng lập từ {sheets} phiếu kết quả đã thẩm định", ""
        return (
            MISSING,
            "chưa có phiếu kết quả nào của đơn vị được thẩm định",
            "Gửi phiếu kết quả để thẩm định, hoặc tải lên báo cáo đã ký.",
        )
    if not held.nominations:
        return MISSING, "chưa có đề nghị nào", "Lập và gửi đề nghị trong đợt xét này."
    if requirement.part == Part.MINUTES:
        return _minutes_standing(dossier, held.sessions)
    if requirement.part == Part.ACHIEVEMENT_REPORT:
        own = sum(nomination.pk in signed for nomination in held.nominations)
        text = f"Cổng lập {len(held.nominations) - own} báo cáo"
        return GENERATED, f"{text}, {own} báo cáo tải lên thay" if own else text, ""
    return GENERATED, f"Cổng lập từ {len(held.nominations)} đề nghị", ""


def _minutes_standing(dossier: Dossier, sessions: list[CouncilSession]) -> tuple[str, str, str]:
    if sessions:
        days = ", ".join(day_text(session.held_on) for session in sessions)
        return GENERATED, f"Cổng lập từ phiên họp {days}", ""
    if dossier.award_round.council_id:
        return (
            MISSING,
            "chưa có phiên họp hội đồng nào kết thúc",
            ("Chờ thư ký hội đồng ghi kết quả và kết thúc phiên họp, hoặc tải lên biên bản đã ký."),
        )
    return MISSING, "đợt xét không có hội đồng trên cổng", "Tải lên biên bản họp xét đã ký."


# --- what stands in the way ----------------------------------------------------------------------
def obstacles(dossier: Dossier, held: Contents, today: date) -> list[str]:
    """Why the dossier cannot be sent today, one sentence each, with the way out. Empty: it can."""
    return own_obstacles(dossier, held, today) + uneven(round_composition(dossier.award_round))


def uneven(rows: Iterable[CompositionRow]) -> list[str]:
    """Why the make-up of the round's list holds up every dossier of the round."""
    return [
        f"Cơ cấu danh sách của đợt xét chưa đạt. {row.sentence} {row.ways_text}".strip()
        for row in rows
        if not row.ok
    ]


def own_obstacles(dossier: Dossier, held: Contents, today: date) -> list[str]:
    """Those that lie in the dossier itself and not in the list of its round; asks no SQL query."""
    found = []
    if not dossier.letter_number:
        found.append("Chưa có số tờ trình. Ghi số ở phần Tờ trình sau khi văn thư cấp số.")
    if dossier.letter_on is None:
        found.append("Chưa có ngày tờ trình. Ghi ngày ở phần Tờ trình.")
    elif dossier.letter_on > today:
        found.append(
            f"Ngày tờ trình {day_text(dossier.letter_on)} còn ở phía trước. "
            "Sửa ngày, hoặc trình khi đến ngày."
        )
    if not held.nominations:
        found.append(
            f"Hồ sơ chưa có đề nghị nào. Lập và gửi đề nghị {dossier.award_form.short_name} "
            "trong đợt xét này."
        )
    found += [
        f"Thiếu “{line.requirement.title}” ({line.text}). {line.way}" for line in held.blocking
    ]
    return found + _not_passed(dossier, held.nominations)


def _not_passed(dossier: Dossier, nominations: list[Nomination]) -> list[str]:
    waiting = [item.nominee_name for item in nominations if item.state == Nomination.State.PROPOSED]
    if not waiting:
        return []
    names = ", ".join(waiting[:5]) + ("…" if len(waiting) > 5 else "")
    if dossier.award_round.council_id:
        return [
            f"{len(waiting)} đề nghị chưa được hội đồng thông qua: {names}. "
            "Chờ kết quả phiên họp, hoặc rút đề nghị."
        ]
    return [
        f"Đợt xét chưa có hội đồng nên {len(waiting)} đề nghị chưa được thông qua: {names}. "
        "Cơ quan thường trực chọn hội đồng cho đợt xét."
    ]
