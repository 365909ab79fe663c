"""One nomination as its reader judges it: what fails or is open comes first, with its figure."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from awards import policies
from awards.models import AwardRound, Nomination, NominationAnswer, NominationEvidence, Quota
from awards.queries.eligibility import criteria_for, enrolment_of, nominee_unit_of
from awards.queries.facts import EarlierAward, TallyRow, earlier_awards, tally_row
from awards.queries.places import CompositionRow, PlaceRow, place_row, round_composition
from awards.queries.staleness import Stale, stale_nominations
from awards.queries.unit_results import UnitResults, results_of
from awards.rules import outside_period, overlap
from campaigns.models import Campaign
from criteria.models import Indicator
from units.models import Unit, User
from units.rules import day_text

State = Nomination.State
BAD, MISS, WAIT, OK = "bad", "miss", "wait", "ok"
ORDER = (BAD, MISS, WAIT, OK)
NOT_LIVE = (State.WITHDRAWN, State.NOT_PASSED, State.REFUSED, State.AWARDED)
ICONS = {BAD: "miss", MISS: "warn", WAIT: "ask", OK: "ok"}
LEAD = {BAD: "Không đạt", MISS: "Cần xem", WAIT: "Chưa rõ", OK: "Đạt"}


@dataclass(frozen=True)
class Check:
    """One condition: bad (fails), miss (look at it), wait (open), ok; `text` holds the figure."""

    state: str
    title: str
    text: str

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def lead(self) -> str:
        return LEAD[self.state]


@dataclass(frozen=True)
class OtherProposal:
    """Somebody proposed the same nominee too. `pk` only where the reader may open it."""

    text: str
    pk: int | None


@dataclass(frozen=True)
class NominationCard:
    nomination: Nomination
    checks: list[Check]
    answers: list[NominationAnswer]
    results: UnitResults | None
    composition: list[CompositionRow]
    place: PlaceRow
    others: list[OtherProposal]
    earlier: list[EarlierAward]
    evidence: list[NominationEvidence]
    tallies: list[TallyRow]
    stale: Stale | None

    @property
    def tally_text(self) -> str:
        """ "5 đạt, 1 không đạt, 1 chưa rõ"."""
        counts = [
            (LEAD[state].lower(), sum(c.state == state for c in self.checks)) for state in ORDER
        ]
        return ", ".join(f"{count} {word}" for word, count in reversed(counts) if count)


def nomination_card(nomination: Nomination, user: User, today: date) -> NominationCard:
    """Everything the page of a nomination shows. `nomination` has its round with plan and phase,
    its quota with form, its nominee and its proposing unit selected.
    """
    campaign = nomination.award_round.campaign
    unit = nominee_unit_of(nomination, today)
    others = other_proposals(nomination, user)
    earlier = [one for _category, one in earlier_awards([nomination])[nomination.pk]]
    results = results_of(nomination, campaign, unit, today)
    place = place_row(nomination.quota)
    answers = list(
        nomination.answers.select_related("indicator__group").order_by(
            "indicator__group__order", "indicator__order", "pk"
        )
    )
    asked = criteria_for(campaign, nomination.quota.recipient_kind, unit)
    evidence = list(nomination.evidence.filter(removed_at=None).select_related("blob"))
    checks = [
        _enrolled(campaign, unit, today),
        _place(nomination, place),
        _achievement(nomination),
        *_answers(asked, answers, evidence),
        *_role(nomination),
        _period(nomination),
        _earlier(nomination, earlier),
        *([_others(others)] if others else []),
        *([_results(results)] if results else []),
    ]
    return NominationCard(
        nomination=nomination,
        checks=sorted(checks, key=lambda check: ORDER.index(check.state)),
        answers=answers,
        results=results,
        composition=round_composition(nomination.award_round),
        place=place,
        others=others,
        earlier=earlier,
        evidence=evidence,
        stale=stale_nominations([nomination]).get(nomination.pk),
        tallies=[
            tally_row(tally)
            for tally in nomination.tallies.select_related(
                "nomination__unit",
                "nomination__person",
                "nomination__household",
                "nomination__proposing_unit",
                "nomination__quota__award_form",
            )
        ],
    )


# --- conditions ----------------------------------------------------------------------------------
def _enrolled(campaign: Campaign, unit: Unit, today: date) -> Check:
    if unit.valid_to and unit.valid_to < today:
        ended = f"“{unit}” kết thúc hoạt động ngày {day_text(unit.valid_to)}."
        return Check(BAD, "đơn vị còn hoạt động", ended)
    found = enrolment_of(campaign, unit, today)
    title = "đơn vị đã đăng ký thi đua"
    if not found:
        return Check(BAD, title, f"“{unit}” chưa tham gia kế hoạch.")
    return Check(OK, title, f"{found.unit}, ngày {day_text(found.registered_on)}.")


def _place(nomination: Nomination, place: PlaceRow) -> Check:
    title = "số lượng khen thưởng"
    if place.waits_allotment:
        return Check(
            WAIT, title, "Kế hoạch ghi “phân bổ sau”, chưa có văn bản phân bổ nên chưa gửi được."
        )
    if place.limit is None:
        return Check(OK, title, f"{place.limit_text[0].upper()}{place.limit_text[1:]}.")
    used = f"{place.held} đề nghị trên {place.limit} chỗ"
    if nomination.state in Nomination.HOLDS_PLACE:
        state = BAD if place.over else OK
        return Check(state, title, f"Đã giữ một chỗ; {used}.")
    if place.left is not None and place.left < 1:
        return Check(BAD, title, f"Hết chỗ: {used}.")
    return Check(OK, title, f"Còn {place.left} chỗ: {used}.")


def _achievement(nomination: Nomination) -> Check:
    words = len(nomination.achievement.split())
    if not words:
        return Check(BAD, "có nội dung thành tích", "Chưa ghi thành tích.")
    return Check(OK, "có nội dung thành tích", f"{words} chữ.")


def _answers(
    asked: list[Indicator],
    answers: list[NominationAnswer],
    evidence: list[NominationEvidence],
) -> list[Check]:
    said = {answer.indicator_id: answer for answer in answers}
    checks = []
    for indicator in asked:
        answer = said.get(indicator.pk)
        title = f"{indicator.code} {indicator.short_name or indicator.name}"
        text = answer.text if answer else ""
        if answer and answer.meets is False:
            checks.append(Check(BAD, title, text or "Đơn vị tự đánh giá."))
        elif indicator.evidence_required and not evidence:
            checks.append(Check(MISS, title, f"{text} Chưa có tài liệu kèm theo.".strip()))
        elif answer and answer.meets:
            checks.append(Check(OK, title, text or "Đơn vị tự đánh giá."))
        elif text:
            checks.append(Check(WAIT, title, text))
        else:
            checks.append(Check(WAIT, title, "Chưa trả lời."))
    return checks


def _role(nomination: Nomination) -> list[Check]:
    if not nomination.person_id:
        return []
    title = "vai trò trong phong trào"
    if nomination.is_direct_worker is None or nomination.is_leader is None:
        return [Check(WAIT, title, "Chưa ghi là trực tiếp thực hiện hay lãnh đạo, phối hợp.")]
    return [Check(OK, title, f"{role_text(nomination)}.")]


def role_text(nomination: Nomination) -> str:
    if nomination.is_direct_worker:
        return "Người trực tiếp thực hiện"
    if nomination.is_leader:
        return "Lãnh đạo, quản lý"
    return "" if nomination.is_direct_worker is None else "Phối hợp, tuyên truyền"


def _period(nomination: Nomination) -> Check:
    phase = nomination.award_round.phase
    title = "thời gian lập thành tích trong giai đoạn"
    if not (nomination.achievement_from and nomination.achievement_to):
        return Check(WAIT, title, "Chưa ghi đủ từ ngày, đến ngày.")
    warning = outside_period(
        nomination.achievement_from, nomination.achievement_to, phase.period_from, phase.period_to
    )
    own = f"Từ {day_text(nomination.achievement_from)} đến {day_text(nomination.achievement_to)}."
    return Check(MISS, title, warning) if warning else Check(OK, title, own)


def _earlier(nomination: Nomination, earlier: list[EarlierAward]) -> Check:
    """The same achievement is not commended twice (law, article 5); a later period is."""
    campaign = nomination.award_round.campaign_id
    again = [
        one
        for one in earlier
        if one.campaign_pk == campaign
        and overlap(
            nomination.achievement_from,
            nomination.achievement_to,
            one.achievement_from,
            one.achievement_to,
        )
    ]
    title = "chưa được khen cho cùng thành tích"
    if again:
        named = "; ".join(f"{one.name}, Quyết định số {one.decision}" for one in again)
        return Check(MISS, title, f"Thời gian trùng với: {named}.")
    return Check(OK, title, f"0 quyết định trùng trong {len(earlier)} lần đã được khen.")


def _others(others: list[OtherProposal]) -> Check:
    return Check(
        MISS, "không được đề nghị nhiều lần", f"Còn {len(others)} đề nghị khác cho cùng đối tượng."
    )


def _results(results: UnitResults) -> Check:
    title = f"kết quả của đơn vị, {results.period.lower()}"
    text = f"{results.met} đạt, {results.not_met} chưa đạt, {results.other} không đánh giá"
    if results.told:
        text += f"; định tính: {results.told.words}"
    missed = results.not_met or results.told.not_met
    return Check(MISS if missed else OK, title, f"{results.unit}: {text}.")


# --- what stands beside it -----------------------------------------------------------------------
def other_proposals(nomination: Nomination, user: User) -> list[OtherProposal]:
    """Live proposals of the same nominee for the same plan, by key; of a person also under the
    same name and day of birth, since two units may each have put him on record.
    """
    same = Q(unit=nomination.unit_id) if nomination.unit_id else Q(pk__in=[])
    if nomination.household_id:
        same = Q(household=nomination.household_id)
    person = nomination.person
    if person:
        same = Q(person=person) | Q(
            Q(person__born_on=person.born_on) | Q(person__born_on=None) if person.born_on else Q(),
            person__full_name__iexact=person.full_name,
        )
    rows = (
        Nomination.objects.filter(same, award_round__campaign=nomination.award_round.campaign_id)
        .exclude(pk=nomination.pk)
        .exclude(state__in=NOT_LIVE)
        .select_related("proposing_unit", "quota__award_form", "award_round", "person")
        .order_by("pk")
    )
    found = list(rows)
    seen = set(
        policies.viewable_nominations(user)
        .filter(pk__in=[row.pk for row in found])
        .values_list("pk", flat=True)
    )
    return [
        OtherProposal(_other_text(row, nomination), row.pk if row.pk in seen else None)
        for row in found
    ]


def _other_text(row: Nomination, nomination: Nomination) -> str:
    text = (
        f"{row.proposing_unit} đề nghị {row.quota.award_form.short_name}, {row.award_round}, "
        f"{row.get_state_display()}"
    )
    alike = row.person_id and row.person_id != nomination.person_id
    return f"{text} (trùng họ tên, cần đối chiếu)" if alike else text


def criteria_of(nomination: Nomination, today: date) -> list[Indicator]:
    """The criteria the nomination answers; needs its quota's plan and its nominee selected."""
    quota = nomination.quota
    unit = nominee_unit_of(nomination, today)
    return criteria_for(quota.campaign, quota.recipient_kind, unit)


# --- for the form --------------------------------------------------------------------------------
def quota_warnings(quota: Quota, award_round: AwardRound) -> list[str]:
    """What a unit should know before it writes; none of it stops a draft."""
    place = place_row(quota)
    if place.waits_allotment:
        return [
            f"Kế hoạch “{quota.campaign}” ghi số lượng {place.form_short} ({place.recipient}) là "
            "“phân bổ sau”. Soạn được, nhưng chỉ gửi được sau khi có văn bản phân bổ."
        ]
    if place.left is not None and place.left < 1:
        return [
            f"{place.form_short} ({place.recipient}) đã đủ {place.limit} đề nghị. Soạn được, nhưng "
            "chỉ gửi được khi có chỗ trống."
        ]
    return []
