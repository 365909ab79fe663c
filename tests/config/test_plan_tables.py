"""Indicators, targets and other tables of a draft, edited row by row."""

from datetime import date

from awards.models import Quota
from campaigns.models import Assignment, Phase, ReportingDuty
from config.planfile import plan_data
from criteria.models import Indicator, RubricLevel, Target
from dossiers.models import DossierRequirement
from tests.config.partpages import Page, browser, draft, errors, planner
from tests.config.planfiles import edited, load, world

__all__ = ["browser", "draft", "planner", "world"]


# --- indicators and targets in a table -----------------------------------------------------------
def test_indicators_and_targets_are_edited_in_a_table(browser, draft):
    page = Page(browser, "tieu-chi", "tap-the")
    answer = page.save(
        **{
            "indicators-0-name": "Hồ sơ xử lý trên mạng",
            "indicators-0-targets-0-value": "92,5",
            "indicators-0-targets-1-op": ">=",
            "indicators-0-targets-1-value": "80",
            "indicators-0-targets-1-level": "commune",
            "indicators-1-targets-0-basis": "rise",
            "indicators-1-targets-0-value_to": "75",
            "indicators-3-code": "A4",
            "indicators-3-name": "Số mô hình",
            "indicators-3-kind": "count",
            "indicators-3-lead": "Sở B",
            "indicators-3-targets-0-op": ">=",
            "indicators-3-targets-0-value": "1.200",
        }
    )
    assert answer.status_code == 302, errors(answer)
    rows = {row.ref: row for row in Indicator.objects.filter(criteria_set=draft.criteria_set)}
    assert rows["ho-so"].name == "Hồ sơ xử lý trên mạng"
    assert {
        (t.level_id, t.operator, str(t.value.normalize())) for t in rows["ho-so"].targets.all()
    } == {
        (None, ">", "92.5"),
        ("commune", ">=", "8E+1"),
    }
    assert rows["tap-huan"].targets.get().value_to == 75
    assert rows["tap-huan"].targets.get().basis == "rise"
    assert rows["so-mo-hinh"].lead_unit.ref == "a.b"
    assert rows["so-mo-hinh"].targets.get().value == 1200
    assert rows["tap-huan"].of_which.ref == "ho-so"


def test_a_target_goes_when_it_is_dropped(browser, draft):
    Page(browser, "tieu-chi", "tap-the").save(**{"indicators-0-targets-0-drop": "1"})
    assert not Target.objects.filter(indicator__ref="ho-so").exists()


def test_names_of_indicators_are_their_own_in_the_whole_plan(browser, draft):
    Page(browser, "tieu-chi", "ca-nhan").save(
        **{
            "indicators-0-code": "B1",
            "indicators-0-name": "Hồ sơ",
            "indicators-0-short_name": "Hồ sơ",
            "indicators-0-kind": "qualitative",
            "indicators-1-code": "B2",
            "indicators-1-name": "…",
            "indicators-1-kind": "qualitative",
        }
    )
    mine = Indicator.objects.filter(criteria_set=draft.criteria_set, group__ref="ca-nhan")
    assert [row.ref for row in mine] == ["ho-so-2", "b2"]


def test_a_rubric_is_typed_a_level_a_line(browser, draft):
    typed = "Rất tốt | Đạt | Được nhân rộng\nYếu | chưa đạt"
    new = {
        "indicators-0-code": "B1",
        "indicators-0-name": "Hiệu quả",
        "indicators-0-kind": "qualitative",
    }
    answer = Page(browser, "tieu-chi", "ca-nhan").save(
        **new, **{"indicators-0-rubric": "Rất tốt\nYếu | chưa đạt"}
    )
    assert "“Rất tốt”: sau tên mức ghi dấu | rồi “đạt” hoặc “chưa đạt”" in answer.content.decode()
    Page(browser, "tieu-chi", "ca-nhan").save(**new, **{"indicators-0-rubric": typed})
    levels = RubricLevel.objects.filter(indicator__ref="hieu-qua")
    assert [(one.ref, one.name, one.text, one.is_met) for one in levels] == [
        ("rat-tot", "Rất tốt", "Được nhân rộng", True),
        ("yeu", "Yếu", "", False),
    ]
    levels.filter(ref="yeu").update(ref="khac")
    Page(browser, "tieu-chi", "ca-nhan").save(**{"indicators-0-name": "Hiệu quả áp dụng"})
    assert [one.ref for one in levels.all()] == ["rat-tot", "khac"]


def test_other_tables(browser, draft):
    Page(browser, "ky").save(**{"phases-0-held_on": "2025-12-20", "periods-1-drop": "1"})
    assert Phase.objects.get(campaign=draft, ref="tong-ket").held_on == date(2025, 12, 20)
    assert [row.ref for row in draft.periods.all()] == ["2024"]
    Page(browser, "khen-thuong").save(
        **{
            "quotas-2-phase": "so-ket",
            "quotas-2-form": "bang-khen",
            "quotas-2-recipients": "household",
            "quotas-2-basis": "fixed",
            "quotas-2-number": "7",
            "quotas-2-ceiling": "1",
            "composition-0-percent": "72,5",
        }
    )
    quota = Quota.objects.get(campaign=draft, ref="so-ket-bang-khen-household")
    assert (quota.number, quota.is_ceiling) == (7, True)
    Page(browser, "phan-cong").save(
        **{"assignments-0-body": "Các xã", "assignments-0-text": "Làm."}
    )
    assert Assignment.objects.get(campaign=draft).body == "Các xã"
    Page(browser, "han").save(
        **{
            "duties-0-day": "15",
            "duties-1-name": "Kế hoạch riêng",
            "duties-1-what": "own_plan",
            "duties-1-rhythm": "once",
            "duties-1-groups": ["tap-the", "ca-nhan"],
        }
    )
    assert ReportingDuty.objects.get(campaign=draft, ref="nam").day == 15
    assert ReportingDuty.objects.get(campaign=draft, ref="ke-hoach-rieng").groups.count() == 2


def test_the_dossier_of_the_law_instead_of_a_list(browser, draft):
    Page(browser, "ho-so").save(**{"dossier-default": "1"})
    assert plan_data(draft)["dossier"] == "default"
    page = Page(browser, "ho-so")
    page.save(
        **{"dossier-default": None, "dossier-0-part": "letter", "dossier-0-title": "Tờ trình riêng"}
    )
    assert DossierRequirement.objects.get(campaign=draft).ref == "to-trinh-rieng"


def test_places_of_the_plan_above_are_chosen_by_name(browser, draft):
    load(
        edited(("ref: a.2024.so", "ref: cha"), ("title: Phong", "title: Cấp trên. Phong")).replace(
            "state: draft", "state: issued"
        )
    )
    Page(browser, "chung").save(parent="cha")
    Page(browser, "khen-thuong").save(
        **{"quotas-0-upward": "1", "quotas-0-parent-quota": "tap-the"}
    )
    assert Quota.objects.get(campaign=draft, ref="tap-the").parent.campaign.ref == "cha"
