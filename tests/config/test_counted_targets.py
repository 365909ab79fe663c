"""Targets of what is counted: whole numbers, read as the results that are held against them are."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from awards.models import Quota
from campaigns.models import Campaign
from config.planfile import PlanFileError, plan_data, plan_text
from config.plans.issuing import gaps
from criteria.models import Target
from tests.config.partpages import REF, Page, errors
from tests.config.planfiles import AMENDMENTS, PLAN, edited, issued, load, world
from tests.config.test_plans_issued import WHOLE, amend, wrong
from tests.factories import user_with
from units.models import Unit

__all__ = ["world"]

SHARE = "kind: derived\n        derive: {how: share, from: ho-so}\n"
PEOPLE = (
    SHARE,
    "kind: quantity\n        measure_unit: người\n        targets:\n"
    "          - {op: '>=', value: 900}\n",
)
TWO = (
    "“1,250” là 1,25 theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là một nghìn hai "
    "trăm năm mươi, gõ 1.250 hoặc 1250."
)


@pytest.fixture
def browser(world, client_of):
    return client_of(user_with("standing_agency", Unit.objects.get(ref="a.b")))


def people(value: Any) -> str:
    return edited(PEOPLE).replace("value: 900", f"value: {value}")


# --- in the editor of a draft --------------------------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        {"indicators-2-kind": "count", "indicators-2-measure_unit": ""},
        {"indicators-2-measure_unit": "hộ"},
        {"indicators-2-measure_unit": "nghìn đồng", "indicators-2-numbers": "whole"},
        {"indicators-2-targets-0-basis": "rise"},
    ],
)
def test_both_readings_are_told_at_the_field_and_what_was_typed_comes_back(browser, said):
    load(edited(PEOPLE))
    answer = Page(browser, "tieu-chi", "tap-the").save(
        **said, **{"indicators-2-targets-0-value": "1,250"}
    )
    assert answer.status_code == 422
    assert errors(answer) == {"indicators-2-targets-0-value": f"Mức: {TWO}"}
    assert 'value="1,250"' in answer.content.decode()
    assert Target.objects.get(indicator__ref="ty-le-dat").value == 900


@pytest.mark.parametrize(
    ("said", "typed", "value"),
    [
        ({}, "1.250", "1250"),
        ({"indicators-2-numbers": "decimal"}, "1,250", "1.25"),
        ({"indicators-2-measure_unit": "nghìn người"}, "1,250", "1.25"),
        ({"indicators-2-targets-0-basis": "rise_percent"}, "1,250", "1.25"),
        ({"indicators-2-kind": "ratio", "indicators-2-measure_unit": ""}, "1,250", "1.25"),
    ],
)
def test_a_fraction_stays_one_where_there_may_be_any(browser, said, typed, value):
    load(edited(PEOPLE))
    answer = Page(browser, "tieu-chi", "tap-the").save(
        **said, **{"indicators-2-targets-0-value": typed}
    )
    assert answer.status_code == 302
    assert Target.objects.get(indicator__ref="ty-le-dat").value == Decimal(value)


@pytest.mark.parametrize(
    ("how", "source", "status"),
    [
        ("count", "ratio", 422),
        ("sum", "count", 422),
        ("sum", "ratio", 302),
        ("share", "count", 302),
    ],
)
def test_what_is_derived_is_counted_as_what_it_is_made_of(browser, how, source, status):
    load(
        edited(
            ("how: share, from: ho-so", f"how: {how}, from: khac"),
            (
                "  - ref: ca-nhan\n    name: Cá nhân\n",
                f"      - {{ref: khac, code: A4, name: Khác, kind: {source}}}\n"
                "  - ref: ca-nhan\n    name: Cá nhân\n",
            ),
        )
    )
    answer = Page(browser, "tieu-chi", "tap-the").save(
        **{"indicators-2-targets-0-op": ">=", "indicators-2-targets-0-value": "1,250"}
    )
    assert answer.status_code == status


def test_a_number_of_awards_is_read_so_too(browser):
    load(PLAN)
    page = Page(browser, "khen-thuong")
    answer = page.save(**{"quotas-0-number": "1,250"})
    assert errors(answer) == {"quotas-0-number": f"Số lượng: {TWO}"}
    assert 'value="1,250"' in answer.content.decode()
    assert page.save(**{"quotas-0-number": "1.250"}).status_code == 302
    assert Quota.objects.get(ref="tap-the").number == 1250


# --- in a file -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "1.250",
            "“1.250” trong tệp là 1,25, mà tiêu chí này chỉ nhận số nguyên. Nếu là một nghìn hai "
            "trăm năm mươi, ghi 1250.",
        ),
        (
            "1,250",
            "trong ngoặc { } dấu phẩy ngăn hai khóa, không nằm trong số; số viết liền như 1250, "
            "phần lẻ sau dấu chấm như 1.25.",
        ),
        (
            '"1,250"',
            "“1,250” phải là số, phần lẻ sau dấu chấm: ghi 1250 nếu là một nghìn hai trăm năm "
            "mươi, ghi 1.25 nếu là 1,25.",
        ),
        (
            "2.5",
            "“2.5” có phần lẻ, mà tiêu chí này đếm từng đơn vị trọn vẹn nên chỉ nhận số nguyên; "
            "nếu đo cả phần lẻ thì ghi numbers: decimal.",
        ),
    ],
)
def test_a_file_is_told_the_line_and_both_readings(world, written, said):
    with pytest.raises(PlanFileError) as refused:
        load(people(written))
    (problem,) = refused.value.problems
    assert (problem.message, problem.path[-2]) == (said, 0)
    assert (
        problem.line
        == people(written).splitlines().index(f"          - {{op: '>=', value: {written}}}") + 1
    )


def test_a_count_has_no_other_kind_of_numbers(world):
    text = people("2.5").replace("kind: quantity", "kind: count")
    with pytest.raises(PlanFileError, match=r"nên chỉ nhận số nguyên\.$"):
        load(text)


def test_a_file_is_told_how_a_whole_number_is_written_in_it(world):
    wrong = edited(("number: 5", 'number: "1.250"'))
    with pytest.raises(PlanFileError, match=r"“1\.250” phải là số nguyên: ghi 1250 nếu là 1\.250"):
        load(wrong)


def test_what_a_plan_says_so_from_of_old_stays(world):
    """The targets of an issued plan stay as they are; a new one is read like any other."""
    load(issued(people(900)))
    Target.objects.filter(value=900).update(value="1.25")
    campaign = Campaign.objects.get(ref=REF)
    assert [outcome.done for outcome in load(plan_text(campaign))] == ["không đổi"]
    old = "{op: '>=', value: 1.25}"
    new = "{op: '>=', value: 2.5, from: 2024-07-01, decision: 15/QĐ-UBND, reason: Đủ hạ tầng}"
    text = issued(people("1.25")).replace(old, f"{old}\n          - {new}") + AMENDMENTS
    with pytest.raises(PlanFileError, match=r"“2\.5” có phần lẻ") as refused:
        load(text)
    assert len(refused.value.problems) == 1
    assert [outcome.done for outcome in load(text.replace("value: 2.5", "value: 3"))] == [
        "đã điều chỉnh"
    ]


# --- in an amendment, and when a plan begins with another's --------------------------------------
def test_the_new_target_of_an_amendment_is_read_so_too(browser):
    load(issued(edited(PEOPLE, text=WHOLE)))
    answer = amend(browser, **{"ty-le-dat-0-value": "1,250"})
    assert answer.status_code == 422
    assert wrong(answer) == {"ty-le-dat-0-value": f"A3 Tỷ lệ đơn vị đạt, Mức: {TWO}"}
    assert 'value="1,250"' in answer.content.decode()
    assert amend(browser, **{"ty-le-dat-0-value": "1.250"}).status_code == 302
    assert Target.objects.get(indicator__ref="ty-le-dat", in_force_from=None).value == 900


def test_a_fraction_of_the_plan_above_is_mended_before_ones_own_is_issued(browser):
    load(issued(people(900)))
    Target.objects.filter(value=900).update(value="1.25")
    first = {
        "title": "Kế hoạch riêng", "short_title": "Riêng", "body": "issuer:a.b",
        "standing_agency": "a.b", "level": "province", "first": "2024-01-01",
        "last": "2025-12-31", "ref": "a.b.rieng",
    }  # fmt: skip
    assert browser.post(reverse("plans:plan_carry_out", args=[REF]), first).status_code == 302
    own = Campaign.objects.get(ref="a.b.rieng")
    (gap,) = (gap for gap in gaps(plan_data(own)) if "A3" in gap.sentence)
    assert (gap.part, gap.group, gap.blocks) == ("tieu-chi", "tap-the", True)
    assert gap.sentence == "A3 đếm từng đơn vị trọn vẹn mà mức ghi 1,25; ghi số nguyên."
    at = reverse("plans:indicators_edit", args=[own.ref, "tap-the"])
    page = Page(browser, "", at=at)
    assert page.data["indicators-2-targets-0-value"] == "1,25"
    assert "“1,25” có phần lẻ" in errors(page.save())["indicators-2-targets-0-value"]
    assert page.save(**{"indicators-2-targets-0-value": "1250"}).status_code == 302
