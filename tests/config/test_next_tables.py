"""The scoring table of an issued plan is replaced in the browser: written, weighed, put in force by
a dated amendment; what was scored stays with the table that it was scored by."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from campaigns.models import Amendment, Campaign, Period, ScoreLayer, ScoreSheet
from campaigns.queries import plan_page, ranking_of, tables_of_members
from campaigns.services import open_scoring, record_scores, withdraw_blank_sheets
from config.planfile import PlanFileError, load_plans, parse_plan, plan_data, plan_text
from config.plans import next_tables
from config.plans.starting import Head, copied_plan
from criteria.models import ScoreItem, ScoreTable, TableDraft
from dossiers.documents.scoring import scoring_tables
from tests.config.partpages import REF, Page, browser, errors, planner, world
from tests.config.planfiles import AMENDMENTS, PLAN, issued, load
from tests.config.test_plan_scoring_pages import page_with
from tests.config.test_planfile_scoring import LATER, SCORED
from tests.config.test_plans_issued import amend, wrong
from tests.factories import NOW, ParticipationFactory, user_with
from units.models import AuditEntry, Unit
from units.rules import DomainError

__all__ = ["browser", "planner", "world"]

EDIT = f"/phong-trao/{REF}/dieu-chinh/cham-diem/tap-the/"
AMEND = f"/phong-trao/{REF}/dieu-chinh/"
FAULT = "Tổng điểm tối đa là 100 nhưng các mục cộng lại được 110."


class Next(Page):
    """The page on which the next table is written."""

    def __init__(self, browser: Any) -> None:
        super().__init__(browser, "chung", at=EDIT)


@pytest.fixture
def plan(world) -> Campaign:
    load(issued(SCORED))
    return Campaign.objects.get()


@pytest.fixture
def begun(browser, plan) -> Campaign:
    answer = browser.post(f"{EDIT}soan/", {"source": "bang"})
    assert answer["Location"] == EDIT
    return plan


def member(plan: Campaign) -> Any:
    part = ParticipationFactory(campaign=plan)
    part.unit.kind_id = "so"
    part.unit.save()
    return part


def tables() -> list[tuple[Any, ...]]:
    rows = ScoreTable.objects.order_by("pk")
    return list(rows.values_list("ref", "from_year", "in_force_from", "decision", "state"))


OLD = ("bang", 2024, None, "", "active")
NEW = ("bang-2", 2024, date(2024, 7, 1), "Quyết định số 9/QĐ-UBND", "active")


# --- written, weighed, put in force --------------------------------------------------------------
def test_the_next_table_begins_as_the_old_one_and_changes_nothing_yet(browser, begun):
    before = plan_data(begun)
    page = Next(browser)
    assert page.data["items-1-indicator"] == "ho-so"
    assert page.save(**{"scoring-0-name": "Bảng mới", "items-3-name": "Tổ chức, phát động"})
    assert plan_data(begun) == before
    assert parse_plan(plan_text(begun).encode(), "ra.yaml").plan == before
    draft = TableDraft.objects.get()
    assert (str(draft), draft.values["items"][3]["name"]) == ("Bảng mới", "Tổ chức, phát động")
    assert AuditEntry.objects.filter(action="criteriaset.table_saved").count() == 1
    shown = browser.get(AMEND).content.decode()
    assert "Đang soạn “" in shown
    assert "đã khớp" in shown


def test_an_amendment_puts_it_in_force_beside_the_old_one(browser, begun, planner):
    Next(browser).save(**{"scoring-0-name": "Bảng mới", "items-3-name": "Tổ chức, phát động"})
    answer = amend(browser, **{"table-tap-the": "1"})
    assert answer.status_code == 302, wrong(answer)
    assert tables() == [OLD, NEW]
    assert ScoreItem.objects.filter(ref="ii").values_list("name", flat=True).order_by("pk")[1] == (
        "Tổ chức, phát động"
    )
    assert not TableDraft.objects.exists()
    amendment = Amendment.objects.get()
    assert amendment.changes == [{"score_table": "bang-2", "from_year": 2024}]
    assert (amendment.made_by, amendment.reason) == (planner, "Tỉnh giao thêm")
    back = parse_plan(plan_text(begun).encode(), "ra.yaml")
    assert (back.problems, back.plan) == ([], plan_data(begun))
    assert load_plans([back], actor=None, now=NOW)[0].done == "không đổi"
    told = [table["lines"][0] for table in scoring_tables(begun)]
    assert told[1] == ("Áp dụng cho kỳ kết thúc từ ngày 01/07/2024, theo Quyết định số 9/QĐ-UBND")
    assert "từ 01/07/2024 theo Quyết định số 9/QĐ-UBND" in browser.get(AMEND).content.decode()


def test_what_is_not_ticked_waits_for_another_amendment(browser, begun):
    assert amend(browser).status_code == 302
    assert tables() == [OLD]
    assert TableDraft.objects.exists()


def test_what_does_not_add_up_is_told_live_and_cannot_be_put_in_force(browser, begun):
    page = Next(browser)
    data = page.data | {"items-3-max_points": "50"}
    answer = browser.post(EDIT, data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert FAULT in answer.content.decode()
    assert "khớp rồi mới áp dụng được" in answer.content.decode()
    assert "còn 1 chỗ chưa khớp" in browser.get(AMEND).content.decode()
    before = plan_data(begun)
    refused = amend(browser, **{"table-tap-the": "1"})
    assert refused.status_code == 422
    assert FAULT in wrong(refused)["table-tap-the"]
    assert (plan_data(begun), TableDraft.objects.count()) == (before, 1)


def test_what_cannot_be_read_is_told_at_its_field_and_not_kept(browser, begun):
    answer = Next(browser).save(**{"items-3-max_points": "bốn mươi", "scoring-0-name": ""})
    assert answer.status_code == 422
    assert set(errors(answer)) == {"items-3-max_points", "scoring-0-name"}
    assert answer.context["form"].cells["items-3-max_points"].typed == "bốn mươi"
    assert TableDraft.objects.get().values["items"][3]["max_points"] == "40"
    cut = {key: value for key, value in Next(browser).data.items() if "items-3-name" not in key}
    assert "thiếu một số ô" in errors(browser.post(EDIT, cut))[""]


def test_two_who_write_it_do_not_overwrite_each_other(browser, begun):
    one, other = Next(browser), Next(browser)
    assert one.save(**{"scoring-0-name": "Một"}).status_code == 302
    assert other.save(**{"scoring-0-name": "Hai"}).status_code == 409
    assert str(TableDraft.objects.get()) == "Một"


def test_rows_are_added_and_the_way_leads_back(browser, begun):
    page = Next(browser)
    answer = page.save(rows="items")
    assert answer["Location"] == f"{EDIT}?rows=items#them-items"
    form = browser.get(answer["Location"]).context["form"]
    assert sum(row.is_blank for row in form.tables[1].rows) == 10
    assert Next(browser).save(next="1")["Location"] == AMEND
    assert "Bảng đang áp dụng" in browser.get(EDIT).content.decode()


def test_a_group_without_a_table_gets_its_first(browser, world):
    load(issued(PLAN))
    browser.post(f"{EDIT}soan/")
    page = Next(browser)
    item = {"code": "I", "name": "Nhiệm vụ", "max_points": "100", "method": "manual"}
    typed = {f"items-0-{key}": value for key, value in item.items()}
    assert page.save(**page_with(page, 2) | typed | {"layers-0-layer": "self"}).status_code == 302
    assert amend(browser, **{"table-tap-the": "1"}).status_code == 302
    assert [row[:2] for row in tables()] == [("bang", 2024)]


def test_it_is_given_up_or_already_there(browser, begun, planner):
    again = browser.post(f"{EDIT}soan/", {"source": "bang"}, follow=True)
    assert "đang có bảng chấm điểm soạn dở" in again.content.decode()
    gone = browser.post(f"{EDIT}bo/", follow=True)
    assert "Bảng đang áp dụng giữ nguyên." in gone.content.decode()
    for answer in (browser.get(EDIT, follow=True), browser.post(f"{EDIT}bo/", follow=True)):
        assert "không có bảng chấm điểm nào đang soạn" in answer.content.decode()
    none = browser.post(f"/phong-trao/{REF}/dieu-chinh/cham-diem/khac/soan/", follow=True)
    assert "không có nhóm đối tượng này" in none.content.decode()
    Campaign.objects.update(state="closed")
    with pytest.raises(DomainError, match="không ở trạng thái đang thực hiện"):
        next_tables.begin_table(begun, "tap-the", "bang", user=planner, now=NOW)


def test_a_day_that_cannot_be_read_is_told_beside_the_table(browser, begun):
    answer = amend(browser, **{"table-tap-the": "1", "amendment-in_force_from": "mai"})
    assert "ngày dạng" in wrong(answer)["amendment-in_force_from"]
    assert tables() == [OLD]


# --- for which periods ---------------------------------------------------------------------------
def test_periods_that_end_before_its_day_keep_the_old_table(browser, begun):
    part = member(begun)
    amend(browser, **{"table-tap-the": "1"})
    Period.objects.create(
        campaign=begun,
        ref="6-thang",
        kind="half",
        name="6 tháng",
        period_from=date(2024, 1, 1),
        period_to=date(2024, 6, 30),
        closes_on=date(2024, 7, 15),
    )
    for period_ref, ref in (("6-thang", "bang"), ("2024", "bang-2"), ("2025", "bang-2")):
        period = Period.objects.select_related("campaign").get(ref=period_ref)
        assert tables_of_members(period, [part])[part.pk].ref == ref
        (standing,) = ranking_of(period)
        assert standing.table.ref == ref


@pytest.fixture
def opened(begun, planner) -> ScoreSheet:
    member(begun)
    period = Period.objects.get(ref="2024")
    (sheet,) = open_scoring(period, actor=planner, now=NOW)
    return sheet


def test_what_was_scored_is_not_judged_by_the_new_table(browser, opened, begun):
    layer = ScoreLayer.objects.get(score_sheet=opened, layer="self")
    head = user_with("head_of_unit", opened.participation.unit)
    item = ScoreItem.objects.get(ref="ii")
    record_scores(layer, {item.pk: ({"points": "30"}, 0)}, actor=head, now=NOW)
    answer = amend(browser, **{"table-tap-the": "1"})
    assert answer.status_code == 422
    assert wrong(answer)["table-tap-the"].endswith(
        "Kỳ “Năm 2024” đã chấm theo “Bảng chấm điểm”; điểm đã chấm giữ theo bảng đó. Ghi ngày áp "
        "dụng của bảng mới sau ngày 31/12/2024."
    )
    assert tables() == [OLD]
    later = amend(browser, **{"table-tap-the": "1", "amendment-in_force_from": "2025-01-01"})
    assert later.status_code == 302
    opened.refresh_from_db()
    assert (opened.table.ref, layer.entries.get().points) == ("bang", 30)


def test_sheets_in_which_nobody_has_written_are_opened_anew(browser, opened, begun, planner):
    assert amend(browser, **{"table-tap-the": "1"}).status_code == 302
    assert not ScoreSheet.objects.exists()
    note = AuditEntry.objects.get(action="campaign.scoring_withdrawn").note
    assert note == "1 phiếu chưa ai chấm, Năm 2024"
    (sheet,) = open_scoring(opened.period, actor=planner, now=NOW)
    assert sheet.table.ref == "bang-2"


def test_a_scoring_table_beside_the_one_that_it_replaces(browser, begun, planner):
    assert amend(browser, **{"table-tap-the": "1"}).status_code == 302
    campaign = Campaign.objects.get(ref=REF)
    ((change,),) = (line.tables for line in plan_page(campaign, planner, NOW.date()).amendments)
    assert (change.old.ref, change.new.ref) == ("bang", "bang-2")
    page = unescape(browser.get(f"/phong-trao/{REF}/").content.decode())
    assert f"“{change.new.name}” thay “{change.old.name}” (từ năm 2024), Tập thể" in page
    assert "cho các kỳ kết thúc từ 01/07/2024" in page


def test_the_first_table_of_a_group_replaces_none(browser, begun, planner):
    amend(browser, **{"table-tap-the": "1"})
    campaign = Campaign.objects.get(ref=REF)
    campaign.amendments.update(changes=[{"score_table": "bang", "from_year": 2024}])
    ((change,),) = (line.tables for line in plan_page(campaign, planner, NOW.date()).amendments)
    assert (change.new.ref, change.old) == ("bang", None)
    assert "Thêm “" in browser.get(f"/phong-trao/{REF}/").content.decode()


# --- the same by a file --------------------------------------------------------------------------
DATED = LATER.replace("from_year: 2025", "from_year: 2024").replace(
    "    layers:",
    "    from: 2024-07-01\n    decision: 15/QĐ-UBND\n    reason: Đủ hạ tầng\n    layers:",
)


def test_a_file_amends_the_table_of_the_same_year(plan):
    text = issued(SCORED) + DATED + AMENDMENTS
    assert load(text)[0].done == "đã điều chỉnh"
    assert [row[1:3] for row in tables()] == [(2024, None), (2024, date(2024, 7, 1))]
    assert Amendment.objects.get().changes == [{"score_table": "bang-2025", "from_year": 2024}]
    assert load(text)[0].done == "không đổi"


def test_a_plan_that_comes_with_its_amended_table(world):
    load(issued(SCORED) + DATED + AMENDMENTS)
    assert Amendment.objects.get().changes == [{"score_table": "bang-2025", "from_year": 2024}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("decision: 15/QĐ-UBND\n    reason", "decision: 16/QĐ\n    reason"),
            "trùng in_force_from",
        ),
        (("from_year: 2024", "from_year: 2025"), "áp dụng từ 01/07/2024 thì năm áp dụng là 2024"),
        (("    from: 2024-07-01", "    from: 2024-08-01"), "cần một mục ở “amendments”"),
        (("    decision: 15/QĐ-UBND\n", ""), "có “from” thì phải có “decision”"),
    ],
)
def test_a_dated_table_that_is_none(plan, change, said):
    assert DATED.count(change[0]) == 1
    with pytest.raises(PlanFileError, match=said):
        load(issued(SCORED) + DATED.replace(*change) + AMENDMENTS)


def test_new_tables_stand_behind_the_old_ones(plan):
    first = SCORED.index("scoring:\n") + len("scoring:\n")
    text = issued(SCORED[:first] + DATED + SCORED[first:]) + AMENDMENTS
    with pytest.raises(PlanFileError, match="phải ghi sau các bảng đang có"):
        load(text)


def test_a_file_does_not_replace_what_was_scored_either(opened, plan):
    layer = ScoreLayer.objects.get(score_sheet=opened, layer="self")
    head = user_with("head_of_unit", opened.participation.unit)
    item = ScoreItem.objects.get(ref="ii")
    record_scores(layer, {item.pk: ({"points": "30"}, 0)}, actor=head, now=NOW)
    values = {"from_year": 2024, "since": date(2024, 7, 1), "actor": None, "now": NOW}
    with pytest.raises(DomainError, match="đã chấm theo"):
        withdraw_blank_sheets(plan, "tap-the", **values)
    with pytest.raises(PlanFileError, match="đã chấm theo") as error:
        load(issued(SCORED) + DATED + AMENDMENTS)
    assert [problem.path for problem in error.value.problems] == [("scoring", 1, "from")]


def test_a_copy_starts_with_the_table_amended_last(plan):
    load(issued(SCORED) + DATED.replace("max_points: 100\n", "max_points: 100\n    note: x\n")
         + AMENDMENTS)  # fmt: skip
    head = Head(
        "b", "B", "B", "province", {"issuer": "a"}, "", date(2026, 1, 1), date(2027, 12, 31)
    )
    (row,) = copied_plan(plan_data(plan), head)["scoring"]
    assert (row["from_year"], row["from"], row["decision"], row["note"]) == (2026, None, "", "x")


def test_others_find_nothing(client_of, begun):
    stranger = client_of(user_with("standing_agency", Unit.objects.create(
        ref="la", name="Lạ", kind=Unit.objects.first().kind)))  # fmt: skip
    assert stranger.get(EDIT).status_code == 404
    assert stranger.post(f"{EDIT}bo/").status_code == 404
    assert stranger.get(reverse("plans:plan_amend", args=[REF])).status_code == 404
