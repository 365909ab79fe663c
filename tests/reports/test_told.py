"""Criteria in words in a report: counted apart, each with what was found, by whom and why."""

from typing import Any

import pytest

from campaigns import services
from campaigns.models import ResultSheet
from criteria.models import Indicator
from reports.documents.annexes import appendices
from reports.documents.facts import collect
from reports.rules import fields_of
from reports.rules.text import key_of
from tests.conftest import StrictClient
from tests.factories import NOW, IndicatorFactory, RubricLevelFactory, UserFactory, user_with
from tests.reports.plan import Plan, made, rows_of, text_of
from units.models import Unit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rubric(plan: Plan) -> Indicator:
    """Of four accepted sheets one was found to meet it, one not, one is not assessed yet; on the
    last nothing arose."""
    indicator: Indicator = IndicatorFactory(
        group=plan.ratio.group, code="CT03", name="Chất lượng", kind=Indicator.Kind.QUALITATIVE
    )
    good = RubricLevelFactory(indicator=indicator, name="Tốt", order=1, is_met=True)
    low = RubricLevelFactory(indicator=indicator, name="Kém", order=2)
    verifier = UserFactory(full_name="Trần Thị Mẫu")
    clerk, head = UserFactory(), UserFactory()
    claimed = {"text": "Đã làm", "level": "Tốt"}
    for unit, typed, found, why in (
        ("Chi cục Thủy lợi", claimed, good, ""),
        ("Chi cục Kiểm lâm", claimed, low, "Thiếu tệp"),
        ("Chi cục Thú y", claimed, None, ""),
        ("=Chi cục Thủy sản", {"choice": "nothing", "reason": "Không có"}, None, ""),
    ):
        sheet = ResultSheet.objects.get(participation__unit__name=unit)
        sheet = services.return_sheet(sheet, reason="x", actor=verifier, now=NOW)
        services.record_result(sheet, indicator, typed, 0, actor=clerk, now=NOW)
        sheet = services.submit_sheet(sheet, actor=head, now=NOW)
        said = {indicator.pk: (str(found.pk), why)} if found else {}
        services.verify_sheet(sheet, actor=verifier, now=NOW, said=said)
    return indicator


def told(facts: dict[str, Any]) -> dict[str, Any]:
    (row,) = facts["told"]
    return row


def test_the_facts_keep_what_was_found_beside_the_figures(plan: Plan, rubric: Indicator) -> None:
    facts = collect(plan.report())
    row = told(facts)
    assert [row[key] for key in ("met", "not_met", "waiting", "nothing", "missing")] == [
        1, 1, 1, 1, 1,
    ]  # fmt: skip
    low = next(one for one in row["units"] if one["unit"] == "Chi cục Kiểm lâm")
    assert (low["word"], low["level"], low["claim"]) == ("Chưa đạt", "Kém", "Tốt")
    assert (low["by"], low["why"]) == ("Trần Thị Mẫu, cơ quan thẩm định", "Thiếu tệp")
    assert "CT03" not in [one["code"] for one in facts["groups"][0]["indicators"]]
    (told_in_words,) = [one for one in facts["narratives"] if one["question"] == "Chất lượng"]
    assert told_in_words["counts"] == "1 đạt, 1 chưa đạt, 1 chưa xét"
    found = {one["unit"]: one["found"] for one in told_in_words["answers"]}
    assert found == {
        "Chi cục Thủy lợi": "Đạt, mức “Tốt”",
        "Chi cục Kiểm lâm": "Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp",
        "Chi cục Thú y": "Chưa xét, tự nhận mức “Tốt”",
        "=Chi cục Thủy sản": "",
    }


def test_the_paper_its_appendix_and_the_workbook_tell_it(plan: Plan, rubric: Indicator) -> None:
    report = made(plan.report())
    text = " ".join(text_of(report).split())
    assert "Tiêu chí định tính" in text
    assert "không cộng vào kết quả của chỉ tiêu định lượng" in text
    assert "Kết quả xét: 1 đạt, 1 chưa đạt, 1 chưa xét." in text
    assert "(Chưa đạt, mức “Kém” (tự nhận “Tốt”): Thiếu tệp)" in text
    (counts,) = [row for row in rows_of(report, "Định tính") if row[1] == "CT03"]
    assert counts[3:9] == (1, 1, 1, 1, 0, 1)
    rows = {row[1]: row[3:8] for row in rows_of(report, "Nội dung định tính") if row[2] == "CT03"}
    assert rows["Chi cục Kiểm lâm"] == (
        "Tốt", "Kém", "Chưa đạt", "Thiếu tệp", "Trần Thị Mẫu, cơ quan thẩm định",
    )  # fmt: skip
    assert rows["Chi cục Thú y"][1:3] == (None, "Chưa xét")
    assert all(row[1] != "CT03" for row in rows_of(report, "Tổng hợp"))


def test_a_plan_without_any_has_none_of_it(plan: Plan) -> None:
    report = made(plan.report())
    assert report.snapshot["told"] == []
    assert "Tiêu chí định tính" not in text_of(report)


def test_facts_frozen_before_are_printed_as_they_were(plan: Plan, rubric: Indicator) -> None:
    facts = collect(plan.report())
    del facts["told"]
    for narrative in facts["narratives"]:
        narrative.pop("counts")
        for answer in narrative["answers"]:
            answer.pop("found")
    head = dict.fromkeys(
        ("is_sample", "kind", "number", "symbol", "signed_on", "year", "agency_name"), ""
    )
    papers = [one.paper for part in appendices(facts, head).done("") for one in part.sheets]
    answers = [
        answer
        for paper in papers
        for section in paper.get("sections", [])
        for answer in section.get("answers", [])
    ]
    assert {answer["found"] for answer in answers} == {""}


def test_the_counts_are_fields_of_the_words(plan: Plan, rubric: Indicator) -> None:
    facts = collect(plan.report())
    fields = fields_of(facts)
    assert fields[key_of("CT03.chưa xét")].shown == "1"
    facts["told"].append(told(facts) | {"group": "Nhóm khác", "met": 7})
    fields = fields_of(facts)
    assert fields[key_of("CT03, Nhóm khác.đạt")].shown == "7"


def test_the_page_of_the_report_tells_the_counts(
    plan: Plan, rubric: Indicator, province: Unit, client: StrictClient
) -> None:
    report = made(plan.report())
    client.force_login(user_with("standing_agency", province))
    page = client.get(f"/bao-cao/{report.pk}/").content.decode()
    assert "Tiêu chí định tính trong bản này" in page
    assert '<td class="num" data-label="Chưa xét">1</td>' in page
