"""Editing a draft part by part: what is saved is the plan's file again, whole or not at all."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import Quota
from campaigns.models import (
    Assignment,
    Campaign,
    LegalBasis,
    Phase,
    Recipient,
    ReportingDuty,
    Section,
)
from config.planfile import load_plans, parse_plan, plan_data, plan_text
from config.planfile.schema import plan_schema
from config.plans import drafts
from config.plans.cells import enum_choices
from config.plans.editing import PartForm
from config.plans.parts import INDICATORS, PARTS, SCORING, STEPS
from config.plans.paths import inner, schema_at
from criteria.models import Group, Indicator, RubricLevel, Target
from dossiers.models import DossierRequirement
from tests.config.planfiles import ABOVE, ANSWERED, ANSWERS, PLAN, edited, issued, load, world
from tests.config.test_planfile_scoring import SCORING as SCORING_TEXT
from tests.factories import NOW, KindFactory, UnitFactory, user_with
from units.models import AuditEntry, Unit
from units.rules import DomainError

__all__ = ["world"]

REF = "a.2024.so"


@pytest.fixture
def planner(world):
    return user_with("standing_agency", Unit.objects.get(ref="a.b"))


@pytest.fixture
def draft(world) -> Campaign:
    load(PLAN)
    return Campaign.objects.get(ref=REF)


@pytest.fixture
def browser(planner, client_of):
    return client_of(planner)


def address(slug: str, group: str = "") -> str:
    if group:
        name = "indicators_edit" if slug == INDICATORS.slug else "tables_edit"
        return reverse(f"plans:{name}", args=[REF, group])
    return reverse("plans:part_edit", args=[REF, slug])


def sent(form: PartForm) -> dict[str, Any]:
    """What a browser would send of the page as it stands."""
    data: dict[str, Any] = {"stamp": form.stamp}
    for cell in form.cells.values():
        if cell.kind == "check":
            data |= {cell.name: "1"} if cell.typed else {}
        elif cell.typed or cell.kind != "picks":
            data[cell.name] = cell.typed
        if cell.kind == "here":
            data[f"{cell.name}-was"] = cell.was
    for row in form._all_rows():
        data[f"{row.name}-at"] = row.at
        if row.has_ref:
            data[f"{row.name}-ref"] = row.ref
    for table in form.tables:
        if table.default:
            data[f"{table.name}-default"] = "1"
    return data


class Page:
    """One part on the screen of one person."""

    def __init__(self, browser: Client, slug: str, group: str = "", at: str = "") -> None:
        self.browser, self.address = browser, at or address(slug, group)
        answer = browser.get(self.address)
        assert answer.status_code == 200
        self.data = sent(answer.context["form"])

    def save(self, **typed: Any) -> Any:
        data = {key: value for key, value in (self.data | typed).items() if value is not None}
        return self.browser.post(self.address, data)


def errors(answer: Any) -> dict[str, str]:
    return dict(answer.context["form"].wrong)


# --- the same thing ------------------------------------------------------------------------------
def every_part() -> Iterator[tuple[str, str]]:
    for part in PARTS:
        if part is INDICATORS:
            yield from ((part.slug, "tap-the"), (part.slug, "ca-nhan"))
        elif part is SCORING:
            yield part.slug, "bang"
        else:
            yield part.slug, ""


FULL = edited(
    ("state: draft", 'state: draft\ntheme: Đổi mới\nremarks: [{heading: A, text: "b\\n\\nc"}]\n'
     "legal_bases: [{code: 1/QĐ, issued_on: 2024-01-02, text: Quyết định}, {text: Luật}]\n"
     "sections: [{kind: purpose, heading: I, text: Văn}]\n"
     "assignments: [{unit: a.b, text: Làm}, {body: Các xã, part: assist, text: Theo}]\n"
     "route: [{unit: a.b, text: Gửi}]\nrecipients: [Như trên, 'Lưu: VT']"),
    ("day: 30, month: 11,", "day: 30, month: 11, to: a.b, owed_by: standing,"),
    ('{op: ">", value: 90}', '{op: ">", value: 90.5, level: province, year: 2024, note: x}'),
    ("name: Tập huấn\n", "name: Tập huấn\n        lead: a.b\n        assist: [a, a.b]\n"
     '        external: {code: "8.4", set: Bộ}\n        cumulative: true\n'),
    ("measured: nominee", "measured: nominee\n    units: [a]"),
) + SCORING_TEXT  # fmt: skip


@pytest.mark.parametrize(("slug", "group"), list(every_part()))
def test_saving_a_part_as_it_stands_changes_nothing(browser, world, slug, group):
    """Everything that a file may say can be shown and comes back as it was."""
    load(FULL)
    campaign = Campaign.objects.get(ref=REF)
    before = plan_data(campaign)
    answer = Page(browser, slug, group).save()
    assert answer.status_code == 302, errors(answer)
    assert plan_data(campaign) == before


def test_every_key_of_a_plan_stands_in_one_part():
    """Only what is said when the plan is started, issued or amended has no field."""
    elsewhere = {
        ("format",), ("ref",), ("state",), ("issuer",), ("bloc",), ("document", "number"),
        ("document", "issued_on"), ("document", "issued_text"), ("amendments",),
    }  # fmt: skip
    paths = [path for part in PARTS for path in part.paths]
    assert len(paths) == len(set(paths))
    known = {path for path in paths if len(path) < 3}

    def leaves(schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for key in schema["properties"]:
            found = schema_at((*path, key))
            if found.get("type") == "object" and (*path, key) not in known:
                yield from leaves(found, (*path, key))
            else:
                yield (*path, key)

    assert set(leaves(plan_schema(), ())) - known == elsewhere


@pytest.mark.parametrize(
    "table",
    [*(table for part in PARTS for table in part.tables), INDICATORS.tables[0].lines, STEPS],
    ids=lambda table: table.kind,
)
def test_every_key_of_a_row_has_a_field(table):
    shown = {key.partition(".")[0] for key in (*table.columns, *table.more, *table.keep)}
    amended = {"from", "decision", "reason"} if table.kind == "targets" else set()
    inside = {table.lines.kind} if table.lines else set()
    schema = table.schema()
    assert shown | amended | inside | {"ref"} >= set(schema["properties"])
    for key in (*table.columns, *table.more):
        assert inner(schema, key)["title"]


def test_every_value_of_a_choice_has_words():
    for table in (table for part in PARTS for table in part.tables):
        for key in (*table.columns, *table.more):
            schema = inner(table.schema(), key)
            if "enum" in schema:
                for value, label in enum_choices(schema):
                    assert label != value, (table.kind, key, value)


def test_every_indicator_of_the_plan_above_waits_for_its_answer(browser, world):
    load(ANSWERED.replace(ANSWERS, "parent: cha\n"), ABOVE)
    page = Page(browser, "cap-tren")
    rows = [page.data[f"parent_indicators-{n}-indicator"] for n in range(3)]
    assert rows == ["ho-so", "tap-huan", "ty-le-dat"]
    campaign = Campaign.objects.get(ref=REF)
    assert page.save().status_code == 302
    assert plan_data(campaign)["parent_indicators"] == []
    answer = page.save(
        **{
            "parent_indicators-0-way": "covered",
            "parent_indicators-0-by": "tap-huan",
            "parent_indicators-2-way": "set_aside",
        }
    )
    assert errors(answer) == {
        "parent_indicators-2-text": "Nơi giao, lý do: Còn thiếu nơi giao, lý do."
    }
    answer = page.save(
        **{
            "parent_indicators-0-way": "covered",
            "parent_indicators-0-by": "tap-huan",
            "parent_indicators-2-way": "set_aside",
            "parent_indicators-2-text": "Không có",
        }
    )
    assert answer.status_code == 302
    assert [row["indicator"] for row in plan_data(campaign)["parent_indicators"]] == [
        "ho-so",
        "ty-le-dat",
    ]
    data = Page(browser, "cap-tren").data
    assert (data["parent_indicators-2-indicator"], data["parent_indicators-2-at"]) == (
        "tap-huan",
        "",
    )
    assert "Theo cấp trên" in browser.get(address("chung")).content.decode()


def test_answers_are_asked_only_under_a_plan(browser, draft):
    assert "Theo cấp trên" not in browser.get(address("chung")).content.decode()
    assert Page(browser, "cap-tren").save(next="1").url == f"/phong-trao/{REF}/"


def test_the_draft_and_its_file_stay_the_same_thing(browser, draft):
    Page(browser, "noi-dung").save(
        **{
            "sections-0-kind": "purpose",
            "sections-0-heading": "Mục đích",
            "sections-0-text": "Một.\r\n\r\nHai.",
        }
    )
    assert Section.objects.get(campaign=draft).text == "Một.\n\nHai."
    (outcome,) = load_plans([parse_plan(plan_text(draft).encode(), "ra.yaml")], actor=None, now=NOW)
    assert outcome.done == "không đổi"


# --- texts, places, new rows ---------------------------------------------------------------------
def test_single_fields(browser, draft):
    answer = Page(browser, "chung").save(
        **{
            "title": "Phát động phong trào",
            "period-outlook": "2030",
            "document-place": "Hà Tĩnh",
            "standing_agency": "Sở B",
            "parent_document": "Quyết định số 1/QĐ-TTg",
        }
    )
    assert answer.url == address("chung")
    draft.refresh_from_db()
    assert (draft.title, draft.outlook, draft.place) == ("Phát động phong trào", 2030, "Hà Tĩnh")
    assert (draft.standing_agency.ref, draft.doc_number) == ("a.b", "12")


def test_the_next_part_follows_when_asked_for(browser, draft):
    assert Page(browser, "doi-tuong").save(next="1").url == address("tieu-chi", "tap-the")
    assert Page(browser, "chung").save(next="1").url == address("can-cu")
    assert Page(browser, "ghi-chu").save(next="1").url == f"/phong-trao/{REF}/"


def test_rows_are_added_ordered_and_dropped(browser, draft):
    page = Page(browser, "can-cu")
    page.save(**{"legal_bases-0-text": "Luật", "legal_bases-1-text": "Nghị định"})
    page = Page(browser, "can-cu")
    page.save(
        **{
            "legal_bases-0-at": "2",
            "legal_bases-1-at": "1",
            "legal_bases-1-issued_on": "05/02/2024",
            "legal_bases-2-text": "Thông tư",
            "legal_bases-3-text": "Bỏ đi",
            "legal_bases-3-drop": "1",
        }
    )
    rows = LegalBasis.objects.filter(campaign=draft)
    assert [(row.text, row.issued_on) for row in rows] == [
        ("Nghị định", date(2024, 2, 5)),
        ("Luật", None),
        ("Thông tư", None),
    ]
    Page(browser, "can-cu").save(**{"legal_bases-0-drop": "1", "legal_bases-1-text": ""})
    assert [row.text for row in rows.all()] == ["Thông tư"]


def test_recipients_are_lines(browser, draft):
    Page(browser, "noi-nhan").save(recipients="Như trên\r\n\r\n Lưu: VT ")
    assert [row.text for row in Recipient.objects.filter(campaign=draft)] == ["Như trên", "Lưu: VT"]


def test_a_new_group_gets_a_name_of_its_own_and_keeps_its_indicators(browser, draft):
    Page(browser, "doi-tuong").save(
        **{
            "groups-0-name": "Các sở",
            "groups-2-name": "Các xã",
            "groups-2-measured": "each",
            "groups-2-subject_kind": "collective",
            "groups-2-unit_kinds": ["so"],
            "groups-2-units": "Sở B (a.b)\nUBND tỉnh A",
        }
    )
    groups = Group.objects.filter(criteria_set=draft.criteria_set)
    assert [(group.ref, group.name) for group in groups] == [
        ("tap-the", "Các sở"),
        ("ca-nhan", "Cá nhân"),
        ("cac-xa", "Các xã"),
    ]
    assert groups[0].indicators.count() == 3
    assert {unit.ref for unit in groups[2].units.all()} == {"a", "a.b"}


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


# --- what is wrong -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("slug", "group", "typed", "field", "said"),
    [
        ("chung", "", {"title": ""}, "title", "Còn thiếu tên kế hoạch."),
        ("chung", "", {"standing_agency": ""}, "standing_agency", "Còn thiếu cơ quan thường trực."),
        (
            "chung",
            "",
            {"standing_agency": "Sở Nào Đó"},
            "standing_agency",
            "Không có đơn vị “Sở Nào Đó” trên cổng.",
        ),
        ("chung", "", {"period-to": "2023-01-01"}, "period-to", "trước ngày bắt đầu 01/01/2024"),
        ("chung", "", {"period-outlook": "sau"}, "period-outlook", "phải là số nguyên"),
        ("chung", "", {"document-symbol": "kh ubnd"}, "document-symbol", "ví dụ KH-UBND"),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-value": "chín mươi"},
            "indicators-0-targets-0-value",
            "không đọc được là một số",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-value": ""},
            "indicators-0-targets-0-value",
            "Còn thiếu mức.",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-0-targets-0-op": "none"},
            "indicators-0-targets-0-value",
            "“không có mức” (none) thì không ghi value",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-1-targets-0-value_to": "60"},
            "indicators-1-targets-0-value_to",
            "mức trên 60 phải lớn hơn mức dưới 65",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-2-kind": "ratio"},
            "indicators-2-at",
            "chỉ tiêu chí loại derived mới có cách tính",
        ),
        (
            "tieu-chi",
            "tap-the",
            {"indicators-3-code": "A4"},
            "indicators-3-name",
            "Còn thiếu tên tiêu chí.",
        ),
        ("phan-cong", "", {"assignments-0-text": "Làm."}, "assignments-0-at", "phải ghi unit"),
        ("ky", "", {"phases-0-drop": "1"}, "", "không có giai đoạn “tong-ket”"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(browser, draft, slug, group, typed, field, said):
    before = plan_data(draft)
    answer = Page(browser, slug, group).save(**typed)
    assert answer.status_code == 422
    found = errors(answer)
    assert field in found, found
    assert said.lower() in found[field].lower()
    assert plan_data(draft) == before
    kept = answer.context["form"].cells
    for name, value in typed.items():
        if name in kept and name != "theme":
            assert kept[name].typed == value


def test_nothing_typed_is_lost_on_an_error(browser, draft):
    page = Page(browser, "noi-dung")
    answer = page.save(**{"sections-1-heading": "Chỉ có đề mục"})
    body = answer.content.decode()
    assert 'value="Chỉ có đề mục"' in body
    assert set(errors(answer)) == {"sections-1-kind", "sections-1-text"}
    assert 'href="#sections-1-text"' in body


def test_a_page_that_comes_in_pieces_is_refused(browser, draft):
    """A cut form would throw away what it does not carry."""
    before = plan_data(draft)
    for slug, gone in (("chung", "title"), ("ky", "periods-0-at"), ("ky", "phases-0-name")):
        page = Page(browser, slug)
        page.data = {k: v for k, v in page.data.items() if not k.startswith(gone)}
        if gone == "periods-0-at":
            page.data = {k: v for k, v in page.data.items() if not k.startswith("periods")}
        answer = page.save()
        assert "Trang gửi lên thiếu một số ô" in answer.content.decode(), slug
    assert plan_data(draft) == before


# --- two at once, autosave -----------------------------------------------------------------------
def test_two_people_edit_two_parts_at_once(browser, draft):
    one, two = Page(browser, "chung"), Page(browser, "noi-nhan")
    assert one.save(title="Mới").status_code == 302
    assert two.save(recipients="Như trên").status_code == 302
    draft.refresh_from_db()
    assert (draft.title, Recipient.objects.get(campaign=draft).text) == ("Mới", "Như trên")


def test_two_people_in_the_same_part_do_not_overwrite_each_other(browser, draft):
    one, two = Page(browser, "chung"), Page(browser, "chung")
    one.save(title="Của tôi")
    answer = two.save(title="Của người khác")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "người khác đã sửa phần này" in page
    assert "Của người khác" in page
    draft.refresh_from_db()
    assert draft.title == "Của tôi"
    two.data["stamp"] = answer.context["form"].stamp
    assert two.save(title="Của người khác").status_code == 302
    draft.refresh_from_db()
    assert draft.title == "Của người khác"


def test_groups_may_move_while_indicators_are_edited(browser, draft):
    page = Page(browser, "tieu-chi", "ca-nhan")
    Page(browser, "doi-tuong").save(**{"groups-0-at": "9"})
    answer = page.save(
        **{"indicators-0-code": "B1", "indicators-0-name": "Tốt", "indicators-0-kind": "narrative"}
    )
    assert answer.status_code == 302
    assert Indicator.objects.get(ref="tot").group.ref == "ca-nhan"
    assert Indicator.objects.filter(group__ref="tap-the").count() == 3


def test_a_field_saves_itself(browser, draft):
    page = Page(browser, "doi-tuong")
    page.data |= {"groups-2-name": "Các xã"}
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Đã lưu lúc" in body
    assert 'id="groups-2-ref" name="groups-2-ref" value="cac-xa" hx-swap-oob="true"' in body
    stamp = re.search(r'name="stamp" value="(\w+)" hx-swap-oob="true"', body)[1]
    assert stamp != page.data["stamp"]
    page.data |= {"stamp": stamp, "groups-2-ref": "cac-xa", "groups-2-name": "Các phường, xã"}
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert Group.objects.get(ref="cac-xa").name == "Các phường, xã"


def test_a_field_that_is_wrong_says_so_by_itself(browser, draft):
    page = Page(browser, "chung")
    page.data["title"] = ""
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "Chưa lưu, cần sửa 1 chỗ" in body
    assert "<html" not in body
    page.data["stamp"] = "cũ"
    answer = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "người khác vừa sửa phần này" in answer.content.decode()


# --- who, when -----------------------------------------------------------------------------------
def test_the_way_in(browser, draft):
    assert browser.get(reverse("plans:plan_edit", args=[REF])).url == address("chung")
    page = browser.get(f"/phong-trao/{REF}/").content.decode()
    assert f"/phong-trao/{REF}/soan/" in page


def test_an_issued_plan_is_not_edited(browser, world, planner):
    load(issued())
    answer = browser.get(address("chung"), follow=True)
    assert "đã ban hành nên không sửa được như dự thảo" in answer.content.decode()
    campaign = Campaign.objects.get(ref=REF)
    with pytest.raises(DomainError, match="đã ban hành"):
        drafts.save_part(campaign, "chung", "", {}, user=planner, now=NOW)


def test_parts_that_are_none(browser, draft):
    assert browser.get(address("tieu-chi")).status_code == 404
    assert browser.get(address("khac")).status_code == 404
    answer = browser.get(address("tieu-chi", "khong-co"), follow=True)
    assert "Nhóm đối tượng này không còn trong dự thảo" in answer.content.decode()


def test_others_find_nothing(client_of, draft):
    for user in (
        user_with("clerk", Unit.objects.get(ref="a")),
        user_with("standing_agency", UnitFactory()),
    ):
        assert client_of(user).get(address("chung")).status_code == 404


def test_what_is_refused_is_told_above_the_form(browser, draft, monkeypatch):
    def refuse(*args, **kwargs):
        raise DomainError("Không được, vì thế.")

    monkeypatch.setattr(drafts, "load_plans", refuse)
    answer = Page(browser, "chung").save(title="Mới")
    assert answer.status_code == 422
    assert errors(answer)[""] == "Không được, vì thế."


def test_saving_is_on_record_with_its_part(browser, draft, planner):
    Page(browser, "chung").save(title="Mới")
    entry = AuditEntry.objects.filter(action="campaign.loaded").latest("pk")
    assert entry.actor == planner
    assert entry.note.startswith("phần Thông tin chung:")


def test_long_lists_are_typed_and_suggested(browser, draft):
    """An indicator is meant by its suggestion, its ref, or words that only it has."""
    for number in range(14):
        KindFactory(code=f"loai-{number}", name=f"Loại {number % 13}")
    typed = {
        "Sở (so)": "so",
        "loai-3": "loai-3",
        "Loại 5": "loai-5",
    }
    field = "indicators-0-targets-0-unit_kind"
    for words, code in typed.items():
        page = Page(browser, "tieu-chi", "tap-the")
        assert page.save(**{field: words}).status_code == 302
        assert Target.objects.get(indicator__ref="ho-so").unit_kind_id == code
    page = Page(browser, "tieu-chi", "tap-the")
    assert page.data[field] == "Loại 5 (loai-5)"
    for words in ("Loại 0", "không có"):
        answer = page.save(**{field: words})
        assert f"Không có “{words}”." in errors(answer)[field]
    body = browser.get(page.address).content.decode()
    assert '<datalist id="list-kinds"><option value="' in body


# --- what saving costs ---------------------------------------------------------------------------
def longer(more: int) -> str:
    rows = "".join(
        f"      - {{ref: them-{n}, code: B{n}, name: Thêm {n}, kind: count, lead: a.b, "
        f'assist: [a], targets: [{{op: ">=", value: {n + 1}}}]}}\n'
        for n in range(more)
    )
    return edited(("  - ref: ca-nhan\n", rows + "  - ref: ca-nhan\n"))


@pytest.mark.parametrize("part", [("tieu-chi", "tap-the"), ("noi-dung", "")])
def test_saving_one_field_costs_the_same_however_long_the_plan(browser, world, part):
    typed = {"tieu-chi": {"indicators-0-name": "Hồ sơ {}"}, "noi-dung": SECTION}[part[0]]
    costs = []
    for more in (0, 12):
        load(longer(more))
        page = Page(browser, *part)
        with CaptureQueriesContext(connection) as held:
            answer = page.save(**{key: text.format(more) for key, text in typed.items()})
        assert answer.status_code == 302, errors(answer)
        costs.append(len(held))
    assert costs[0] == costs[1]
    assert Indicator.objects.filter(ref__startswith="them-").count() == 12


SECTION = {
    "sections-0-kind": "purpose",
    "sections-0-heading": "Mục đích {}",
    "sections-0-text": "Để làm gì.",
}


def test_what_was_not_touched_is_not_written(browser, draft):
    with CaptureQueriesContext(connection) as held:
        answer = Page(browser, "noi-dung").save(**SECTION)
    assert answer.status_code == 302, errors(answer)
    written = [one["sql"] for one in held if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    tables = {sql.split('"')[1] for sql in written}
    assert tables <= {"campaigns_section", "units_auditentry", "django_session"}
    read = [one["sql"] for one in held if 'FROM "criteria_target"' in one["sql"]]
    assert len(read) == 2  # once for the page, once to save it


def test_the_mark_of_a_saved_part_is_that_of_the_next_reader(browser, draft):
    page = Page(browser, "tieu-chi", "tap-the")
    answer = browser.post(
        page.address, page.data | {"indicators-0-name": "Tên mới"}, headers={"hx-request": "true"}
    )
    (stamp,) = re.findall(r'name="stamp" value="(\w+)"', answer.content.decode())
    assert stamp != page.data["stamp"]
    assert stamp == Page(browser, "tieu-chi", "tap-the").data["stamp"]


# --- issued meanwhile ----------------------------------------------------------------------------
def test_what_is_typed_in_a_draft_that_was_issued_meanwhile_is_shown_to_be_copied(draft, browser):
    page = Page(browser, "chung")
    Campaign.objects.update(state=Campaign.State.ISSUED)
    answer = page.save(short_title="Chuyển đổi số 2024")
    assert answer.status_code == 422
    assert answer.context["typed"] == "Tên gọi tắt: Chuyển đổi số 2024"
    text = answer.content.decode()
    assert "đã ban hành nên không sửa được như dự thảo" in text
    assert "Tên gọi tắt: Chuyển đổi số 2024</textarea>" in text
    assert "Chép lại khi cần" not in page.save().content.decode()  # nothing was typed
    saved = browser.post(page.address, page.data, headers={"HX-Request": "true"})
    assert saved.content.decode().strip().startswith('<div id="saved"')
    assert "Nội dung vừa gõ còn trên trang này" in saved.content.decode()


def test_what_is_typed_of_a_group_that_is_gone_comes_without_labels(draft, browser):
    page = Page(browser, "tieu-chi", "tap-the")
    page.address = address("tieu-chi", "khong-co")
    answer = page.save(**{"indicators-0-name": "Hồ sơ trên mạng, đủ hai bước"})
    assert "Hồ sơ trên mạng, đủ hai bước" in answer.context["typed"].splitlines()
    assert page.data["stamp"] not in answer.context["typed"]
