"""Who may propose whom, by which criteria, and who decides."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from awards.models import AwardRound, CouncilSession, Nomination, Quota
from campaigns.models import Campaign, Participation
from criteria.models import Group, Indicator
from units.models import BlocMembership, Household, Person, Posting, Unit
from units.rules import day_text

QUALITATIVE = (Indicator.Kind.QUALITATIVE, Indicator.Kind.NARRATIVE)


def criteria_for(campaign: Campaign, kind: str, unit: Unit) -> list[Indicator]:
    """The criteria a nomination answers: those the plan sets for nominees of this kind, and the
    qualitative ones that it sets for each unit (or its people) of the kind of `unit`.
    """
    named = Q(group__unit_kinds=unit.kind_id) | Q(group__units=unit)
    anybody = Q(group__unit_kinds=None, group__units=None)
    return list(
        Indicator.objects.filter(
            named | anybody,
            Q(group__measured=Group.Measured.NOMINEE)
            | Q(group__measured=Group.Measured.EACH, kind__in=QUALITATIVE),
            criteria_set=campaign.criteria_set_id,
            group__subject_kind=kind,
        )
        .exclude(kind=Indicator.Kind.DERIVED)
        .select_related("group")
        .order_by("group__order", "order", "pk")
        .distinct()
    )


def living(day: date) -> Q:
    """The life span of a row holds `day`."""
    return (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_to=None) | Q(valid_to__gte=day))


def taking_part(campaign: Campaign, day: date) -> QuerySet[Unit]:
    """Units enrolled in the plan on `day`."""
    joined = Participation.objects.filter(
        Q(left_on=None) | Q(left_on__gte=day), campaign=campaign, registered_on__lte=day
    )
    return Unit.objects.filter(pk__in=joined.values("unit"))


def runs(campaign: Campaign, unit: Unit, day: date) -> bool:
    """Whether `unit` stands over the plan: issuer, standing agency, the bloc's leader that year."""
    if unit.pk in (campaign.issuer_id, campaign.standing_agency_id):
        return True
    return BlocMembership.objects.filter(
        bloc=campaign.bloc_id, unit=unit, year=day.year, role=BlocMembership.Role.HEAD
    ).exists()


def enrolment_of(campaign: Campaign, unit: Unit, day: date) -> Participation | None:
    """The enrolment under which `unit` takes part on `day`: its own, or the nearest above it."""
    chain = [int(key) for key in unit.path.split("/") if key]
    return (
        Participation.objects.filter(
            Q(left_on=None) | Q(left_on__gte=day),
            campaign=campaign,
            registered_on__lte=day,
            unit__in=chain,
        )
        .select_related("unit")
        .order_by("-unit__path")
        .first()
    )


def posting_on(person: Person, day: date, unit: Unit | None = None) -> Posting | None:
    """The post of `person` on `day`; one in `unit` or below it is preferred."""
    posts = list(
        Posting.objects.filter(living(day), person=person)
        .select_related("unit")
        .order_by("-valid_from", "-pk")
    )
    inside = [post for post in posts if unit and post.unit.path.startswith(unit.path)]
    return next(iter(inside or posts), None)


def refusal(
    campaign: Campaign,
    proposing_unit: Unit,
    nominee_unit: Unit,
    day: date,
) -> str:
    """Why `proposing_unit` may not propose somebody of `nominee_unit` on `day`; "" when it may.

    Enrolment is the precondition of being commended; a body that has ended is not commended
    (domain, sections 1.7 and 7).
    """
    for unit in (proposing_unit, nominee_unit):
        if unit.valid_to and unit.valid_to < day:
            return (
                f"“{unit}” đã kết thúc hoạt động ngày {day_text(unit.valid_to)}; đơn vị đã giải "
                "thể, sáp nhập không đề nghị và không được khen thưởng. Lập đề nghị cho đơn vị "
                "kế thừa."
            )
    standing_over = runs(campaign, proposing_unit, day)
    if not standing_over and not enrolment_of(campaign, proposing_unit, day):
        return _not_enrolled(proposing_unit, campaign)
    if not enrolment_of(campaign, nominee_unit, day):
        return _not_enrolled(nominee_unit, campaign)
    if not standing_over and not nominee_unit.path.startswith(proposing_unit.path):
        return (
            f"“{nominee_unit}” không thuộc “{proposing_unit}” nên “{proposing_unit}” không đề nghị "
            "được. Chọn người, tập thể của đơn vị mình, hoặc đề nghị cơ quan thường trực lập."
        )
    return ""


