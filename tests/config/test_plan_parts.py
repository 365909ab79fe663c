"""Editing a draft part by part: what is saved is the plan's file again, whole or not at all."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from campaigns.models import Campaign, LegalBasis, Recipient, Section
from config.planfile import load_plans, parse_plan, plan_data, plan_text
from config.planfile.schema import plan_schema
from config.plans import drafts
from config.plans.cells import enum_choices
from config.plans.parts import INDICATORS, PARTS, SCORING, STEPS
from config.plans.paths import inner, schema_at
from criteria.models import Group, Target
from tests.config.partpages import REF, Page, address, browser, draft, errors, planner
from tests.config.planfiles import ABOVE, ANSWERED, ANSWERS, edited, issued, load, world
from tests.config.test_planfile_scoring import SCORING as SCORING_TEXT
from tests.factories import NOW, KindFactory, UnitFactory, user_with
from units.models import AuditEntry, Unit
from units.rules import DomainError

__all__ = ["browser", "draft", "planner", "world"]


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
