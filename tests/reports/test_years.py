"""Interim and final reviews: how they speak, and the years they look back on."""

import io
from datetime import date
from typing import Any

import pdfplumber
import pytest

from campaigns import services
from campaigns.models import Participation, Period, ResultSheet
from criteria.rules import Verdict
from reports.documents.annexes import YEARS, appendices
from reports.queries import staleness
from reports.rules import ahead_of, span_text, subject_of, told_of
from tests.factories import NOW, PeriodFactory, UserFactory
from tests.reports.plan import Plan, made, text_of
from units import storage
from units.models import Unit


# --- words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "name", "years", "subject", "told"),
    [
        (
            "year", "Năm 2024", (2024, 2024),
            "Kết quả thực hiện phong trào thi đua “X” năm 2024", "kết quả năm 2024",
        ),
        (
            "half", "6 tháng đầu năm 2024", (2024, 2024),
            "Kết quả thực hiện phong trào thi đua “X” 6 tháng đầu năm 2024",
            "kết quả 6 tháng đầu năm 2024",
        ),
        (
            "interim", "Sơ kết giữa kỳ", (2022, 2023),
            "Sơ kết phong trào thi đua “X” giai đoạn 2022 - 2023",
            "kết quả sơ kết giai đoạn 2022 - 2023",
        ),
        (
            "final", "Tổng kết", (2024, 2024),
            "Tổng kết phong trào thi đua “X” năm 2024", "kết quả tổng kết năm 2024",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_period_has_its_words(
    kind: str, name: str, years: tuple[int, int], subject: str, told: str
) -> None:
    assert subject_of(kind, "X", name, *years) == subject
    assert told_of(kind, name, *years) == told


def test_what_lies_ahead_depends_on_what_has_passed() -> None:
    told = [ahead_of(kind, 2024) for kind in ("year", "half", "interim", "final")]
    assert told == [
        "Phương hướng, nhiệm vụ năm 2025",
        "Phương hướng, nhiệm vụ thời gian tới",
        "Phương hướng, nhiệm vụ giai đoạn tiếp theo",
        "Phương hướng, nhiệm vụ giai đoạn mới",
    ]
    assert span_text(2022, 2024) == "giai đoạn 2022 - 2024"


# --- the chart of an indicator over the years ----------------------------------------------------
def year(value: str | None, verdict: Verdict = Verdict.MET) -> dict[str, Any]:
    return {
        "shown": f"{value}%" if value else "",
        "numerator": value,
        "denominator": "100" if value else None,
        "value": value,
        "is_percent": bool(value),
        "target": "từ 80%",
        "mark": "80",
        "verdict": str(verdict),
        "verdict_label": verdict.label,
    }


def sections(*years: dict[str, Any]) -> list[Any]:
    facts = {
        "groups": [], "narratives": [], "unreported": [],
        "years": {
            "names": [f"Năm {2022 + n}" for n in range(len(years))],
            "groups": [
                {"name": "Sở", "rows": [{"code": "CT1", "name": "Hồ sơ", "years": [*years]}]}
            ],
        },
    }  # fmt: skip
    found = appendices(facts, {"is_sample": False}).done("")
    return [s for one in found if one.what == YEARS for s in one.sheets[0].paper["sections"]]


def test_two_years_are_drawn_above_their_table_and_one_is_not() -> None:
    (section,) = sections(year("79.3", Verdict.NOT_MET), year("90"))
    assert [row["name"] for row in section["rows"]] == ["Năm 2022", "Năm 2023"]
    bars = section["chart"]["columns"]
    assert [bar["verdict"] for bar in bars] == ["not_met", "met"]
    assert bars[0]["height"] < bars[1]["height"]
    (section,) = sections(year("79.3"), year(None))
    assert section["chart"] is None


# --- a final review ------------------------------------------------------------------------------
@pytest.fixture
def final(province: Unit) -> tuple[Plan, Period]:
    """A plan with figures in two years, and the review of both."""
    plan = Plan(province)
    last = plan.period
    plan.period = first = PeriodFactory(
        campaign=plan.campaign, ref="2023", name="Năm 2023", period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31), closes_on=date(2025, 1, 31),
    )  # fmt: skip
    plan.member("Chi cục Thủy lợi", province, numerator="793", denominator="1000")
    part = Participation.objects.get(campaign=plan.campaign)
    Participation.objects.filter(pk=part.pk).update(registered_on=first.period_from)
    sheet = services.open_sheet(part, last, actor=UserFactory(), now=NOW)
    clerk = UserFactory()
    typed = {"numerator": "900", "denominator": "1000"}
    services.record_result(sheet, plan.ratio, typed, 0, actor=clerk, now=NOW)
    services.record_result(sheet, plan.question, {"text": "Có."}, 0, actor=clerk, now=NOW)
    sheet = services.submit_sheet(sheet, actor=clerk, now=NOW)
    services.verify_sheet(sheet, actor=UserFactory(), now=NOW)
    plan.period = PeriodFactory(
        campaign=plan.campaign, ref="tong-ket", name="Tổng kết", kind=Period.Kind.FINAL,
        period_from=date(2023, 1, 1), period_to=date(2024, 12, 31), closes_on=date(2025, 1, 31),
    )  # fmt: skip
    return plan, plan.period


@pytest.mark.django_db(transaction=True)
def test_a_final_review_shows_the_years_side_by_side(final: tuple[Plan, Period]) -> None:
    plan, _period = final
    report = made(plan.report())
    years = report.snapshot["years"]
    assert years["names"] == ["Năm 2023", "Năm 2024"]
    (group,) = years["groups"]
    assert [[one["shown"] for one in row["years"]] for row in group["rows"]] == [["79,3%", "90,0%"]]
    text = text_of(report).replace("\n", " ")
    assert f"Tổng kết phong trào thi đua “{plan.campaign.short_title}”" in text
    assert "giai đoạn 2023 - 2024" in text
    assert "Phụ lục I KẾT QUẢ QUA CÁC NĂM" in text
    with pdfplumber.open(io.BytesIO(storage.read_bytes(report.pdf))) as paper:
        rows = [row for page in paper.pages for t in page.extract_tables() for row in t]
    assert ["CT01", "Hồ sơ trên mạng", "79,3%*", "90,0%"] in rows


@pytest.mark.django_db(transaction=True)
def test_a_review_is_stale_when_a_year_behind_it_is_opened_again(
    final: tuple[Plan, Period],
) -> None:
    plan, _period = final
    report = made(plan.report())
    assert not staleness(report)
    sheet = ResultSheet.objects.filter(period__ref="2023").get()
    services.return_sheet(sheet, reason="Sai số.", actor=UserFactory(), now=NOW)
    assert staleness(report).gone == 1


@pytest.mark.django_db(transaction=True)
def test_a_year_looks_back_on_no_other_year(final: tuple[Plan, Period]) -> None:
    plan, _period = final
    plan.period = plan.campaign.periods.get(ref="2023")
    assert made(plan.report()).snapshot["years"] is None
