"""The reports of a dossier: what a nominee has achieved, and the unit in the campaign.

Plain values for templates/print, like the other papers (dossiers.documents.papers).
"""

from collections.abc import Iterable
from typing import Any

from awards.queries import EarlierAward, NominationFacts
from campaigns.models import Period
from campaigns.queries import Cell, IndicatorFacts
from dossiers.documents.facts import NARRATIVE, Facts, paper_of, plain_day
from dossiers.documents.papers import BLANK, Paper, addressees, signature_of, title_of
from dossiers.models import DossierRequirement
from units.rules import day_text, decimal_text


# --- achievement report --------------------------------------------------------------------------
def achievement_report(
    facts: Facts, nominee: NominationFacts, requirement: DossierRequirement
) -> Paper:
    unit = facts.unit_of[nominee.pk]
    office = facts.offices[unit] if unit else facts.office
    return paper_of(
        facts,
        office,
        symbol=office.signed("BC") if unit else "",
        kind="Báo cáo thành tích",
        subject=f"Đề nghị tặng {nominee.form}",
        form=facts.form_line(requirement),
        nominee=nominee.name,
        nominee_label=LABELS[nominee.kind],
        role=nominee.post,
        unit="" if unit or nominee.post else nominee.unit,
        profile_title="Sơ lược lý lịch"
        if nominee.kind == "individual"
        else "Sơ lược đặc điểm, tình hình",
        profile=_profile(facts, nominee, unit),
        profile_text="",
        results=_results_over_time(facts, nominee, unit) if unit else [],
        told=_told_over_time(facts, nominee, unit) if unit else [],
        achievements=_achievements(nominee),
        titles=_earlier(nominee.titles),
        forms=_earlier(nominee.forms),
        with_history=True,
        signer=_reporter(nominee),
        confirmers=_confirmers(nominee, requirement),
    )


LABELS = {
    "collective": "Tên tập thể đề nghị",
    "individual": "Họ và tên cá nhân đề nghị",
    "household": "Tên hộ gia đình đề nghị",
}


def _profile(facts: Facts, nominee: NominationFacts, unit: int | None) -> list[Paper]:
    if unit:
        office = facts.offices[unit]
        joined = facts.joined_on.get(unit)
        lines = [
            ("Loại đơn vị", office.kind),
            ("Cơ quan quản lý trực tiếp", office.parent),
            ("Trụ sở", BLANK),
            ("Đăng ký tham gia phong trào", f"ngày {day_text(joined)}" if joined else BLANK),
        ]
    elif nominee.kind == "individual":
        lines = [
            ("Sinh ngày, tháng, năm", day_text(nominee.born_on) or BLANK),
            ("Giới tính", nominee.gender or BLANK),
            ("Quê quán", nominee.home_town or BLANK),
            ("Nơi thường trú", nominee.residence or BLANK),
            ("Chức vụ, đơn vị công tác", nominee.post or nominee.unit),
            ("Trình độ chuyên môn, nghiệp vụ", nominee.qualification or BLANK),
        ]
    else:
        lines = [("Địa chỉ", nominee.residence or BLANK), ("Địa bàn", nominee.unit)]
    return [{"label": label, "value": value} for label, value in lines if value]


def _results_over_time(facts: Facts, nominee: NominationFacts, unit: int) -> list[Paper]:
    """Accepted results inside the time for which the nominee is proposed, by indicator."""
    return [
        _result(indicator, cell, period.name)
        for indicator, cell, period in _cells_over_time(facts, nominee, unit)
        if indicator.kind not in NARRATIVE
    ]


def _told_over_time(facts: Facts, nominee: NominationFacts, unit: int) -> list[Paper]:
    """What was found of the criteria in words; they stand beside the figures, not among them."""
    return [
        {
            "code": indicator.code,
            "name": _name(indicator, period.name),
            "found": cell.told.sentence,
        }
        for indicator, cell, period in _cells_over_time(facts, nominee, unit)
        if cell.told
    ]