def _not_enrolled(unit: Unit, campaign: Campaign) -> str:
    return (
        f"“{unit}” chưa tham gia kế hoạch “{campaign}”; có đăng ký thi đua mới được đề nghị khen "
        "thưởng. Đề nghị cơ quan thường trực ghi danh đơn vị trước."
    )


# --- whom a unit may choose from -----------------------------------------------------------------
@dataclass(frozen=True)
class Candidates:
    units: QuerySet[Unit]
    people: QuerySet[Person]
    households: QuerySet[Household]


def candidates(campaign: Campaign, proposing_unit: Unit, day: date) -> Candidates:
    """Whom `proposing_unit` may propose on `day`: its own, those below it; for a unit that stands
    over the plan, everybody who takes part.
    """
    enrolled = taking_part(campaign, day)
    inside = Unit.objects.filter(living(day), path__startswith=proposing_unit.path)
    if runs(campaign, proposing_unit, day):
        inside = Unit.objects.filter(living(day)).filter(
            Q(pk__in=inside.values("pk")) | Q(pk__in=enrolled.values("pk"))
        )
    posts = Posting.objects.filter(living(day), unit__in=inside.values("pk"))
    return Candidates(
        units=inside.order_by("name", "pk"),
        people=Person.objects.filter(pk__in=posts.values("person")).order_by("full_name", "pk"),
        households=Household.objects.filter(unit__in=inside.values("pk")),
    )


def quotas_of(award_round: AwardRound) -> QuerySet[Quota]:
    """What may be proposed in a round: the quotas of its plan and phase."""
    return (
        Quota.objects.filter(campaign=award_round.campaign_id, phase=award_round.phase_id)
        .select_related("award_form", "campaign", "phase", "parent", "decider")
        .order_by("order", "pk")
    )


def deciding_unit(nomination: Nomination) -> Unit:
    """Whose head signs: named by the quota, the proposer's own, the council's, or the issuer."""
    quota, award_round = nomination.quota, nomination.award_round
    if quota.decider:
        return quota.decider
    if quota.basis == Quota.Basis.OWN:
        return nomination.proposing_unit
    return award_round.council.unit if award_round.council else award_round.campaign.issuer


# --- a nomination --------------------------------------------------------------------------------
def nominee_unit_of(nomination: Nomination, day: date) -> Unit:
    """Where the nominee belongs on `day`; the proposer's unit when a person holds no post any more,
    as the post stands copied on the nomination.
    """
    if nomination.unit:
        return nomination.unit
    if nomination.household:
        return nomination.household.unit
    assert nomination.person is not None
    held = posting_on(nomination.person, day, nomination.proposing_unit)
    return held.unit if held else nomination.proposing_unit


def missing_of(nomination: Nomination, nominee_unit: Unit) -> list[str]:
    """What must still be filled in before the nomination is proposed, each as a phrase."""
    missing = []
    if not nomination.achievement.strip():
        missing.append("nội dung thành tích")
    if nomination.person and (nomination.is_direct_worker is None or nomination.is_leader is None):
        missing.append("vai trò trong phong trào (trực tiếp thực hiện hay lãnh đạo, phối hợp)")
    quota = nomination.quota
    asked = criteria_for(quota.campaign, quota.recipient_kind, nominee_unit)
    answered = {
        answer.indicator_id
        for answer in nomination.answers.all()
        if answer.meets is not None or answer.text.strip()
    }
    missing += [
        f"trả lời tiêu chuẩn {indicator.code}"
        for indicator in asked
        if indicator.pk not in answered
    ]
    asking = [indicator.code for indicator in asked if indicator.evidence_required]
    if asking and not nomination.evidence.filter(removed_at=None).exists():
        missing.append(f"tài liệu kèm theo cho tiêu chuẩn {', '.join(asking)}")
    return missing


def passing_session(nomination: Nomination) -> CouncilSession | None:
    """The session that passed the nomination."""
    tally = nomination.tallies.filter(passed=True).select_related("session").last()
    return tally.session if tally else None
