"""From draft to issued: what still lacks, and the number, day and signature that make it so."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from campaigns.models import Campaign
from config.planfile import Outcome, load_plans, plan_data, plan_of_values
from config.planfile.canonical import sparse
from config.planfile.checks import named_code
from config.planfile.counting import fractions
from config.planfile.scoring import scoring_faults
from config.plans.drafts import ISSUED, OTHERS_NAME
from config.plans.parts import INDICATORS, SCORING, Plan, mark_of
from config.plans.policies import writable_plans
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError, decimal_text
from units.workflow import locked

Code = tuple[str, str]  # (set, code)
MEASURED = {"ratio", "quantity", "count", "yes_no", "derived"}


@dataclass(frozen=True)
class Gap:
    """Something that a plan has not said: where to write it, and whether it may be issued so."""

    part: str
    sentence: str
    group: str = ""
    blocks: bool = False


def gaps(plan: Plan, quoted: Collection[Code] = ()) -> list[Gap]:
    """What lacks, what blocks first. Plans may leave much open, so most only warn; what asks an
    indicator of `quoted` is held to the target there."""
    return sorted(_gaps(plan, quoted), key=lambda gap: not gap.blocks)


def quoted_targets() -> set[Code]:
    """The indicators of other programmes that say how much is enough."""
    rows = Indicator.objects.filter(criteria_set__is_quoted=True, targets__isnull=False)
    return set(rows.values_list("criteria_set__ref", "code"))


def _gaps(plan: Plan, quoted: Collection[Code]) -> Iterator[Gap]:
    if not plan["legal_bases"]:
        yield Gap("can-cu", "Chưa có căn cứ nào.")
    if not plan["sections"]:
        yield Gap("noi-dung", "Chưa có phần nội dung nào.", blocks=True)
    if not plan["groups"]:
        yield Gap("doi-tuong", "Chưa có nhóm đối tượng nào.", blocks=True)
    for group in plan["groups"]:
        yield from _group_gaps(group, quoted)
    for (_, at, *_), _, row, value in fractions(plan):
        yield Gap(
            INDICATORS.slug,
            f"{row['code']} đếm từng đơn vị trọn vẹn mà mức ghi {decimal_text(value)}; ghi số "
            "nguyên.",
            plan["groups"][at]["ref"],
            blocks=True,
        )
    if not plan["periods"]:
        yield Gap("ky", "Chưa có kỳ báo cáo nào nên đơn vị không nhập được kết quả.", blocks=True)
    for (_, number, *_), sentence in scoring_faults(plan):
        table = plan["scoring"][number]
        yield Gap(SCORING.slug, f"“{table['name']}”: {sentence}", table["ref"], blocks=True)
    quotas = plan["awards"]["quotas"]
    if not quotas:
        yield Gap("khen-thuong", "Chưa có hình thức, số lượng khen thưởng.")
    later = sum(quota["basis"] == "later" for quota in quotas)
    if later:
        yield Gap("khen-thuong", f"{later} số lượng khen thưởng để phân bổ sau.")
    if quotas and not plan["dossier"]:
        yield Gap("ho-so", "Có khen thưởng nhưng chưa nêu giấy tờ của hồ sơ.")
    if not plan["assignments"]:
        yield Gap("phan-cong", "Chưa phân công cơ quan nào.")
    if not plan["duties"]:
        yield Gap("han", "Chưa có hạn báo cáo nào.")
    for duty in plan["duties"]:
        if not (duty["on"] or duty["day"] or duty["due_text"]):
            yield Gap("han", f"“{duty['name']}” chưa có ngày hạn.")
    if not plan["recipients"]:
        yield Gap("noi-nhan", "Chưa có nơi nhận.")


def _group_gaps(group: Plan, quoted: Collection[Code]) -> Iterator[Gap]:
    name, ref = group["name"], group["ref"]
    if not group["indicators"]:
        yield Gap(INDICATORS.slug, f"Nhóm “{name}” chưa có tiêu chí.", ref)
    bare = [
        row["code"]
        for row in group["indicators"]
        if row["kind"] in MEASURED
        and not any(t["op"] != "none" for t in row["targets"])
        and (row["targets"] or named_code(row["external"]) not in quoted)
    ]
    if bare:
        yield Gap(INDICATORS.slug, f"Nhóm “{name}”: {', '.join(bare)} chưa có mức phải đạt.", ref)


@transaction.atomic
def issue_plan(
    campaign: Campaign,
    *,
    number: str,
    symbol: str,
    issued_on: date,
    place: str,
    signing_capacity: str,
    signer_title: str,
    signer_name: str,
    seen: str,
    user: User,
    now: datetime,
) -> Outcome:
    """Give a draft its number, day and signature; from here it changes by dated amendments alone.
    `seen` is the mark of the draft that the user looked at.

    Raises DomainError for a plan that is no draft, in a name that is not the user's to use, that
    was changed since it was looked at, that lacks what no plan may lack, or whose number its issuer
    has used that year; PlanFileError for what the file format refuses.
    """
    campaign = locked(campaign)
    if campaign.state != Campaign.State.DRAFT:
        raise DomainError(ISSUED.format(campaign=campaign))
    if not writable_plans(user).filter(pk=campaign.pk).exists():
        raise DomainError(OTHERS_NAME)
    plan = plan_data(campaign)
    if seen != mark_of(plan):
        raise DomainError(
            "Dự thảo đã được sửa sau khi mở trang này nên chưa ban hành. Xem lại văn bản và các "
            "chỗ còn thiếu rồi bấm Ban hành lần nữa."
        )
    if lacking := [gap.sentence for gap in gaps(plan) if gap.blocks]:
        raise DomainError(f"Chưa ban hành được. {' '.join(lacking)}")
    same = Campaign.objects.filter(
        issuer=campaign.issuer_id,
        bloc=campaign.bloc_id,
        doc_number=number,
        doc_symbol=symbol,
        issued_on__year=issued_on.year,
    ).exclude(pk=campaign.pk)
    if other := same.first():
        raise DomainError(
            f"Số {number}/{symbol} năm {issued_on.year} đã dùng cho kế hoạch “{other}”. Kiểm tra "
            "lại số văn thư cấp."
        )
    raw = sparse(plan)
    signed = {
        "number": number,
        "symbol": symbol,
        "issued_on": issued_on,
        "place": place,
        "signing_capacity": signing_capacity,
        "signer_title": signer_title,
        "signer_name": signer_name,
    }
    kept = {key: value for key, value in signed.items() if value}
    document = {k: v for k, v in raw["document"].items() if k not in {*signed, "issued_text"}}
    file = plan_of_values(raw | {"state": "issued", "document": document | kept}, "ban hành")
    (outcome,) = load_plans([file], actor=user, now=now)
    return outcome
