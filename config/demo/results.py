"""Sample results, made from a hash of unit, year and indicator: every run makes the same."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from campaigns import services
from campaigns.models import Campaign, Participation, Period, ResultHistory, ResultSheet
from campaigns.queries import SHEET_RELATED, applicable_indicators, sheet_rows
from config.demo.accounts import hand
from criteria.models import Indicator
from units.models import Unit, User

YEARS = (2023, 2024)
CURRENT = 2025
OPEN_DAYS = 60  # for how long the current period of the sample stays open after loading
ALWAYS_COMPLETE = ("chi-cuc-ptnt", "trung-tam-nuoc-sach", "chi-cuc-kiem-lam", "dak-mol", "cai-be")
TOLD = (
    "Đã ban hành kế hoạch, phân công đầu mối theo dõi và kiểm tra theo quý.",
    "Đã tổ chức quán triệt đến toàn thể công chức, viên chức, người lao động của đơn vị.",
    "Đã đưa nội dung vào họp giao ban hằng tháng; có hai cách làm được nhân rộng trong đơn vị.",
    "Kết quả đạt yêu cầu; còn vướng về thiết bị và đường truyền, đã đề nghị bổ sung kinh phí.",
)
NOTHING = "Trong năm không phát sinh nội dung này."
NOT_APPLICABLE = "Đơn vị không được giao nhiệm vụ này."
EXPLAINED = "Quy mô và cách làm như năm trước; đã đối chiếu với sổ theo dõi."


def chance(*parts: object) -> Random:
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return Random(int.from_bytes(digest[:8]))  # noqa: S311  sample data, not a secret


def typed_for(indicator: Indicator, unit: Unit, year: int) -> dict[str, str]:
    """What the unit types for this indicator, as the entry grid would receive it."""
    draw = chance(indicator.ref, unit.ref, year)
    fate = draw.random()
    if indicator.kind == Indicator.Kind.RATIO and indicator.of_which_id is None:
        if fate < 0.05:
            return {"choice": "nothing", "reason": NOTHING}
        if fate < 0.08:
            return {"choice": "not_applicable", "reason": NOT_APPLICABLE}
        numerator, denominator = ratio_for(indicator, unit, year)
        return {"numerator": str(numerator), "denominator": str(denominator)}
    if indicator.kind == Indicator.Kind.RATIO:
        parent = typed_for(indicator.of_which, unit, year)
        if "numerator" not in parent:
            return dict(parent)
        whole = int(parent["numerator"])
        share = draw.uniform(0.08, 0.2)
        return {"numerator": str(min(whole, max(1, round(whole * share))))}
    if indicator.kind == Indicator.Kind.YES_NO:
        return {"yes": "yes" if fate < 0.72 + 0.1 * (year - YEARS[0]) else "no"}
    if indicator.kind == Indicator.Kind.COUNT:
        return {"value": str(draw.randint(0, 3))}
    if indicator.kind == Indicator.Kind.QUANTITY:
        return {"value": str(Decimal(draw.randint(100, 9000)) / 10)}
    told = {"text": draw.choice(TOLD)}
    if levels := list(indicator.levels.all()):
        told["level"] = levels[min(int(fate * len(levels)), len(levels) - 2)].name
    return told


def ratio_for(indicator: Indicator, unit: Unit, year: int) -> tuple[int, int]:
    """Numerator and denominator around the target; a year later a little better."""
    draw = chance("tỷ lệ", indicator.ref, unit.ref)
    targets = [target.value for target in indicator.targets.all() if target.value is not None]
    target = float(targets[0]) if targets else 80.0
    denominator = draw.randint(24, 420) + (year - YEARS[0]) * draw.randint(0, 9)
    rate = target + draw.uniform(-14, 6) + (year - YEARS[0]) * draw.uniform(1, 5)
    numerator = round(denominator * min(100.0, max(5.0, rate)) / 100)
    return min(numerator, denominator), denominator


def enrol_everyone(campaign: Campaign, units: Iterable[Unit], *, now: datetime) -> None:
    services.enrol_units(
        campaign, list(units), actor=hand("verifier"), now=now, on=campaign.period_from
    )


def report_year(campaign: Campaign, period: Period) -> None:
    """Every member's sheet of one past year: most verified, some waiting, some never begun."""
    year = period.period_from.year
    for joined in members(campaign):
        fate = chance("phiếu năm", joined.unit.ref, year, campaign.ref).random()
        if joined.unit.ref.rpartition(".")[2] in ALWAYS_COMPLETE:
            fate = 0.0
        if fate > 0.96:
            continue
        sheet = fill(joined, period, at=moment(year, 11, 20))
        if fate > 0.91:
            continue
        sheet = services.submit_sheet(sheet, actor=hand("head"), now=moment(year, 11, 25))
        if fate > 0.86:
            continue
        services.verify_sheet(sheet, actor=hand("verifier"), now=moment(year, 12, 5))


def begin_current_year(campaign: Campaign, period: Period) -> None:
    """The year being entered: something in every state, so that each page has something to show."""
    now = timezone.now()
    for index, joined in enumerate(members(campaign)):
        step = 0 if joined.unit.ref.endswith("chi-cuc-ptnt") else index % 5
        if step == 4:
            continue
        at = now - timedelta(days=6, hours=index % 7)
        sheet = fill(joined, period, at=at, leave=2 if step in (1, 2) else 0)
        if step in (1, 2):
            continue
        sheet = services.submit_sheet(sheet, actor=hand("head"), now=at + timedelta(days=1))
        if step == 0:
            first = applicable_indicators(sheet).first()
            code = first.code if first else ""
            services.return_sheet(
                sheet,
                reason=f"{code}: số liệu trên phiếu chưa khớp minh chứng kèm theo. Đối chiếu lại, "
                "sửa số hoặc bổ sung minh chứng rồi gửi lại.",
                actor=hand("verifier"),
                now=at + timedelta(days=2),
            )


def fill(joined: Participation, period: Period, *, at: datetime, leave: int = 0) -> ResultSheet:
    """Open the sheet and type everything in, but for the last `leave` indicators."""
    clerk: User = hand("clerk")
    sheet = services.open_sheet(joined, period, actor=clerk, now=at)
    indicators = list(
        applicable_indicators(sheet).select_related("of_which").prefetch_related("targets")
    )
    chosen = indicators[: len(indicators) - leave] if leave < len(indicators) else indicators[:1]
    cells = {
        indicator.pk: (typed_for(indicator, joined.unit, period.period_from.year), 0)
        for indicator in chosen
    }
    services.record_results(sheet, cells, actor=clerk, now=at, source=ResultHistory.Source.SAMPLE)
    sheet = ResultSheet.objects.select_related(*SHEET_RELATED).get(pk=sheet.pk)
    explained = {
        row.indicator.pk: (row.typed | {"reason": EXPLAINED}, row.version)
        for row in sheet_rows(sheet)
        if row.unexplained
    }
    if explained:
        services.record_results(
            sheet, explained, actor=clerk, now=at, source=ResultHistory.Source.SAMPLE
        )
    return sheet


def members(campaign: Campaign) -> list[Participation]:
    return list(
        Participation.objects.filter(campaign=campaign)
        .select_related("unit__kind", "campaign")
        .order_by("unit__ref")
    )


def moment(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 7, 30, tzinfo=UTC)


def current_close(today: date) -> date:
    return today + timedelta(days=OPEN_DAYS)