def _cells_over_time(
    facts: Facts, nominee: NominationFacts, unit: int
) -> list[tuple[IndicatorFacts, Cell, Period]]:
    rows = []
    for figures in facts.figures:
        period = figures.period
        before = nominee.achievement_from and period.period_to < nominee.achievement_from
        after = nominee.achievement_to and period.period_from > nominee.achievement_to
        if not before and not after:
            rows += [(one, cell, period) for one, cell in facts.cells(unit, figures)]
    return sorted(rows, key=lambda row: (row[0].order, row[2].period_from))


def _achievements(nominee: NominationFacts) -> list[Paper]:
    parts = [{"title": "Thành tích nổi bật", "text": nominee.achievement or BLANK}]
    for answer in nominee.answers:
        met = {True: "Đạt. ", False: "Chưa đạt. ", None: ""}[answer.meets]
        parts.append({"title": answer.name, "text": met + answer.text or BLANK})
    return parts


def _earlier(awards: Iterable[EarlierAward]) -> list[Paper]:
    return [
        {"year": award.year, "name": award.name, "decision": award.decision} for award in awards
    ]


def _reporter(nominee: NominationFacts) -> Paper:
    if nominee.kind == "collective":
        return {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""}
    capacity = "Người báo cáo" if nominee.kind == "individual" else "Chủ hộ"
    return {"capacity": [capacity], "post": "", "name": nominee.name.removeprefix("Hộ ")}


def _confirmers(nominee: NominationFacts, requirement: DossierRequirement) -> list[Paper]:
    own = "thủ trưởng đơn vị" if nominee.kind == "individual" else ""
    above = requirement.confirmation or "cấp trình khen"
    return [
        {"capacity": ["Xác nhận của", who], "post": "", "name": ""} for who in (own, above) if who
    ]


# --- the unit's report on the campaign -----------------------------------------------------------
def campaign_report(facts: Facts, *, launched: bool) -> Paper:
    """`launched`: the unit's own launch plan lies in the dossier."""
    unit, office = facts.dossier.proposing_unit_id, facts.office
    periods = [
        {
            "name": figures.period.name,
            "results": [
                _result(indicator, cell)
                for indicator, cell in cells
                if indicator.kind not in NARRATIVE
            ],
            "narratives": [
                {
                    "question": indicator.short_name or indicator.name,
                    "text": _said(cell),
                    "found": cell.told.sentence if cell.told else "",
                }
                for indicator, cell in cells
                if indicator.kind in NARRATIVE
            ],
        }
        for figures in facts.figures
        if (cells := facts.cells(unit, figures))
    ]
    joined = facts.joined_on.get(unit)
    direction = [
        f"{office.name} đăng ký tham gia phong trào ngày {day_text(joined)}." if joined else "",
        "Đơn vị đã ban hành kế hoạch phát động, gửi kèm hồ sơ này." if launched else "",
    ]
    return paper_of(
        facts,
        office,
        symbol=office.signed("BC"),
        signed_on=plain_day(facts.dossier.letter_on),
        kind="Báo cáo",
        subject=f"Kết quả thực hiện {facts.movement}",
        addressed_to=addressees(facts)[1:] or addressees(facts),
        recipients=["Như trên"],
        signature=signature_of(facts),
        intro=f"Thực hiện {facts.plan} về {title_of(facts)}, {office.name} báo cáo kết quả như "
        "sau:",
        direction="\n".join(filter(None, direction)),
        periods=periods,
        strengths="",
        limits="",
        tasks="",
        closing=f"Trên đây là báo cáo kết quả thực hiện {facts.movement} của {office.name}",
    )


def _result(indicator: IndicatorFacts, cell: Cell, period: str = "") -> Paper:
    return {
        "code": indicator.code,
        "name": _name(indicator, period),
        "target": cell.target,
        "numerator": _figure(cell.numerator),
        "denominator": _figure(cell.denominator),
        "result": cell.shown if cell.state == "reported" else "–",
        "verdict": cell.verdict.label.capitalize(),
    }


def _name(indicator: IndicatorFacts, period: str) -> str:
    name = indicator.short_name or indicator.name
    return f"{name} ({period.lower()})" if period else name


def _said(cell: Cell) -> str:
    return cell.text or cell.reason or "Chưa có nội dung"


def _figure(value: Any) -> str:
    return "" if value is None else decimal_text(value)
