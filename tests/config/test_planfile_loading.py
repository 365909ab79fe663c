"""Plans loaded from files: names on the portal, the plan above, drafts, results never dropped."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from awards.models import Quota, QuotaPosting
from campaigns.models import Campaign, ParentIndicator, Period, Phase, Result
from config.planfile import PlanFileError, plan_data, plan_text
from criteria.models import Group, Indicator, RubricLevel, Target
from dossiers.models import DossierRequirement
from tests.config.planfiles import (
    ABOVE,
    ANSWERED,
    INDIVIDUALS,
    PERIOD_2024,
    PERIOD_2025,
    PLAN,
    edited,
    entered,
    line_of,
    load,
    parse,
    world,
)
from tests.factories import NOW, IndicatorFactory
from units.models import AuditEntry
from units.rules import DomainError
from units.services.rows import Changes

__all__ = ["world"]

OUTSIDE = [
    pytest.param(
        "standing_agency: a.b",
        "standing_agency: a.c",
        "a.c",
        "đơn vị cùng cấp trên đang có: a.b",
        id="unit",
    ),
    pytest.param("issuer: a\n", "issuer: zz\n", "issuer: zz", "import_units", id="far unit"),
    pytest.param(
        "level: province", "level: tinh", "level: tinh", "đang có: commune, province", id="level"
    ),
    pytest.param("unit_kinds: [so]", "unit_kinds: [xo]", "[xo]", "loại đơn vị “xo”", id="kind"),
    pytest.param(
        "form: bang-khen, recipients: collective",
        "form: bang, recipients: collective",
        "form: bang,",
        "hình thức khen thưởng “bang”",
        id="form",
    ),
    pytest.param("form: mau-1", "form: mau-2", "mau-2", "mẫu văn bản “mau-2”", id="paper"),
    pytest.param(
        "value: 90}", "value: 90, region: bien}", "region: bien", "đang có: mien-nui", id="region"
    ),
    pytest.param(
        "level: province",
        "parent: cha\nlevel: province",
        "parent: cha",
        "parent_document",
        id="parent",
    ),
    pytest.param(
        "        of_which",
        "        lead: a.x\n        assist: [a.y]\n        of_which",
        "lead: a.x",
        "đơn vị “a.x”",
        id="lead",
    ),
    pytest.param(
        "        of_which",
        "        lead: a.x\n        assist: [a.y]\n        of_which",
        "assist: [a.y]",
        "đơn vị “a.y”",
        id="assist",
    ),
    pytest.param(
        "groups: [tap-the]", "groups: [tap-the], to: a.q", "to: a.q", "đơn vị “a.q”", id="owed to"
    ),
    pytest.param("issuer: a\n", "bloc: khoi-2\n", "khoi-2", "Khối, Cụm “khoi-2”", id="bloc"),
]


@pytest.mark.parametrize(("old", "new", "needle", "said"), OUTSIDE)
def test_names_must_be_on_the_portal(world, old, new, needle, said):
    text = edited((old, new))
    with pytest.raises(PlanFileError, match=r"tep-1\.yaml") as error:
        load(text)
    found = [problem for problem in error.value.problems if said in problem.message]
    assert [problem.line for problem in found] == [line_of(needle, text)], str(error.value)
    assert not Campaign.objects.exists()


CHILD = edited(
    ("ref: a.2024.so", "ref: a.b.2024.so"),
    ("issuer: a\n", "issuer: a.b\n"),
    ("level: province", "parent: a.2024.so\nlevel: province"),
    (
        "basis: later",
        "basis: later, upward: true, parent: {plan: a.2024.so, quota: ca-nhan}",
    ),
)


def test_parents_are_loaded_first_whatever_the_order(world):
    assert [outcome.ref for outcome in load(CHILD, PLAN)] == ["a.2024.so", "a.b.2024.so"]
    child = Quota.objects.get(campaign__ref="a.b.2024.so", ref="ca-nhan")
    assert child.parent == Quota.objects.get(campaign__ref="a.2024.so", ref="ca-nhan")
    assert child.campaign.parent.ref == "a.2024.so"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("quota: ca-nhan}", "quota: khong-co}"), "các mã: ca-nhan, tap-the"),
        (("quota: ca-nhan}", "quota: tap-the}"), "cùng đối tượng"),
        (("{plan: a.2024.so,", "{plan: khac,"), "không phải kế hoạch cấp trên"),
        (("period: {from: 2024-01-01", "period: {from: 2023-01-01"), "kế hoạch cấp trên"),
    ],
)
def test_child_must_fit_its_parent(world, change, said):
    with pytest.raises(PlanFileError, match=said):
        load(PLAN, edited(change, text=CHILD))
    load(PLAN)
    with pytest.raises(PlanFileError, match=said):
        load(edited(change, text=CHILD))


def test_circle_of_parents_and_the_same_plan_twice(world):
    above = edited(("level: province", "parent: a.b.2024.so\nlevel: province"))
    with pytest.raises(PlanFileError, match="thành vòng"):
        load(above, CHILD)
    with pytest.raises(PlanFileError, match=r"đã có ở tệp tep-1\.yaml"):
        load(PLAN, PLAN)


def test_one_wrong_file_changes_nothing(world):
    with pytest.raises(PlanFileError, match=r"tep-2\.yaml:7: cấp \(level\)"):
        load(PLAN, edited(("level: province\n", "level: 3\n"), text=CHILD))
    assert not Campaign.objects.exists()
    assert not Indicator.objects.exists()


def test_files_broken_to_the_root_are_told_beside_the_others(world):
    with pytest.raises(PlanFileError) as error:
        load("- a\n", edited(("ref: a.2024.so\n", "")), edited(("[so]", "[so, 7]")))
    said = str(error.value)
    assert "tep-1.yaml:1: tệp phải là một kế hoạch" in said
    assert "tep-2.yaml:1: thiếu khóa “ref”" in said
    assert "tep-3.yaml:20: " in said


def test_draft_quota_may_go_while_the_ledger_is_empty(world):
    load(PLAN)
    line = next(line for line in PLAN.splitlines(keepends=True) if "basis: later" in line)
    load(edited((line, "")))
    assert list(Quota.objects.values_list("ref", flat=True)) == ["tap-the"]


# --- drafts --------------------------------------------------------------------------------------
def test_draft_is_created_and_loading_it_again_changes_nothing(world):
    (outcome,) = load(PLAN)
    assert outcome.done == "đã tạo"
    campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.DRAFT
    assert campaign.folded == "phong trao thi dua chuyen doi so chuyen doi so"
    assert campaign.number_text == "12/KH-UBND"
    assert not campaign.is_sample
    entry = AuditEntry.objects.get(action="campaign.loaded")
    assert (entry.actor, entry.at, entry.subject_id) == (None, NOW, campaign.pk)
    trail = AuditEntry.objects.count()
    assert [outcome.done for outcome in load(PLAN)] == ["không đổi"]
    assert AuditEntry.objects.count() == trail


def test_draft_is_updated_by_ref(world):
    load(PLAN)
    kept = Indicator.objects.get(ref="ho-so").pk
    text = edited(
        ("title: Phong trào thi đua chuyển đổi số", "title: Tên mới"),
        ("name: Hồ sơ trên mạng", "name: Hồ sơ trực tuyến"),
        ('{op: ">", value: 90}', '{op: ">=", value: 80.5}'),
        (PERIOD_2025, ""),
        ("  - {ref: so-ket, kind: interim, name: Sơ kết}\n", ""),
        ("phase: so-ket", "phase: tong-ket"),
        ("        derive: {how: share, from: ho-so}\n", ""),
        ("kind: derived", "kind: count"),
        (INDIVIDUALS, ""),
        (
            "dossier:\n  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}",
            "dossier: default",
        ),
    )
    (outcome,) = load(text)
    assert outcome.done == "đã cập nhật"
    row = Indicator.objects.get(ref="ho-so")
    assert (row.pk, row.name) == (kept, "Hồ sơ trực tuyến")
    (target,) = Target.objects.filter(indicator=row)
    assert (target.operator, target.value) == (">=", Decimal("80.5"))
    assert list(Period.objects.values_list("ref", flat=True)) == ["2024"]
    assert list(Phase.objects.values_list("ref", flat=True)) == ["tong-ket"]
    assert list(Group.objects.values_list("ref", flat=True)) == ["tap-the"]
    parts = DossierRequirement.objects.all()
    assert [part.part for part in parts] == ["letter", "achievement_report", "minutes", "proof"]
    assert all(part.is_default for part in parts)
    assert [part.required for part in parts] == [True, True, True, False]
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    assert [outcome.done for outcome in load(PLAN)] == ["đã cập nhật"]
    assert [outcome.done for outcome in load(PLAN)] == ["không đổi"]


def test_a_target_on_the_change_comes_back(world):
    text = edited(
        (
            "{op: between, value: 65, value_to: 70}",
            "{basis: rise, op: between, value: 5, value_to: 10}",
        ),
    )
    load(text)
    target = Target.objects.get(indicator__ref="tap-huan")
    assert (target.basis, target.operator, target.value, target.value_to) == (
        "rise",
        "between",
        5,
        10,
    )
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    dumped = plan_text(Campaign.objects.get())
    assert "basis: rise" in dumped
    assert dumped.count("basis: level") == 0  # need not be said
    assert [outcome.done for outcome in load(dumped)] == ["không đổi"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.filter(pk=target.pk).update(operator="none", value=None, value_to=None)


def test_an_indicator_says_whether_its_numbers_are_whole(world):
    text = edited(
        ("        of_which: ho-so\n", "        of_which: ho-so\n        numbers: decimal\n")
    )
    load(text)
    campaign = Campaign.objects.get()
    assert Indicator.objects.get(ref="tap-huan").numbers == "decimal"
    assert parse(plan_text(campaign)).plan == parse(text).plan
    load(PLAN)
    assert Indicator.objects.get(ref="tap-huan").numbers == ""


def test_a_rubric_comes_back_in_its_order_and_changes_by_ref(world):
    old = "kind: derived\n        derive: {how: share, from: ho-so}"
    first, last = "{ref: tot, name: Tốt, met: true}", "{ref: kem, name: Kém, met: false}"
    text = edited((old, f"kind: qualitative\n        rubric: [{first}, {last}]"))
    load(text)
    campaign = Campaign.objects.get()
    best = RubricLevel.objects.get(ref="tot")
    assert parse(plan_text(campaign)).plan == parse(text).plan
    middle = "{ref: kha, name: Khá, text: Ổn định, met: true}"
    renamed = "{ref: tot, name: Nhì, met: false}"
    load(text.replace(f"[{first}, {last}]", f"[{middle}, {renamed}]"))
    levels = RubricLevel.objects.filter(indicator=best.indicator)
    assert [(one.ref, one.name, one.text, one.is_met) for one in levels] == [
        ("kha", "Khá", "Ổn định", True),
        ("tot", "Nhì", "", False),
    ]
    assert levels.get(ref="tot").pk == best.pk


def test_a_total_names_its_parts(world):
    said = "        of_which: ho-so\n        sum_of: [ho-so]\n        sum_grade: blocks\n"
    text = edited(("        of_which: ho-so\n", said))
    load(text)
    total = Indicator.objects.get(ref="tap-huan")
    assert (total.sum_of, total.sum_rule, total.sum_grade) == (["ho-so"], "equal", "blocks")
    dumped = plan_text(Campaign.objects.get())
    assert parse(dumped).plan == parse(text).plan
    assert "sum_rule" not in dumped  # need not be said


def test_indicators_go_in_any_order_of_dependence(world):
    load(PLAN)
    start, end = PLAN.index("    indicators:"), PLAN.index("  - ref: ca-nhan\n")
    load(PLAN[:start] + PLAN[end:])
    assert not Indicator.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [
                (PLAN[PLAN.index("      - ref: ho-so") : PLAN.index("      - ref: tap-huan")], ""),
                ("        of_which: ho-so\n", ""),
                ("kind: derived", "kind: count"),
                ("        derive: {how: share, from: ho-so}\n", ""),
            ],
            "tiêu chí “A1 Hồ sơ trên mạng”",
        ),
        (
            [(PERIOD_2024, "")],
            "kỳ báo cáo “Năm 2024”",
        ),
        (
            [
                (
                    "name: Hồ sơ trên mạng\n        kind: ratio",
                    "name: Hồ sơ trên mạng\n        kind: count",
                ),
                ("        of_which: ho-so\n", ""),
            ],
            "không đổi loại",
        ),
    ],
)
def test_entered_results_are_never_dropped(world, changes, said):
    load(PLAN)
    result = entered()
    with pytest.raises(DomainError, match=said):
        load(edited(*changes))
    assert Result.objects.get() == result
    assert Indicator.objects.count() == 3
    assert Period.objects.count() == 2


def test_quota_with_postings_stays(world):
    load(PLAN)
    quota = Quota.objects.get(ref="ca-nhan")
    QuotaPosting.objects.create(quota=quota, kind="allot", places=3, document="1/CV", at=NOW)
    line = next(line for line in PLAN.splitlines(keepends=True) if "basis: later" in line)
    with pytest.raises(DomainError, match="sổ phân bổ đã có dòng"):
        load(edited((line, "")))
    assert quota.postings.count() == 1


def test_bloc_plan_needs_no_standing_agency(world):
    load(edited(("issuer: a\nstanding_agency: a.b\n", "bloc: khoi\n")))
    campaign = Campaign.objects.get()
    assert (campaign.issuer, campaign.bloc.ref) == (world, "khoi")
    assert plan_data(campaign)["issuer"] == ""


def test_a_draft_may_lose_its_parts_in_any_order_but_keep_its_name(world):
    load(PLAN)
    (outcome,) = load(edited(("short_title: Chuyển đổi số", "short_title: Tên gọi khác")))
    assert outcome.changes == "thêm 0, sửa 2, bỏ 0 dòng"  # the plan and its criteria set
    assert Campaign.objects.get().criteria_set.name == "Tiêu chí: Tên gọi khác"


def test_changes_count():
    assert not Changes()
    assert str(Changes(1, 2, 3)) == "thêm 1, sửa 2, bỏ 3 dòng"


def test_how_a_plan_carries_out_the_one_above_comes_back(world):
    IndicatorFactory()  # of a ruler that no plan has
    load(ANSWERED, ABOVE)
    campaign = Campaign.objects.get(ref="a.2024.so")
    rows = ParentIndicator.objects.filter(campaign=campaign)
    assert [(row.parent_indicator.ref, row.way) for row in rows] == [
        ("ho-so", "covered"),
        ("tap-huan", "delegated"),
        ("ty-le-dat", "set_aside"),
    ]
    assert rows[0].indicator.criteria_set_id == campaign.criteria_set_id
    assert load(ANSWERED)[0].done == "không đổi"
    assert [row["way"] for row in plan_data(campaign)["parent_indicators"]] == [
        "covered",
        "delegated",
        "set_aside",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("indicator: ho-so", "indicator: sai", "kế hoạch cấp trên không có tiêu chí “sai”"),
        ("by: tap-huan", "by: sai", "không có tiêu chí “sai” trong kế hoạch"),
        (", by: tap-huan", "", "thiếu khóa “by”"),
        (", text: Giao Phòng Nội vụ", "", "thiếu khóa “text”"),
        ("indicator: tap-huan", "indicator: ho-so", "đã nêu cách thực hiện ở trên"),
        ("parent: cha\n", "", "chỉ ghi khi kế hoạch có kế hoạch cấp trên"),
    ],
)
def test_an_answer_that_is_none(world, old, new, said):
    with pytest.raises(PlanFileError, match=said):
        load(edited((old, new), text=ANSWERED), ABOVE)


def test_an_indicator_on_which_a_plan_below_stands_stays(world):
    load(ANSWERED, ABOVE)
    part = ABOVE[ABOVE.index("      - ref: tap-huan") : ABOVE.index("      - ref: ty-le-dat")]
    with pytest.raises(DomainError, match="thực hiện tiêu chí cấp trên"):
        load(edited((part, ""), text=ABOVE))


def test_an_own_indicator_goes_with_the_answer_that_names_it(world):
    load(ANSWERED, ABOVE)
    other = edited(("by: tap-huan", "by: ho-so"), text=ANSWERED)
    part = other[other.index("      - ref: tap-huan") : other.index("      - ref: ty-le-dat")]
    load(edited((part, ""), text=other))
    assert ParentIndicator.objects.get(way="covered").indicator.ref == "ho-so"
