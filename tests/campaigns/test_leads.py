"""The office that leads an indicator confirms or questions it over all units."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns import policies, queries, services
from campaigns.models import Campaign, CellMark, Period, Result, ResultSheet
from criteria.models import Indicator
from tests.campaigns.test_evidence import add
from tests.campaigns.world import World
from tests.conftest import StrictClient
from tests.factories import NOW, GroupFactory, UnitFactory, user_with
from units.models import AuditEntry, Unit, User
from units.rules import DomainError
from units.services import give_role

CONFIRMED, QUESTIONED = CellMark.Verdict.CONFIRMED, CellMark.Verdict.QUESTIONED
LATER = NOW + timedelta(hours=1)


@dataclass
class Led:
    """An indicator led by a department that neither takes part nor stands over the plan."""

    world: World
    department: Unit
    lead: User
    indicator: Indicator
    sheet: ResultSheet

    def cell(self, sheet: ResultSheet | None = None) -> Result:
        return Result.objects.get(result_sheet=sheet or self.sheet, indicator=self.indicator)

    def mark(self, verdict: str, *cells: Result, reason: str = "", actor: User | None = None):
        chosen = {cell.pk: cell.version for cell in cells or [self.cell()]}
        return services.mark_cells(
            self.indicator,
            chosen,
            CellMark.Verdict(verdict),
            actor=actor or self.lead,
            now=NOW,
            reason=reason,
        )

    def page(self, user: User | None = None) -> queries.LeadPage:
        user = user or self.lead
        indicators = queries.attended(self.world.campaign, user)
        return queries.lead_page(self.world.period, indicators, self.indicator, user)

    def row(self, sheet: ResultSheet | None = None) -> queries.Row:
        rows = ResultSheet.objects.select_related(*queries.SHEET_RELATED)
        page = queries.sheet_page(rows.get(pk=(sheet or self.sheet).pk))
        return next(r for r in page.rows if r.indicator == self.indicator)

    def another(self, **unit: str) -> ResultSheet:
        sheet = self.world.sheet(self.world.member(**unit))
        self.world.fill(sheet, self.indicator, numerator="7", denominator="10")
        return services.submit_sheet(sheet, actor=self.world.head, now=NOW)


@pytest.fixture
def led(world: World) -> Led:
    Period.objects.update(closes_on=timezone.localdate() + timedelta(days=30))
    world.period.refresh_from_db()
    department = UnitFactory(name="Sở Thông tin", short_name="Sở TT")
    lead = user_with("lead_department", department, full_name="Đỗ Văn Chủ")
    indicator = world.indicator(code="CT01", lead_unit=department)
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="8", denominator="10")
    sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
    return Led(world, department, lead, indicator, sheet)


# --- who ------------------------------------------------------------------------------------------
def test_the_lead_sees_the_plan_and_the_files_of_what_it_leads(led: Led) -> None:
    world = led.world
    services.return_sheet(led.sheet, reason="x", actor=world.verifier, now=NOW)
    other = world.indicator(code="CT02")
    world.fill(led.sheet, other, numerator="1", denominator="1")
    mine, theirs = add(world, led.sheet, led.indicator), add(world, led.sheet, other)
    assert list(policies.viewable_evidence(led.lead)) == []  # the sheet is not sent
    services.submit_sheet(led.sheet, actor=world.head, now=NOW)
    assert list(policies.viewable_evidence(led.lead)) == [mine]
    assert set(policies.viewable_evidence(world.clerk)) == {mine, theirs}
    assert list(policies.viewable_campaigns(led.lead)) == [world.campaign]
    assert not policies.viewable_result_sheets(led.lead).exists()
    Campaign.objects.update(state=Campaign.State.DRAFT)
    assert list(policies.viewable_campaigns(led.lead)) == []


def test_who_co_ordinates_looks_on_and_who_only_sees_does_not(led: Led) -> None:
    helper = user_with("lead_department", UnitFactory(name="Sở Phối hợp"))
    viewer = user_with("clerk", led.department)
    led.indicator.co_units.add(helper.roles.get().unit)
    assert list(policies.attended_indicators(helper)) == [led.indicator]
    assert list(policies.led_indicators(helper)) == []
    assert list(policies.led_indicators(led.lead)) == [led.indicator]
    assert list(policies.attended_indicators(viewer)) == []
    page = led.page(helper)
    assert (page.decides, page.markable, len(page.rows)) == (False, 0, 1)


def test_one_who_co_ordinates_may_not_decide_on_the_page(led: Led, client: StrictClient) -> None:
    helper = user_with("lead_department", UnitFactory(name="Sở Phối hợp"))
    led.indicator.co_units.add(helper.roles.get().unit)
    client.force_login(helper)
    where = f"/phong-trao/{led.world.campaign.ref}/chu-tri/"
    assert "Đơn vị phối hợp xem" in client.get(where).content.decode()
    cell = f"{led.cell().pk}-1"
    assert client.post(where, {"cell": cell, "verdict": "confirmed"}).status_code == 404
    assert not CellMark.objects.exists()


# --- a word on a cell -----------------------------------------------------------------------------
def test_a_word_holds_until_the_figure_changes(led: Led) -> None:
    assert led.row().standing == "waiting"
    led.mark(CONFIRMED)
    assert led.row().standing == led.page().rows[0].standing == "confirmed"
    world = led.world
    back = services.return_sheet(led.sheet, reason="x", actor=world.verifier, now=NOW)
    typed = {"numerator": "9", "denominator": "10"}
    services.record_result(back, led.indicator, typed, 1, actor=world.clerk, now=LATER)
    services.submit_sheet(back, actor=world.head, now=LATER)
    assert led.row().standing == led.page().rows[0].standing == "changed"
    led.mark(QUESTIONED, reason="Thiếu bảng kê")
    assert led.row().standing == "questioned"
    told = [one.sentence for one in queries.sheet_history(led.sheet)]
    assert any("có ý kiến về số liệu chủ trì: CT01, Thiếu bảng kê" in one for one in told)
    assert AuditEntry.objects.filter(action="resultsheet.lead_confirmed").count() == 1


def test_a_question_needs_a_reason_and_something_chosen(led: Led) -> None:
    with pytest.raises(DomainError, match="Ghi lý do có ý kiến"):
        led.mark(QUESTIONED, reason=" ")
    with pytest.raises(DomainError, match="Chưa chọn đơn vị nào"):
        services.mark_cells(led.indicator, {}, CONFIRMED, actor=led.lead, now=NOW)
    mark = CellMark(result=led.cell(), version=1, verdict=QUESTIONED, at=NOW, by=led.lead)
    with pytest.raises(ValidationError, match="phải ghi lý do"):
        mark.validate_constraints()


def test_what_is_refused_is_named_and_stops_nothing(led: Led) -> None:
    world = led.world
    sheets = [led.another() for _ in range(5)]
    entered, signed, draft, locked, stale = sheets
    cells = [led.cell(sheet) for sheet in sheets]
    Result.objects.filter(pk=cells[0].pk).update(saved_by=led.lead)
    ResultSheet.objects.filter(pk=signed.pk).update(submitted_by=led.lead)
    services.return_sheet(draft, reason="x", actor=world.verifier, now=NOW)
    services.verify_sheet(locked, actor=world.verifier, now=NOW)
    ResultSheet.objects.filter(pk=locked.pk).update(state="locked", locked_at=NOW)
    cells[4].version += 1
    other = world.indicator(code="CT02")
    world.fill(draft, other, numerator="1", denominator="1")
    foreign = Result.objects.get(indicator=other)
    done = led.mark(CONFIRMED, led.cell(), foreign, *cells)
    assert [result.result_sheet for result in done.results] == [led.sheet]
    reasons = {result.result_sheet: why for result, why in done.refused}
    assert reasons.keys() == set(sheets)
    assert reasons[entered] == reasons[signed]
    assert "chính người xác nhận nhập hoặc ký gửi" in reasons[entered]
    assert "“trả lại để sửa”" in reasons[draft]
    assert "“đã khóa”" in reasons[locked]
    assert "đã đổi từ khi mở trang" in reasons[stale]
    assert CellMark.objects.get().result == led.cell()


# --- the page -------------------------------------------------------------------------------------
def test_the_page_shows_every_unit_that_is_asked(led: Led) -> None:
    world = led.world
    silent, gone = world.member(name="Chi cục Im lặng"), world.member(name="Chi cục Đã thôi")
    gone.left_on = world.period.period_from - timedelta(days=1)
    gone.save()
    draft = world.sheet(world.member(name="Chi cục Đang nhập"))
    world.fill(draft, led.indicator, numerator="1", denominator="10")
    page = led.page()
    found = {row.participation: row for row in page.rows}
    assert found.keys() == {world.part, silent, draft.participation}
    assert found[draft.participation].result is None  # no figure before it is sent
    row = found[world.part]
    assert (row.words, row.judgement.shown, row.target) == ("8 trên 10", "80,0%", "từ 80% trở lên")
    assert (page.sent, page.markable, page.of("waiting")) == (1, 1, 1)
    assert page.counts == [(led.indicator, 1)]


def test_the_page_costs_the_same_for_one_unit_and_for_many(
    led: Led, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(22) as few:
        led.page()
    for _ in range(3):
        led.another()
    with django_assert_max_num_queries(len(few)):
        assert len(led.page().rows) == 4


def test_what_units_do_not_report_is_not_led(led: Led, client: StrictClient) -> None:
    world = led.world
    nominee = GroupFactory(criteria_set=world.campaign.criteria_set, measured="nominee")
    world.indicator(group=nominee, lead_unit=led.department)
    world.indicator(
        kind="derived", derivation="share", derived_from=led.indicator, lead_unit=led.department
    )
    assert queries.attended(world.campaign, led.lead) == [led.indicator]
    client.force_login(world.clerk)
    assert client.get(f"/phong-trao/{world.campaign.ref}/chu-tri/").status_code == 404


def test_the_lead_confirms_on_the_page_and_questions_with_a_reason(
    led: Led, client: StrictClient
) -> None:
    other = led.another(name="Chi cục B")
    client.force_login(led.lead)
    where = f"/phong-trao/{led.world.campaign.ref}/chu-tri/"
    page = client.get(f"{where}?tick=all").content.decode()
    keys = [f"{led.cell().pk}-1", f"{led.cell(other).pk}-1"]
    assert all(f'value="{key}" checked' in page for key in keys)
    form = {"cell": keys, "verdict": "questioned", "reason": "", "ky": "2024"}
    answer = client.post(where, form)
    assert answer.status_code == 422
    assert f'value="{keys[0]}" checked' in answer.content.decode()
    form |= {"reason": "Thiếu bảng kê", "cell": [keys[0], f"{led.cell(other).pk}-7"]}
    page = client.post(where, form, follow=True).content.decode()
    assert "Đã ghi ý kiến về số liệu CT01 của 1 đơn vị." in page
    assert "Chi cục B: Số liệu hoặc minh chứng đã đổi" in page
    assert "“Thiếu bảng kê”" in page
    page = client.post(where, {"cell": keys, "verdict": "confirmed"}, follow=True).content.decode()
    assert "Đã xác nhận số liệu CT01 của 2 đơn vị." in page
    assert client.get(f"{where}?ky=2024&tieu-chi=khong-co").status_code == 200


def test_a_word_holds_until_a_file_comes_or_goes(led: Led) -> None:
    world = led.world
    led.mark(CONFIRMED)
    seen = led.page().rows[0]
    back = services.return_sheet(led.sheet, reason="x", actor=world.verifier, now=LATER)
    add(world, back, led.indicator, now=LATER)
    services.submit_sheet(back, actor=world.head, now=LATER)
    assert led.row().standing == led.page().rows[0].standing == "changed"
    assert led.page().counts == [(led.indicator, 1)]
    assert missing(led) == ["Sở TT chưa xác nhận CT01"]
    key, stamp = map(int, seen.key.split("-"))  # of the page as it was before the file came
    done = services.mark_cells(led.indicator, {key: stamp}, CONFIRMED, actor=led.lead, now=LATER)
    assert "minh chứng đã đổi từ khi mở trang" in done.refused[0][1]


def test_a_lead_says_nothing_of_its_own_unit(led: Led, client: StrictClient) -> None:
    world = led.world
    Indicator.objects.update(lead_unit=world.branch)
    led.indicator.refresh_from_db()
    led.lead = user_with("lead_department", world.branch)
    other = led.another(name="Chi cục B")
    done = led.mark(CONFIRMED, led.cell(), led.cell(other))
    assert [result.result_sheet for result in done.results] == [other]
    assert "không tự xác nhận số liệu của mình" in done.refused[0][1]
    assert led.page().markable == 1
    assert missing(led) == []  # nobody else leads it: who verifies answers for it
    assert led.page().counts == [(led.indicator, 0)]
    client.force_login(led.lead)
    page = client.get(f"/phong-trao/{world.campaign.ref}/chu-tri/").content.decode()
    assert "Đơn vị chủ trì không tự xác nhận số liệu của mình" in page
    client.force_login(world.verifier)
    assert "Chờ Chi cục" not in client.get(f"/phieu/{led.sheet.pk}/").content.decode()


# --- the sheet waits ------------------------------------------------------------------------------
def missing(led: Led) -> list[str]:
    rows = queries.missing_leads([led.sheet]).get(led.sheet.pk, [])
    return [one.words for one in rows]


def test_who_has_not_confirmed_is_named(led: Led, client: StrictClient) -> None:
    assert missing(led) == ["Sở TT chưa xác nhận CT01"]
    (line,) = queries.sheets_to_verify(led.world.verifier)
    assert [one.words for one in line.missing] == missing(led)
    client.force_login(led.world.verifier)
    page = client.get(f"/phieu/{led.sheet.pk}/").content.decode()
    assert "Sở TT chưa xác nhận CT01; " in page
    assert "không đợi các đơn vị chủ trì" in page
    assert "Sở TT chưa xác nhận CT01" in client.get("/").content.decode()
    client.force_login(led.world.clerk)
    assert "Đang chờ:" in client.get(f"/phieu/{led.sheet.pk}/").content.decode()
    led.mark(QUESTIONED, reason="Lệch")
    assert missing(led) == ["Sở TT có ý kiến về CT01"]
    assert "Đỗ Văn Chủ có ý kiến" in client.get(f"/phieu/{led.sheet.pk}/").content.decode()
    led.mark(CONFIRMED)
    assert missing(led) == []


def test_the_unit_reads_on_whom_its_sheet_waits(led: Led) -> None:
    todo = queries.todo(led.world.clerk, NOW)
    assert [one.why for one in todo] == ["Đang chờ: Sở TT chưa xác nhận CT01"]
    led.mark(CONFIRMED)
    assert [one.why for one in queries.todo(led.world.clerk, NOW)] == [""]


def test_what_the_standing_agency_leads_itself_waits_for_nobody(led: Led) -> None:
    Indicator.objects.update(lead_unit=led.world.office)
    assert missing(led) == []


def test_a_plan_may_want_every_lead_first(led: Led) -> None:
    world = led.world
    services.set_leads_first(world.campaign, True, actor=world.verifier, now=NOW)
    services.set_leads_first(world.campaign, True, actor=world.verifier, now=NOW)
    assert AuditEntry.objects.filter(action="campaign.leads_first").count() == 1
    with pytest.raises(DomainError, match="Còn Sở TT chưa xác nhận CT01"):
        services.verify_sheet(led.sheet, actor=world.verifier, now=NOW)
    done = services.verify_sheets([(led.sheet, led.sheet.revision)], actor=world.verifier, now=NOW)
    assert "chưa xác nhận CT01" in done.refused[0][1]
    led.mark(CONFIRMED)
    assert services.verify_sheet(led.sheet, actor=world.verifier, now=NOW).state == "verified"


def test_without_that_a_sheet_is_accepted_though_a_lead_is_missing(led: Led) -> None:
    world = led.world
    assert services.verify_sheet(led.sheet, actor=world.verifier, now=NOW).state == "verified"
    led.mark(QUESTIONED, reason="Lệch")  # after that it may still speak
    services.set_leads_first(world.campaign, True, actor=world.verifier, now=NOW)
    services.set_leads_first(world.campaign, False, actor=world.verifier, now=NOW)
    assert AuditEntry.objects.filter(action="campaign.leads_any_time").count() == 1


def test_the_setting_is_on_the_page_of_indicators(led: Led, client: StrictClient) -> None:
    ref = led.world.campaign.ref
    planner = led.world.verifier
    give_role(
        user=planner,
        unit=led.world.office,
        role="lead_department",
        and_below=False,
        actor=None,
        now=NOW,
    )
    client.force_login(planner)
    page = client.post(
        f"/phong-trao/{ref}/chu-tri/cach-thuc/", {"leads_first": "yes"}, follow=True
    ).content.decode()
    assert "Phiếu chỉ được thẩm định khi các đơn vị chủ trì đã xác nhận đủ." in page
    page = client.post(f"/phong-trao/{ref}/chu-tri/cach-thuc/", {}, follow=True).content.decode()
    assert "được thẩm định phiếu không đợi" in page
    client.force_login(led.lead)
    page = client.get(f"/phong-trao/{ref}/tieu-chi/").content.decode()
    assert f"chu-tri/?tieu-chi={led.indicator.ref}" in page
    assert "Yêu cầu xác nhận đủ trước" not in page
