"""The sheet of a plan: against the plan that it carries out, and against itself."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse

from campaigns.models import Campaign
from config.planfile import load_plans, plan_data, read_plan
from config.planfile.canonical import canonical
from config.plans import drafts
from config.plans.conformity import Sheet, sheet_of
from config.plans.own import Facts
from tests.config.planfiles import ABOVE, ANSWERED, edited, issued, load, world
from tests.factories import NOW, KindFactory, UnitFactory, user_with
from units.models import Unit
from units.services import import_units, read_unit_files

__all__ = ["world"]

SAMPLE = Path(__file__).parents[2] / "config" / "sample"
PROVINCE = "dong-thap.2022.chuyen-doi-so"
DEPARTMENT = "dong-thap.snn.2022.chuyen-doi-so"
BLOC = "lam-dong.khoi-snn.2023.chuyen-doi-so"
LEVELS = "tien-giang.2022.ntm-thong-minh"
TODAY = date(2026, 11, 29)
DISTRICT = "dak-song.2023.chuyen-doi-so"


# --- the five plans ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def sheets(django_db_setup, django_db_blocker):
    """The sheet of each of the five plans, as loaded from their files."""
    files = [read_plan(path) for path in (SAMPLE / "plans").glob("*.yaml")]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans(files, actor=None, now=NOW)
        rows = Campaign.objects.select_related("parent")
        yield {row.ref: drafts.conformity(plan_data(row), row.parent, today=TODAY) for row in rows}
        transaction.set_rollback(True)


def said(sheet: Sheet, state: str) -> list[str]:
    rows = [*sheet.own, *sheet.answers, *sheet.deadlines, *sheet.periods]
    return [row.sentence for row in rows if row.state == state]


NO_TM = (
    "Kế hoạch của Ủy ban nhân dân ký thay mặt tập thể nhưng phần ký không có dòng “TM. ỦY BAN NHÂN "
    "DÂN”."
)


def test_the_real_faults_of_the_five_plans(sheets):
    """What a reader of the papers finds wrong, and nothing else."""
    assert {ref: said(sheet, "fault") for ref, sheet in sheets.items()} == {
        PROVINCE: [
            "Văn bản không có chức vụ người ký, họ tên người ký.",
            "Thời gian thực hiện là 2021 - 2025 nhưng không đợt khen thưởng nào tính thành tích "
            "năm 2021.",
        ],
        DEPARTMENT: [
            "Văn bản không có số, ngày ban hành.",
            "“Báo cáo tổng hợp gửi UBND tỉnh” không ghi ngày; cấp trên cần hằng năm, ngày 10/12.",
            "Cấp trên có “Sơ kết giai đoạn 2022 - 2023”; kế hoạch này không có đợt sơ kết.",
            "“Tổng kết giai đoạn 2021 - 2025” tính thành tích từ 01/01/2021 đến 31/12/2025; “Tổng "
            "kết giai đoạn 2022 - 2025” của cấp trên chỉ tính từ 01/01/2022 đến 31/12/2025.",
        ],
        BLOC: ["Văn bản không có số, ký hiệu, ngày ban hành."],
        LEVELS: ["Văn bản không có số, ký hiệu, ngày ban hành.", NO_TM],
        DISTRICT: [
            "Văn bản không có số, ngày ban hành.",
            NO_TM,
            "Phần “Khen thưởng” ghi giai đoạn 2022 - 2025, ngoài thời gian thực hiện 2023 - 2025.",
        ],
    }


def test_what_the_five_plans_leave_open_and_keep(sheets):
    assert said(sheets[DISTRICT], "ask") == [
        "“Báo cáo thành tích của tập thể, cá nhân” theo Mẫu số 07, mẫu hết hiệu lực sau ngày "
        "31/12/2023, trước khi kế hoạch kết thúc."
    ]
    assert said(sheets[PROVINCE], "ask") == [
        "Không có kỳ báo cáo cho năm 2021.",
        "Chưa có trong sổ văn bản nên chưa đối chiếu được hiệu lực: 749/QĐ-TTg, 04-NQ/TU.",
    ]
    assert said(sheets[DEPARTMENT], "ok") == [
        "Thu “Báo cáo tình hình tổ chức thực hiện phong trào thi đua” của các đơn vị trước ngày "
        "30/11; cấp trên cần ngày 10/12.",
        "Thời gian thực hiện 01/01/2021 - 31/12/2025; của cấp trên 01/01/2021 - 31/12/2025.",
    ]
    assert sheets[DEPARTMENT].answers == []  # the criteria above are in an annex that is missing


# --- the rules, on values ------------------------------------------------------------------------
FACTS = Facts(
    units={},
    level_of={"so": "province", "ubnd-huyen": "district", "ubnd-xa": "commune"},
    forms_end={"mau": date(2024, 6, 30), "con": None},
    form_names={"mau": "Mẫu 1"},
)
FINAL = {"ref": "a", "kind": "final", "name": "A"}
YEAR = {"kind": "year", "closes_on": date(2026, 1, 31), "ref": "x", "name": "x"}


def plan_of(**parts: Any) -> dict[str, Any]:
    """A plan of two years in which nothing is wrong."""
    return canonical(
        {
            "ref": "p",
            "state": "draft",
            "title": "Phong trào",
            "period": {"from": date(2024, 1, 1), "to": date(2025, 12, 31)},
            "document": {"signer_title": "GIÁM ĐỐC"},
            "periods": [YEAR | {"from": date(2024, 1, 1), "to": date(2025, 12, 31)}],
            **parts,
        }
    )


def group(*indicators: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"ref": "g", "name": "Nhóm", "indicators": list(indicators), **more}


def ratio(ref: str, *targets: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "ref": ref, "code": ref.upper(), "name": f"Tỷ lệ {ref}", "kind": "ratio",
        "targets": list(targets), **more,
    }  # fmt: skip


def at_least(value: str, op: str = ">=", **more: Any) -> dict[str, Any]:
    return {"op": op, "value": Decimal(value), **more}


def own(**parts: Any) -> list[tuple[str, str]]:
    return [(row.state, row.sentence) for row in sheet_of(plan_of(**parts), None, FACTS).own]


def test_a_plan_without_contradictions_has_an_empty_sheet():
    sheet = sheet_of(plan_of(), None, FACTS)
    assert sheet == Sheet([])
    assert sheet.faults == 0


def test_an_issued_plan_has_its_number_day_and_signature():
    document = {"number": "1", "symbol": "KH-A", "issued_on": date(2024, 1, 2),
                "signer_title": "GIÁM ĐỐC", "signer_name": "Lê Văn A"}  # fmt: skip
    assert own(state="issued", document=document) == []
    lacking = own(state="issued", document=document | {"number": "", "issued_on": None})
    assert lacking == [("fault", "Văn bản không có số, ngày ban hành.")]


def test_years_that_no_review_and_no_period_counts():
    found = own(
        phases=[
            FINAL | {"from": date(2025, 1, 1), "to": date(2025, 9, 1)}
        ],
        periods=[YEAR | {"from": date(2024, 1, 1), "to": date(2024, 12, 31)}],
    )  # fmt: skip
    assert found == [
        ("fault", "Thời gian thực hiện là 2024 - 2025 nhưng không đợt khen thưởng nào tính thành "
         "tích năm 2024."),
        ("ask", "Không có kỳ báo cáo cho năm 2025."),
    ]  # fmt: skip
    assert own(periods=[], phases=[{"ref": "a", "kind": "final", "name": "A"}]) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("trong giai đoạn 2023 - 2025", True),
        ("từ năm 2024 đến năm 2026", True),
        ("giai đoạn 2024–2025", False),
        ("các năm 2019, 2020", False),
    ],
)
def test_spans_of_years_in_the_plans_own_words(text, wrong):
    for parts in (
        {"title": f"Phong trào {text}"},
        {"sections": [{"kind": "awards", "heading": "K", "text": text}]},
    ):
        assert bool(own(**parts)) is wrong
    quoted = [{"kind": "content", "heading": "N", "text": text}]  # may speak of another programme
    assert own(sections=quoted) == []


def test_reviews_outside_the_period_and_duties_out_of_order():
    assert own(
        phases=[
            FINAL | {"from": date(2023, 1, 1), "to": date(2025, 12, 31)}
        ]
    ) == [
        ("fault", "“A” tính thành tích từ 01/01/2023 đến 31/12/2025, ngoài thời gian thực hiện.")
    ]  # fmt: skip
    duty = {"what": "report", "rhythm": "yearly", "month": 12, "relation": "on"}
    rows = [
        {"ref": "a", "name": "Đơn vị", "day": 20, **duty},
        {"ref": "b", "name": "Tổng hợp", "day": 15, "owed_by": "standing", **duty},
        {"ref": "c", "name": "Khác nhịp", "day": 31, **duty, "rhythm": "final"},
        {"ref": "d", "name": "Không ngày", "what": "report", "rhythm": "yearly"},
    ]
    assert own(duties=rows) == [
        ("fault", "“Đơn vị” đến hạn ngày 20/12, không trước “Tổng hợp” (ngày 15/12).")
    ]


def test_forms_that_end_before_the_plan():
    papers = [
        {"ref": "a", "part": "letter", "title": "Tờ trình", "form": form}
        for form in ("mau", "con", "")
    ]
    assert [state for state, _ in own(dossier=papers)] == ["ask"]
    assert own(dossier="default") == []


@pytest.mark.django_db
def test_a_peoples_committee_signs_as_a_body():
    unit = UnitFactory(ref="ub", kind=KindFactory(code="ubnd-huyen"))
    facts = Facts({"ub": unit}, {}, {}, {})
    signed = {"signer_title": "CHỦ TỊCH"}
    for document, faults in (
        (signed, 1),
        (signed | {"signing_capacity": "TM. ỦY BAN NHÂN DÂN"}, 0),
        ({}, 0),
    ):
        plan = plan_of(issuer="ub", document=document)
        assert sheet_of(plan, None, facts).faults == faults


# --- indicators above ----------------------------------------------------------------------------
def answers(
    plan: dict[str, Any], parent: dict[str, Any], facts: Facts = FACTS
) -> list[tuple[str, str, str]]:
    rows = sheet_of(plan, parent, facts).answers
    return [(row.code, row.state, row.sentence) for row in rows]


def test_every_indicator_above_is_covered_delegated_set_aside_or_forgotten():
    parent = plan_of(
        groups=[group(*(ratio(ref, at_least("90")) for ref in ("a", "b", "c", "d", "e")),
                      ratio("f", default=True))]
    )  # fmt: skip
    plan = plan_of(
        groups=[group(ratio("a", at_least("95")), ratio("x", at_least("90", ">")))],
        parent="p",
        parent_indicators=[
            {"indicator": "b", "way": "covered", "by": "x"},
            {"indicator": "c", "way": "delegated", "text": "Giao Phòng Nội vụ"},
            {"indicator": "d", "way": "set_aside", "text": "Không có OCOP"},
        ],
    )
    sheet = sheet_of(plan, parent, FACTS)
    shown = ("code", "state", "way", "own_target", "sentence")
    assert [tuple(getattr(row, key) for key in shown) for row in sheet.answers] == [
        ("A", "ok", "có tiêu chí tương ứng", "từ 95% trở lên", ""),
        ("B", "ok", "có tiêu chí tương ứng", "trên 90%", ""),
        ("C", "ok", "giao cho đơn vị khác", "", "Giao Phòng Nội vụ"),
        ("D", "ok", "không thực hiện", "", "Không có OCOP"),
        ("E", "fault", "chưa có", "", "Chưa có tiêu chí tương ứng, chưa giao đơn vị nào, chưa nêu "
         "lý do."),
    ]  # fmt: skip
    assert sheet.answers[1].own == "X Tỷ lệ x"
    assert sheet.faults == 1


@pytest.mark.parametrize(
    ("mine", "theirs", "state", "sentence"),
    [
        (at_least("80"), at_least("90"), "fault",
         "Mức “từ 80% trở lên” nhẹ hơn mức của cấp trên (từ 90% trở lên), năm 2024."),
        (at_least("90"), at_least("90", ">"), "fault",
         "Mức “từ 90% trở lên” nhẹ hơn mức của cấp trên (trên 90%), năm 2024."),
        (at_least("90", ">"), at_least("90"), "ok", ""),
        ({"op": "none"}, at_least("90"), "fault",
         "Cấp trên đặt từ 90% trở lên; kế hoạch này không đặt mức."),
        (at_least("80"), {"op": "none"}, "ok", ""),
        (at_least("10", "<="), at_least("90"), "ask", "Hai mức so theo hai chiều khác nhau."),
        (at_least("95", year=2024), at_least("90"), "fault",
         "Cấp trên đặt từ 90% trở lên; kế hoạch này không đặt mức."),
        (at_least("5", basis="rise"), at_least("6", basis="rise"), "fault",
         "Mức “tăng ít nhất 5 điểm phần trăm so với năm trước” nhẹ hơn mức của cấp trên (tăng ít "
         "nhất 6 điểm phần trăm so với năm trước), năm 2024."),
        (at_least("5", basis="rise"), at_least("90"), "ask",
         "Một bên đặt mức, một bên đặt mức tăng, giảm so với năm trước; không so được."),
        (at_least("80"), at_least("90", year=2025), "fault",
         "Mức “từ 80% trở lên” nhẹ hơn mức của cấp trên (từ 90% trở lên), năm 2025."),
    ],
)  # fmt: skip
def test_a_target_below_is_not_weaker(mine, theirs, state, sentence):
    plan = plan_of(groups=[group(ratio("a", mine))], parent="p")
    parent = plan_of(groups=[group(ratio("a", theirs))])
    assert answers(plan, parent) == [("A", state, sentence)]


@pytest.mark.parametrize(
    "derive", [{"how": "sum", "from": "a"}, {"how": "sum", "set": "bo", "code": "8.4"}]
)
def test_a_sum_of_shares_is_a_share(derive):
    asked = ratio("a") | {"external": {"set": "bo", "code": "8.4"}}
    total = {"ref": "t", "code": "T", "name": "Cả tỉnh", "kind": "derived", "derive": derive}
    plan = plan_of(groups=[group(asked, total | {"targets": [at_least("50")]})], parent="p")
    assert sheet_of(plan, plan, FACTS).answers[1].target == "từ 50% trở lên"


def test_nothing_above_is_nothing_to_weigh():
    plan = plan_of(groups=[group(ratio("a"))], parent="p")
    assert answers(plan, plan_of(groups=[group(ratio("a"))])) == [("A", "ok", "")]


@pytest.mark.parametrize(
    ("kinds", "value", "state"),
    [
        (["ubnd-xa"], "60", "ok"),  # a commune is held to the target of communes
        (["ubnd-xa"], "59.9", "fault"),
        (["ubnd-huyen"], "60", "fault"),
        (["ubnd-huyen"], "80", "ok"),
        (["ubnd-xa", "ubnd-huyen"], "60", "fault"),
        (["so"], "60", "ok"),  # no target above speaks of departments
    ],
)
def test_levels_are_weighed_with_levels(kinds, value, state):
    theirs = (at_least("80", level="district"), at_least("60", level="commune"))
    parent = plan_of(groups=[group(ratio("a", *theirs))])
    plan = plan_of(groups=[group(ratio("a", at_least(value)), unit_kinds=kinds)], parent="p")
    assert [row[1] for row in answers(plan, parent)] == [state]
    assert sheet_of(plan, parent, FACTS).answers[0].target == "từ 60% trở lên; từ 80% trở lên"


@pytest.mark.django_db
def test_units_named_and_the_issuer_are_weighed_by_what_holds_for_them():
    huyen = KindFactory(code="ubnd-huyen")
    one, two = UnitFactory(ref="mot", kind=huyen, tags=["nui"]), UnitFactory(ref="hai", kind=huyen)
    facts = Facts({"mot": one, "hai": two}, FACTS.level_of, {}, {})
    parent = plan_of(groups=[group(ratio("a", at_least("90"), at_least("50", region="nui")))])
    mine = ratio("a", at_least("70"), at_least("95", unit="hai"))
    for parts, state in (
        ({"groups": [group(mine, units=["mot"])]}, "ok"),
        ({"groups": [group(mine, units=["hai"])]}, "ok"),
        ({"groups": [group(mine)], "issuer": "mot"}, "ok"),
        ({"groups": [group(ratio("a", at_least("70")))], "issuer": "hai"}, "fault"),
        ({"groups": [group(mine, units=["khong-con"])], "issuer": "hai"}, "ok"),
    ):
        assert [row[1] for row in answers(plan_of(parent="p", **parts), parent, facts)] == [state]


def weighed(mine: list[Any], theirs: list[Any], facts: Facts = FACTS, **more: Any) -> Any:
    plan = plan_of(groups=[group(ratio("a", *mine), **more)], parent="p", issuer="co-quan")
    ((_, *said),) = answers(plan, plan_of(groups=[group(ratio("a", *theirs))]), facts)
    return tuple(said)


@pytest.mark.parametrize(
    ("whom", "kinds", "words"),
    [
        ({"region": "nui"}, ["so"], "vùng nui"),
        ({"region": "nui"}, [], "vùng nui"),
        ({"level": "commune"}, [], ""),
        ({"unit_kind": "ubnd-xa"}, [], ""),
        ({"unit_kind": "ubnd-xa", "region": "nui"}, ["ubnd-xa", "so"], "vùng nui"),
        ({"level": "commune"}, ["ubnd-xa"], ""),
    ],
)
def test_who_is_singled_out_below_is_weighed_too(whom, kinds, words):
    mine = [at_least("100"), at_least("10", **whom)]
    state, sentence = weighed(mine, [at_least("100")], unit_kinds=kinds)
    assert (state, "từ 10% trở lên" in sentence) == ("fault", True)
    assert sentence.endswith(f"năm 2024{words and f', đối với {words}'}.")
    assert weighed(mine, [at_least("10")], unit_kinds=kinds) == ("ok", "")
    assert weighed(mine, [at_least("100")], unit_kinds=["ubnd-huyen"])[0] == (
        "fault" if whom == {"region": "nui"} else "ok"
    )


@pytest.mark.django_db
def test_who_is_singled_out_above_is_weighed_where_it_is_measured_below():
    office, so = UnitFactory(ref="co-quan"), KindFactory(code="so")
    own = UnitFactory(ref="phong", name="Phòng Một", kind=so, parent=office, tags=["nui"])
    far = UnitFactory(ref="noi-khac", kind=so, tags=["bien"])
    facts = Facts({unit.ref: unit for unit in (office, own, far)}, FACTS.level_of, {}, {})
    for whom, kinds, words in (
        ({"unit": "phong"}, ["so"], "Phòng Một"),
        ({"unit": "noi-khac"}, ["so"], ""),  # of another office
        ({"unit": "phong"}, ["ubnd-xa"], ""),  # measured here by nobody
        ({"region": "nui"}, ["so"], "vùng nui"),
        ({"region": "nui"}, ["ubnd-xa"], ""),
        ({"region": "bien"}, ["so"], ""),
        ({"region": "chua-ai"}, ["so"], "vùng chua-ai"),  # nobody is known to be there
    ):
        theirs = [at_least("80"), at_least("95", **whom)]
        state, sentence = weighed([at_least("80")], theirs, facts, unit_kinds=kinds)
        assert state == ("fault" if words else "ok"), whom
        assert sentence.endswith(f", đối với {words}." if words else ""), whom


@pytest.mark.django_db
def test_a_unit_singled_out_below_is_weighed_where_the_group_measures_it():
    so = KindFactory(code="so")
    office, one = UnitFactory(ref="co-quan"), UnitFactory(ref="mot", name="Sở Một", kind=so)
    facts = Facts({"co-quan": office, "mot": one}, FACTS.level_of, {}, {})
    mine = [at_least("100"), at_least("10", unit="mot")]
    for kinds, state in ((["so"], "fault"), ([], "fault"), (["ubnd-xa"], "ok")):
        assert weighed(mine, [at_least("100")], facts, unit_kinds=kinds)[0] == state
    assert weighed(mine, [at_least("100")], facts, units=["mot"])[1].endswith("Sở Một.")


def test_a_target_of_the_whole_is_weighed_as_a_whole():
    parent = plan_of(groups=[group(ratio("a", at_least("50")), measured="once")])
    plan = plan_of(groups=[group(ratio("a", at_least("40")), unit_kinds=["so"])], parent="p")
    assert [row[1] for row in answers(plan, parent)] == ["fault"]


def test_a_share_of_units_is_a_percentage_too_and_a_count_is_none():
    source = {"ref": "s", "code": "S", "name": "Có", "kind": "yes_no", "default": True}
    shared = ratio("a", at_least("50")) | {
        "kind": "derived",
        "derive": {"how": "share", "from": "s"},
    }
    plan = plan_of(groups=[group(ratio("a", at_least("60")))], parent="p")
    assert answers(plan, plan_of(groups=[group(source, shared)])) == [("A", "ok", "")]
    count = ratio("a", at_least("3")) | {"kind": "count"}
    assert answers(plan, plan_of(groups=[group(count)])) == [
        ("A", "ask", "Hai tiêu chí đo khác nhau, không so được mức.")
    ]


def test_a_target_amended_above_counts_from_its_day():
    revised = at_least("95") | {"from": date(2025, 1, 1), "decision": "QĐ 1", "reason": "T"}
    parent = plan_of(groups=[group(ratio("a", at_least("80"), revised))])
    plan = plan_of(groups=[group(ratio("a", at_least("90")))], parent="p")
    [(_, state, sentence)] = answers(plan, parent)
    assert (state, sentence[-9:]) == ("fault", "năm 2025.")


# --- deadlines, periods, papers ------------------------------------------------------------------
OWED = {"ref": "o", "what": "report", "name": "Báo cáo", "rhythm": "yearly", "relation": "on",
        "day": 10, "month": 12}  # fmt: skip
SENT = {**OWED, "ref": "s", "name": "Tổng hợp", "what": "consolidated", "owed_by": "standing"}


def deadlines(owed: dict[str, Any], *mine: dict[str, Any], **parts: Any) -> list[tuple[str, str]]:
    plan, parent = plan_of(duties=list(mine), parent="p", **parts), plan_of(duties=[owed])
    return [(row.state, row.sentence) for row in sheet_of(plan, parent, FACTS).deadlines]


def test_reports_are_sent_by_the_day_above_and_collected_before_it():
    early = {**OWED, "relation": "before", "day": 30, "month": 11}
    assert deadlines(OWED, early, SENT) == [
        ("ok", "Gửi báo cáo tổng hợp ngày 10/12; cấp trên cần hằng năm, ngày 10/12."),
        ("ok", "Thu “Báo cáo” của các đơn vị trước ngày 30/11; cấp trên cần ngày 10/12."),
    ]
    assert deadlines(OWED, OWED, {**SENT, "day": 11}) == [
        ("fault", "Gửi báo cáo tổng hợp ngày 11/12; cấp trên cần hằng năm, ngày 10/12."),
        ("fault", "Thu “Báo cáo” của các đơn vị ngày 10/12; cấp trên cần ngày 10/12."),
    ]
    assert [state for state, _ in deadlines(OWED, {**OWED, "relation": "before"}, SENT)] == [
        "ok"
    ] * 2
    assert [state for state, _ in deadlines(OWED)] == ["fault", "ask"]
    open_day = {**SENT, "day": None, "month": None, "due_text": "cuối năm"}
    assert deadlines(OWED, early, open_day)[0] == (
        "fault",
        "“Tổng hợp” không ghi ngày; cấp trên cần hằng năm, ngày 10/12.",
    )


def test_two_dates_a_year_are_held_against_the_two_above():
    def half(row: dict[str, Any], day: int, month: int) -> dict[str, Any]:
        return {**row, "ref": f"{row['ref']}-{month}", "rhythm": "half_yearly", "day": day,
                "month": month}  # fmt: skip

    def states(*mine: dict[str, Any]) -> list[str]:
        parent = plan_of(duties=[half(OWED, 10, 6), half(OWED, 10, 12)])
        plan = plan_of(duties=list(mine), parent="p")
        return [row.state for row in sheet_of(plan, parent, FACTS).deadlines]

    sent, due = [half(SENT, 5, 6), half(SENT, 5, 12)], [half(OWED, 1, 6), half(OWED, 1, 12)]
    assert states(*sent, *due) == ["ok"] * 4
    assert states(sent[0], half(SENT, 11, 12), *due) == ["ok", "ok", "fault", "ok"]
    assert states(half(SENT, 11, 6), sent[1], half(OWED, 10, 6), due[1]) == [
        "fault", "fault", "ok", "ok"
    ]  # fmt: skip
    assert states(sent[1], due[1]) == ["fault", "ask", "ok", "ok"]  # nothing for the first half


def test_what_asks_nothing_of_a_plan_below():
    assert deadlines(SENT) == []
    assert deadlines({**OWED, "what": "consolidated"}) == []
    assert deadlines({**OWED, "day": None, "month": None}) == [
        ("ask", "Cấp trên không ghi ngày của “Báo cáo”.")
    ]


def test_a_plan_that_was_owed_by_a_day():
    owed = {"ref": "k", "what": "own_plan", "name": "Kế hoạch", "rhythm": "once",
            "relation": "within", "on": date(2024, 6, 30)}  # fmt: skip
    for issued_on, state, begins in (
        (None, "ask", "Chưa có ngày ban hành"),
        (date(2024, 7, 1), "fault", "Ban hành ngày 01/07/2024, quá hạn"),
        (date(2024, 6, 30), "ok", "Ban hành ngày 30/06/2024"),
    ):
        found = deadlines(owed, document={"issued_on": issued_on} if issued_on else {})
        assert found == [(state, f"{begins}; cấp trên cần “Kế hoạch” chậm nhất ngày 30/06/2024.")]
    assert deadlines({**owed, "on": None, "due_text": "quý II"}) == []


def periods(plan: dict[str, Any], parent: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row.state, row.sentence) for row in sheet_of(plan, parent, FACTS).periods]


def test_the_period_lies_inside():
    longer = plan_of(period={"from": date(2023, 12, 31), "to": date(2025, 12, 31)})
    assert [state for state, _ in periods(plan_of(), longer)] == ["ok"]
    assert periods(longer, plan_of()) == [
        ("fault", "Thời gian thực hiện nằm ngoài: 31/12/2023 - 31/12/2025; của cấp trên 01/01/2024 "
         "- 31/12/2025.")
    ]  # fmt: skip


def test_reviews_answer_those_above():
    def reviewed(first: date | None, last: date | None, kind: str = "interim") -> dict[str, Any]:
        row = {"ref": "r", "kind": kind, "name": "Sơ kết", "from": first, "to": last}
        return plan_of(phases=[{key: value for key, value in row.items() if value}])

    above = reviewed(date(2024, 3, 1), date(2024, 12, 31))
    for mine, faults in (
        (reviewed(date(2024, 3, 1), date(2024, 12, 31)), 0),
        (reviewed(None, None), 0),
        (reviewed(date(2024, 2, 1), date(2024, 12, 31)), 1),
        (reviewed(date(2024, 3, 1), date(2025, 1, 31)), 1),
        (reviewed(None, None, "launch"), 1),
    ):
        assert sum(state == "fault" for state, _ in periods(mine, above)) == faults
    assert len(periods(plan_of(), reviewed(None, None, "launch"))) == 1


def test_dossiers_sent_upward_hold_what_is_asked_above():
    asked = [
        {"ref": "a", "part": "letter", "title": "Tờ trình"},
        {"ref": "b", "part": "launch_plan", "title": "Kế hoạch phát động"},
        {"ref": "c", "part": "proof", "title": "Minh chứng", "required": False},
    ]
    upward = {"quotas": [{"ref": "q", "phase": "p", "form": "f", "recipients": "collective",
                          "basis": "later", "upward": True}]}  # fmt: skip
    parent = plan_of(dossier=asked)
    fault = "Hồ sơ của cấp trên phải có “Kế hoạch phát động”; kế hoạch này không nêu."
    for dossier, found in (("default", [fault]), (asked[:1], [fault]), (asked, [])):
        plan = plan_of(dossier=dossier, awards=upward)
        assert [sentence for state, sentence in periods(plan, parent) if state == "fault"] == found
    assert len(periods(plan_of(dossier=asked[:1]), parent)) == 1  # proposes nothing upward
    assert len(periods(plan_of(dossier=asked[:1], awards=upward), plan_of(dossier="default"))) == 1


# --- the page ------------------------------------------------------------------------------------
@pytest.fixture
def child(world) -> Campaign:
    load(ANSWERED, issued(ABOVE))
    return Campaign.objects.get(ref="a.2024.so")


def test_the_sheet_as_a_page(child, client_of):
    browser = client_of(user_with("standing_agency", Unit.objects.get(ref="a.b")))
    page = browser.get(reverse("plans:plan_conformity", args=[child.ref])).content.decode()
    for words in (
        "Tiêu chí của kế hoạch cấp trên",
        "Giao Phòng Nội vụ",
        "Không có đơn vị cấp dưới",
        "nhẹ hơn mức của cấp trên",
        f"/phong-trao/{child.ref}/soan/cap-tren/",
        f"/phong-trao/{child.ref}/soan/han/",
        "chỗ chưa khớp",
    ):
        assert words in page, words
    issue = browser.get(reverse("plans:plan_issue", args=[child.ref])).content.decode()
    assert "Phiếu đối chiếu có" in issue
    tab = browser.get(f"/phong-trao/{child.ref}/").content.decode()
    assert f"/phong-trao/{child.ref}/doi-chieu/" in tab


def test_a_plan_above_that_one_may_not_see_stays_out(child, client_of):
    other = UnitFactory(ref="la", name="Tỉnh khác")
    Campaign.objects.filter(ref="cha").update(issuer=other, standing_agency=other)
    writer = client_of(user_with("standing_agency", child.standing_agency))
    page = writer.get(reverse("plans:plan_conformity", args=[child.ref])).content.decode()
    assert "Giao Phòng Nội vụ" in page  # who writes the plan must know
    assert "/phong-trao/cha/" not in page
    Campaign.objects.filter(ref=child.ref).update(state="issued")
    browser = client_of(user_with("clerk", child.issuer))
    page = browser.get(reverse("plans:plan_conformity", args=[child.ref])).content.decode()
    assert "nằm ngoài phạm vi được xem" in page
    assert "Tiêu chí của kế hoạch cấp trên" not in page
    assert "/soan/" not in page


def test_a_plan_of_its_own(world, client_of):
    load(issued(edited(("level: province", "level: province\nparent_document: Quyết định 1"))))
    browser = client_of(user_with("clerk", world))
    page = browser.get(reverse("plans:plan_conformity", args=["a.2024.so"])).content.decode()
    assert "thực hiện Quyết định 1" in page


def test_a_draft_started_from_the_plan_above_covers_it(world):
    """What `Lập kế hoạch thực hiện` makes carries every indicator out from the start."""
    load(issued(ABOVE))
    parent = plan_data(Campaign.objects.get(ref="cha"))
    plan = deepcopy(parent) | {"parent": "cha", "parent_indicators": []}
    assert [row.state for row in sheet_of(plan, parent, FACTS).answers] == ["ok", "ok", "ok"]
