"""Opening, filling, sending, verifying and returning a sheet, on real rows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from campaigns import queries, services
from campaigns.models import Campaign, Result, ResultHistory, ResultSheet
from campaigns.services import StaleCell
from criteria.models import Indicator, Target
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    PeriodFactory,
    UnitFactory,
    user_with,
)
from units.models import AuditEntry, Bloc, BlocMembership, Unit
from units.rules import DomainError

State = ResultSheet.State


def acts(sheet: ResultSheet) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="campaigns.resultsheet", subject_id=sheet.pk)
    return list(rows.order_by("pk").values_list("action", flat=True))


# --- open -----------------------------------------------------------------------------------------
def test_open_makes_one_sheet_and_finds_it_again(world: World) -> None:
    sheet = world.sheet()
    assert world.sheet() == sheet
    assert acts(sheet) == ["resultsheet.opened"]


def refused(world: World, sentence: str, period: object = None) -> None:
    with pytest.raises(DomainError, match=sentence):
        services.open_sheet(
            world.part,
            period or world.period,  # type: ignore[arg-type]
            actor=world.clerk,
            now=NOW,
        )


def test_open_is_refused_with_the_reason(world: World) -> None:
    refused(world, "không thuộc kế hoạch", PeriodFactory(campaign=CampaignFactory()))
    later = PeriodFactory(
        campaign=world.campaign,
        ref="2025",
        period_from=date(2025, 1, 1),
        period_to=date(2025, 12, 31),
        closes_on=date(2026, 1, 31),
    )
    refused(world, "bắt đầu từ 01/01/2025", later)
    world.period.closed_at = NOW
    world.period.save()
    refused(world, "đã khóa lúc 14:00 ngày 24/11/2024")
    Unit.objects.filter(pk=world.branch.pk).update(valid_to=date(2023, 6, 30))
    refused(world, "kết thúc hoạt động ngày 30/06/2023, trước kỳ “Năm 2024”")
    world.part.left_on = date(2023, 5, 1)
    world.part.save()
    refused(world, "thôi tham gia từ 01/05/2023")
    Campaign.objects.update(state=Campaign.State.DRAFT)
    world.part.refresh_from_db()
    refused(world, "trạng thái “dự thảo”")


# --- what is asked --------------------------------------------------------------------------------
def asked(sheet: ResultSheet) -> list[Indicator]:
    found = list(queries.applicable_indicators(sheet))
    for leads in (False, True):
        assert list(queries.asked_on(sheet, leads=leads).values()) == found
    return found


def test_a_sheet_asks_what_its_groups_ask(world: World) -> None:
    mine = world.indicator()
    world.indicator(kind="derived", derivation="share", derived_from=mine, target=None)
    sets = {"criteria_set": world.campaign.criteria_set}
    named, everybody, other, nominee, once = (
        GroupFactory(**sets, measured=measured)
        for measured in ("sum", "each", "each", "nominee", "once")
    )
    named.units.add(world.branch)
    other.units.add(UnitFactory())
    expected = [mine, IndicatorFactory(group=named), IndicatorFactory(group=everybody)]
    for group in (other, nominee, once):
        IndicatorFactory(group=group)
    assert set(asked(world.sheet())) == set(expected)


def test_the_standing_agency_answers_for_the_plan(world: World) -> None:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    indicator = IndicatorFactory(group=once)
    part = services.enrol_units(world.campaign, [world.office], actor=None, now=NOW)[0]
    assert asked(world.sheet(part)) == [indicator]
    assert asked(world.sheet()) == []


def test_of_a_bloc_the_leader_of_the_year_answers(world: World) -> None:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    indicator = IndicatorFactory(group=once)
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=world.office)
    Campaign.objects.update(bloc=bloc, standing_agency=None)
    world.part.refresh_from_db()
    BlocMembership.objects.create(bloc=bloc, unit=world.branch, year=2023, role="head")
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=world.sheet().pk)
    assert asked(sheet) == []
    BlocMembership.objects.create(bloc=bloc, unit=world.branch, year=2024, role="head")
    assert asked(sheet) == [indicator]
    campaign = Campaign.objects.get(pk=world.campaign.pk)
    assert queries.standing_units(campaign, 2024) == [world.branch.pk]


# --- one cell -------------------------------------------------------------------------------------
def test_a_cell_is_written_with_its_history(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    result = world.fill(sheet, indicator, numerator="1.862", denominator="2.004")
    result.refresh_from_db()
    assert (result.state, result.version) == ("reported", 1)
    assert (result.numerator, result.denominator) == (Decimal(1862), Decimal(2004))
    again = world.fill(sheet, indicator, version=1, numerator="1900", denominator="2004")
    assert again.version == 2
    versions = ResultHistory.objects.filter(result=result).values_list("version", "numerator")
    assert list(versions) == [(2, Decimal(1900)), (1, Decimal(1862))]
    sheet.refresh_from_db()
    assert sheet.revision == 3
    assert "resultsheet.recorded" not in acts(sheet)


def test_writing_the_same_again_changes_nothing(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    assert world.fill(sheet, indicator).pk is None
    world.fill(sheet, indicator, numerator="8", denominator="10")
    same = world.fill(sheet, indicator, version=0, numerator="8,0", denominator="10")
    assert same.version == 1
    assert ResultHistory.objects.count() == 1


def test_what_cannot_be_read_is_kept_and_counts_as_missing(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="8", denominator="10")
    world.fill(sheet, indicator, version=1, numerator="4.231", denominator="4.218")
    result = Result.objects.get()
    assert (result.state, result.numerator) == ("missing", None)
    assert result.typed == {"numerator": "4.231", "denominator": "4.218"}
    assert "lớn hơn" in result.problem
    row = queries.sheet_rows(sheet)[0]
    assert row.typed["numerator"] == "4.231"
    assert [one.why for one in queries.remaining([row])] == ["sửa"]


def test_a_stale_cell_is_refused_with_both_values(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="40", denominator="53")
    world.fill(sheet, indicator, version=1, numerator="44", denominator="53")
    with pytest.raises(StaleCell, match="vừa được Lê Văn Thí Dụ ghi") as stale:
        world.fill(sheet, indicator, version=1, numerator="42", denominator="53")
    assert Result.objects.get().numerator == 44
    row = queries.sheet_rows(sheet, clashes={indicator.pk: stale.value.clash})[0]
    assert row.conflict is not None
    assert (row.conflict.mine, row.conflict.mine_means) == ("42 trên 53", "79,2%, chưa đạt")
    assert (row.conflict.theirs, row.conflict.theirs_means) == ("44 trên 53", "83,0%, đạt")
    assert row.typed["numerator"] == "42"
    assert row.open_because == "chọn số cho"
    kept = world.fill(
        sheet, indicator, version=row.conflict.version, numerator="42", denominator="53"
    )
    assert kept.numerator == 42


def test_a_cell_begun_by_two_is_stale_for_the_second(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="40", denominator="53")
    with pytest.raises(StaleCell):
        world.fill(sheet, indicator, version=0, numerator="41", denominator="53")
    with pytest.raises(StaleCell):
        world.fill(sheet, indicator, version=99, numerator="41", denominator="53")


def test_an_untouched_cell_of_an_old_page_is_left_alone(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="40", denominator="53")
    assert world.fill(sheet, indicator, version=0).version == 1
    world.fill(sheet, indicator, version=1, numerator="44", denominator="53")
    left = world.fill(sheet, indicator, version=1, numerator="40", denominator="53")
    assert (left.version, left.numerator) == (2, 44)


def test_an_indicator_of_others_is_not_taken(world: World) -> None:
    with pytest.raises(DomainError, match="không hỏi tiêu chí đó"):
        world.fill(world.sheet(), IndicatorFactory(), numerator="1", denominator="1")


# --- parts (“trong đó”) ---------------------------------------------------------------------------
def test_a_part_is_read_anew_when_its_whole_is_written(world: World) -> None:
    whole = world.indicator(code="CT10", numerator_label="Được bồi dưỡng")
    part = world.indicator(target=10, of_which=whole)
    sheet = world.sheet()
    early = world.fill(sheet, part, numerator="5")
    assert (early.state, early.typed) == ("missing", {"numerator": "5"})
    world.fill(sheet, whole, numerator="50", denominator="60")
    held = Result.objects.get(indicator=part)
    assert (held.state, held.numerator, held.denominator, held.version) == ("reported", 5, 50, 2)
    world.fill(sheet, whole, version=1, numerator="4", denominator="60")
    held.refresh_from_db()
    assert (held.state, held.typed) == ("missing", {"numerator": "5"})
    assert "lớn hơn" in held.problem
    world.fill(sheet, whole, version=2, numerator="4", denominator="70")
    held.refresh_from_db()
    assert held.version == 3  # its denominator is the same, so nothing was written
    row = next(row for row in queries.sheet_rows(sheet) if row.indicator == part)
    assert (row.question.part_of, row.question.whole) == ("CT10", 4)


def test_the_whole_form_writes_wholes_before_parts(world: World) -> None:
    part = world.indicator(target=10)
    whole = world.indicator()
    Indicator.objects.filter(pk=part.pk).update(of_which=whole)
    sheet = world.sheet()
    cells = {
        part.pk: ({"numerator": "5"}, 0),
        whole.pk: ({"numerator": "50", "denominator": "60"}, 0),
    }
    services.record_results(sheet, cells, actor=world.clerk, now=NOW)
    assert Result.objects.get(indicator=part).denominator == 50
    cells = {
        part.pk: ({"numerator": "6"}, 1),
        whole.pk: ({"numerator": "40", "denominator": "60"}, 1),
    }
    saved = services.record_results(sheet, cells, actor=world.clerk, now=NOW)
    assert not saved.stale
    held = Result.objects.get(indicator=part)
    assert (held.numerator, held.denominator) == (6, 40)


def test_a_part_whose_whole_is_not_asked_has_its_own_denominator(world: World) -> None:
    elsewhere = IndicatorFactory()
    part = world.indicator(of_which=elsewhere)
    result = world.fill(world.sheet(), part, numerator="1", denominator="2")
    assert result.denominator == 2


# --- the whole form -------------------------------------------------------------------------------
def test_the_whole_form_saves_what_is_fine_and_keeps_the_rest(world: World) -> None:
    good, wrong, stale = world.indicator(), world.indicator(), world.indicator()
    sheet = world.sheet()
    world.fill(sheet, stale, numerator="1", denominator="2")
    saved = services.record_results(
        sheet,
        {
            good.pk: ({"numerator": "9", "denominator": "10"}, 0),
            wrong.pk: ({"numerator": "chín", "denominator": "10"}, 0),
            stale.pk: ({"numerator": "2", "denominator": "2"}, 0),
        },
        actor=world.clerk,
        now=NOW,
    )
    assert list(saved.stale) == [stale.pk]
    states = dict(Result.objects.values_list("indicator", "state"))
    assert states == {good.pk: "reported", wrong.pk: "missing", stale.pk: "reported"}
    assert Result.objects.get(indicator=wrong).typed["numerator"] == "chín"
    with pytest.raises(DomainError, match="không hỏi"):
        services.record_results(sheet, {0: ({"text": "x"}, 0)}, actor=world.clerk, now=NOW)


# --- send, verify, return -------------------------------------------------------------------------
def test_a_sheet_is_sent_only_when_nothing_is_left(world: World) -> None:
    first = world.indicator(code="CT01")
    world.indicator(code="CT02")
    proof = world.indicator(code="CT03", evidence_required=True)
    nil = world.indicator(code="CT04", evidence_required=True)
    sheet = world.sheet()
    world.fill(sheet, first, numerator="x", denominator="1")
    world.fill(sheet, proof, numerator="1", denominator="1")
    world.fill(sheet, nil, choice="nothing", reason="Không có")
    with pytest.raises(
        DomainError,
        match=r"Còn 3 việc trước khi gửi: sửa CT01, nhập CT02, đính kèm minh chứng cho CT03\.",
    ):
        services.submit_sheet(sheet, actor=world.head, now=NOW)
    assert len(queries.unanswered(sheet)) == 3


def test_a_sheet_without_indicators_is_not_sent(world: World) -> None:
    with pytest.raises(DomainError, match="không có tiêu chí nào"):
        services.submit_sheet(world.sheet(), actor=world.head, now=NOW)


@pytest.fixture
def sent(world: World) -> ResultSheet:
    sheet = world.sheet()
    world.fill(sheet, world.indicator(code="CT01"), numerator="9", denominator="10")
    return services.submit_sheet(sheet, actor=world.head, now=NOW)


def test_sending_stamps_and_closes_the_entry(world: World, sent: ResultSheet) -> None:
    assert (sent.state, sent.submitted_by, sent.submitted_at) == (State.SUBMITTED, world.head, NOW)
    assert sent.revision == 3
    indicator = Indicator.objects.get()
    with pytest.raises(DomainError, match="trạng thái “đã gửi”"):
        world.fill(sent, indicator, version=1, numerator="1", denominator="1")
    with pytest.raises(DomainError, match="trạng thái “đã gửi”"):
        services.submit_sheet(sent, actor=world.head, now=NOW)


def test_nobody_verifies_what_he_sent(world: World, sent: ResultSheet) -> None:
    with pytest.raises(DomainError, match="không tự thẩm định"):
        services.verify_sheet(sent, actor=world.head, now=NOW)
    done = services.verify_sheet(sent, actor=world.verifier, now=NOW)
    assert (done.state, done.verified_by, done.revision) == (State.VERIFIED, world.verifier, 4)


def test_returned_with_a_reason_and_sent_again(world: World, sent: ResultSheet) -> None:
    with pytest.raises(DomainError, match="Ghi lý do trả lại"):
        services.return_sheet(sent, reason="  ", actor=world.verifier, now=NOW)
    services.verify_sheet(sent, actor=world.verifier, now=NOW)
    back = services.return_sheet(sent, reason="CT01 lệch", actor=world.verifier, now=NOW)
    assert (back.state, back.return_reason) == (State.RETURNED, "CT01 lệch")
    assert back.verified_by is None
    world.fill(back, Indicator.objects.get(), version=1, numerator="8", denominator="10")
    again = services.submit_sheet(back, actor=world.head, now=NOW)
    assert again.state == State.SUBMITTED
    assert acts(sent) == [
        "resultsheet.opened",
        "resultsheet.submitted",
        "resultsheet.verified",
        "resultsheet.returned",
        "resultsheet.submitted",
    ]


# --- periods close --------------------------------------------------------------------------------
def test_a_period_closes_once_and_locks_what_was_accepted(world: World, sent: ResultSheet) -> None:
    draft = world.sheet(world.member())
    services.verify_sheet(sent, actor=world.verifier, now=NOW)
    assert services.close_due_periods(now=NOW) == 0
    after = NOW + timedelta(days=100)
    assert services.close_due_periods(now=after) == 1
    sent.refresh_from_db()
    draft.refresh_from_db()
    world.period.refresh_from_db()
    assert (sent.state, sent.locked_at, sent.revision) == (State.LOCKED, after, 4)
    assert draft.state == State.DRAFT
    assert world.period.closed_at == after
    assert services.close_due_periods(now=after) == 0
    with pytest.raises(DomainError, match="đã khóa"):
        world.fill(draft, Indicator.objects.get(), numerator="1", denominator="1")


def test_after_the_close_a_sent_sheet_is_verified_and_locked_but_not_returned(
    world: World, sent: ResultSheet
) -> None:
    after = NOW + timedelta(days=100)
    services.close_due_periods(now=after)
    with pytest.raises(DomainError, match="vì vậy không trả lại"):
        services.return_sheet(sent, reason="x", actor=world.verifier, now=after)
    assert services.verify_sheet(sent, actor=world.verifier, now=after).state == State.LOCKED


def test_a_sheet_accepted_while_the_period_closed_is_locked_by_the_next_run(
    world: World, sent: ResultSheet
) -> None:
    services.verify_sheet(sent, actor=world.verifier, now=NOW)
    world.period.closed_at = NOW
    world.period.save()
    assert services.close_due_periods(now=NOW + timedelta(days=100)) == 1
    sent.refresh_from_db()
    world.period.refresh_from_db()
    assert sent.state == State.LOCKED
    assert world.period.closed_at == NOW


# --- the day decides, whether or not the job has run ----------------------------------------------
def test_after_the_closing_day_nothing_is_entered_or_signed(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    last = datetime(2025, 1, 31, 23, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    typed = {"numerator": "1", "denominator": "1"}
    services.record_result(sheet, indicator, typed, 0, actor=world.clerk, now=last)
    after = last + timedelta(hours=1)
    late = {"actor": world.head, "now": after}
    sentence = "chỉ nhận số liệu đến hết ngày 31/01/2025"
    with pytest.raises(DomainError, match=sentence):
        services.record_result(sheet, indicator, {"numerator": "0"}, 1, **late)
    with pytest.raises(DomainError, match=sentence):
        services.submit_sheet(sheet, **late)
    with pytest.raises(DomainError, match=sentence):
        services.open_sheet(world.member(), world.period, **late)
    assert services.submit_sheet(sheet, actor=world.head, now=last).state == State.SUBMITTED


def test_after_the_closing_day_a_sent_sheet_is_verified_and_not_returned(
    world: World, sent: ResultSheet
) -> None:
    late = {"actor": world.verifier, "now": NOW + timedelta(days=100)}
    with pytest.raises(DomainError, match="khóa sau ngày 31/01/2025"):
        services.return_sheet(sent, reason="x", **late)
    assert services.verify_sheet(sent, **late).state == State.VERIFIED
    services.close_due_periods(now=late["now"])
    sent.refresh_from_db()
    assert sent.state == State.LOCKED


def test_a_sheet_of_a_plan_that_is_over_stays_as_it_is(world: World, sent: ResultSheet) -> None:
    draft = world.sheet(world.member())
    Campaign.objects.update(state=Campaign.State.CLOSED)
    for act in (
        lambda: world.fill(draft, Indicator.objects.get(), numerator="1", denominator="1"),
        lambda: services.submit_sheet(draft, actor=world.head, now=NOW),
        lambda: services.return_sheet(sent, reason="x", actor=world.verifier, now=NOW),
    ):
        with pytest.raises(DomainError, match="trạng thái “đã tổng kết”"):
            act()


# --- nobody answers for figures he has not seen ---------------------------------------------------
def test_a_verifier_accepts_only_the_revision_he_has_read(world: World, sent: ResultSheet) -> None:
    indicator, read = Indicator.objects.get(), sent.revision
    services.return_sheet(sent, reason="Lệch", actor=world.verifier, now=NOW, revision=read)
    world.fill(sent, indicator, version=1, numerator="1", denominator="10")
    again = services.submit_sheet(sent, actor=world.head, now=NOW)
    changed = "Phiếu đã đổi từ khi mở trang .*, xem lại rồi"
    with pytest.raises(DomainError, match=f"{changed} thẩm định"):
        services.verify_sheet(sent, actor=world.verifier, now=NOW, revision=read)
    with pytest.raises(DomainError, match=f"{changed} trả lại"):
        services.return_sheet(sent, reason="x", actor=world.verifier, now=NOW, revision=read)
    done = services.verify_sheet(sent, actor=world.verifier, now=NOW, revision=again.revision)
    assert done.state == State.VERIFIED


def test_a_head_signs_only_the_revision_he_has_read(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="9", denominator="10")
    sheet.refresh_from_db()
    read = sheet.revision
    world.fill(sheet, indicator, version=1, numerator="1", denominator="10")
    with pytest.raises(DomainError, match="xem lại rồi ký gửi"):
        services.submit_sheet(sheet, actor=world.head, now=NOW, revision=read)
    sent = services.submit_sheet(sheet, actor=world.head, now=NOW, revision=read + 1)
    assert sent.state == State.SUBMITTED


def test_a_form_tells_which_revision_its_sender_has_seen(world: World) -> None:
    first, second = world.indicator(), world.indicator()
    sheet = world.sheet()

    def save(cells: dict[int, tuple[dict[str, str], int]]) -> int:
        seen = services.record_results(sheet, cells, actor=world.head, now=NOW).seen
        sheet.refresh_from_db()
        return seen

    one, two = ({"numerator": n, "denominator": "10"} for n in ("1", "2"))
    assert save({first.pk: (one, 0), second.pk: ({}, 0)}) == sheet.revision == 2
    assert save({first.pk: (one, 0), second.pk: ({}, 0)}) == sheet.revision  # a save under way
    world.fill(sheet, second, numerator="5", denominator="10")
    assert save({first.pk: (two, 1), second.pk: ({}, 0)}) == 0  # not touched here, written there
    assert save({first.pk: (one, 1), second.pk: ({}, 0)}) == 0  # stale
    assert save({first.pk: (two, 2)}) == 0  # the second row was not on the page


# --- the page's facts -----------------------------------------------------------------------------
def test_last_year_stands_beside_this_year(world: World) -> None:
    indicator = world.indicator()
    before = PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        name="Năm 2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        closes_on=date(2024, 1, 31),
    )
    then = NOW - timedelta(days=365)
    old = services.open_sheet(world.part, before, actor=None, now=then)
    typed = {"numerator": "765", "denominator": "1000"}
    services.record_result(old, indicator, typed, 0, actor=world.clerk, now=then)
    page = queries.sheet_page(world.sheet())
    assert page.last_name == "Năm 2023"
    assert page.rows[0].last is not None
    assert page.rows[0].last.shown == "76,5%"


def test_a_period_that_is_no_year_names_the_one_before_it_plainly(world: World) -> None:
    world.period.kind = "half"
    world.period.save()
    assert queries.sheet_page(world.sheet()).last_name == "Kỳ trước"


def test_a_sum_is_not_judged_on_one_unit(world: World) -> None:
    world.group.measured = "sum"
    world.group.save()
    indicator, sheet = world.indicator(), world.sheet()
    world.fill(sheet, indicator, numerator="1", denominator="10")
    row = queries.sheet_rows(sheet)[0]
    assert row.judgement.verdict == "not_judged"
    assert (row.target, row.why) == (
        "từ 80% trở lên",
        "Tính chung toàn kế hoạch, cộng từ các đơn vị",
    )


def test_a_plan_wide_target_without_a_rule(world: World) -> None:
    world.group.measured = "sum"
    world.group.save()
    world.indicator(target=None)
    row = queries.sheet_rows(world.sheet())[0]
    assert (row.target, row.why) == ("", "Kế hoạch không ghi mức")


def test_the_due_day_follows_the_plans_duty(world: World) -> None:
    due = queries.unit_due(world.part, world.period)
    assert (due.due_on, due.words) == (
        date(2024, 11, 29),
        "trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    )
    world.campaign.duties.all().delete()
    due = queries.unit_due(world.part, world.period)
    assert (due.due_on, due.words) == (
        date(2025, 1, 31),
        "Kế hoạch không ghi ngày; kỳ khóa sau ngày 31/01/2025",
    )


def test_history_tells_acts_and_writes(world: World, sent: ResultSheet) -> None:
    sentences = {line.sentence for line in queries.sheet_history(sent)}
    assert sentences == {
        "Lê Văn Thí Dụ mở phiếu.",
        "Lê Văn Thí Dụ ghi CT01: 9 trên 10.",
        "Phạm Thị Thử ký và gửi phiếu.",
    }


def test_steps_follow_the_state(world: World, sent: ResultSheet) -> None:
    def now_at(sheet: ResultSheet) -> list[str]:
        return [word for word, state in queries.sheet_page(sheet).steps if state == "now"]

    assert now_at(sent) == ["Văn phòng Sở thẩm định"]
    services.verify_sheet(sent, actor=world.verifier, now=NOW)
    sent.refresh_from_db()
    assert now_at(sent) == ["Khóa kỳ"]


def test_a_named_unit_has_its_own_target(world: World) -> None:
    indicator = world.indicator()
    Target.objects.create(indicator=indicator, unit=world.branch, operator=">", value=90)
    row = queries.sheet_rows(world.sheet())[0]
    assert (row.target, row.why) == ("trên 90%", "Giao riêng Chi cục Phát triển nông thôn")


def test_someone_else_of_the_standing_agency_may_verify(world: World, sent: ResultSheet) -> None:
    other = user_with("standing_agency", world.office)
    assert services.verify_sheet(sent, actor=other, now=NOW).verified_by == other


def test_a_part_counts_what_its_whole_counts(world: World) -> None:
    area = world.indicator(code="CT01", measure_unit="ha")
    wet = world.indicator(code="CT02", of_which=area)
    people = world.indicator(code="CT03", measure_unit="người")
    sheet = world.sheet()
    assert not world.fill(sheet, area, numerator="10,5", denominator="20,25").problem
    assert not world.fill(sheet, wet, numerator="2,5").problem
    assert "có phần lẻ" in world.fill(sheet, people, numerator="10,5", denominator="20").problem
