"""An indicator of another programme's set as condition: “tỷ lệ xã đạt chỉ tiêu 8.4”."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns import queries, services
from campaigns.models import Campaign, Participation
from config.planfile import PlanFileError, plan_data, plan_text
from config.plans.issuing import gaps, quoted_targets
from criteria.models import CriteriaSet, Indicator, Target
from criteria.rules import Verdict
from tests.config.partpages import Page, errors
from tests.config.planfiles import edited, load, world
from tests.factories import NOW, UnitFactory, user_with
from units.models import AuditEntry, Unit

__all__ = ["world"]

SETS = """\
criteria_sets:
  - ref: ntm-xa
    name: Bộ tiêu chí xã nông thôn mới
    note: Mới ghi mã được dẫn.
    indicators:
      - {code: "8.4", name: Thông tin và Truyền thông}
      - {code: "10", name: Thu nhập, kind: quantity, op: ">=", value: 48}
"""
ASKS = """\
      - ref: xa-8-4
        code: A4
        name: Đạt chỉ tiêu 8.4
        kind: yes_no
        external: {code: "8.4", set: ntm-xa}
      - ref: thu-nhap
        code: A5
        name: Thu nhập bình quân
        kind: quantity
        external: {code: "10", set: ntm-xa}
      - ref: ty-le-8-4
        code: A6
        name: Tỷ lệ đạt chỉ tiêu 8.4
        kind: derived
        derive: {how: share, set: ntm-xa, code: "8.4"}
        targets: [{op: ">=", value: 50}]
      - ref: so-thu-nhap
        code: A7
        name: Số đơn vị đạt chỉ tiêu 10
        kind: derived
        derive: {how: count, set: ntm-xa, code: "10"}
      - ref: nhap-tay
        code: A8
        name: Tỷ lệ đạt chỉ tiêu 9.9
        kind: ratio
        external: {code: "9.9", set: Bộ tiêu chí ngoài cổng}
"""
PLAN = edited(("  - ref: ca-nhan\n", ASKS + "  - ref: ca-nhan\n"))


@pytest.fixture
def registry(tmp_path):
    def write(text: str = SETS, **options) -> str:
        path = tmp_path / "bo-tieu-chi.yaml"
        path.write_text(text, encoding="utf-8")
        out = StringIO()
        call_command("load_registries", path, stdout=out, **options)
        return out.getvalue()

    return write


@pytest.fixture
def quoted(world, registry):
    registry()
    return CriteriaSet.objects.get(ref="ntm-xa")


def asked(ref: str) -> Indicator:
    return Indicator.objects.get(ref=ref, criteria_set__is_quoted=False)


# --- the registry ---------------------------------------------------------------------------------
def test_a_set_is_kept_by_its_ref_and_put_on_record(world, registry):
    assert "bộ tiêu chí được dẫn: 1 thêm mới" in registry()
    assert "0 thêm mới, 0 sửa, 1 giữ nguyên" in registry()
    assert AuditEntry.objects.filter(action="criteriaset.saved").count() == 1
    yes, income = Indicator.objects.order_by("order")
    assert (yes.kind, yes.targets.get().operator, yes.targets.get().value) == ("yes_no", "=", 1)
    assert (income.targets.get().operator, income.targets.get().value) == (">=", 48)
    registry(SETS.replace("value: 48", "value: 50"))
    assert Target.objects.get(indicator=income).value == 50
    assert AuditEntry.objects.filter(action="criteriaset.saved").count() == 2


def test_what_is_held_to_the_target_of_another_set_lacks_none(world, registry):
    """A plan that names a set which the portal does not know, or that has no target, says so."""
    registry(SETS.replace(', op: ">=", value: 48', ""))
    load(PLAN)
    found = gaps(plan_data(Campaign.objects.get()), quoted_targets())
    (bare,) = (gap.sentence for gap in found if "chưa có mức phải đạt" in gap.sentence)
    assert bare == "Nhóm “Tập thể”: A3, A5, A7, A8 chưa có mức phải đạt."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code: "8.4"', "code: Tám", "mã tham chiếu"),
        ('code: "10"', 'code: "8.4"', "mỗi mã chỉ ghi một lần"),
        ('op: ">=", value: 48', 'op: ">="', "phải ghi cùng nhau"),
        ("kind: quantity", "kind: derived", "chọn một trong"),
        ("    indicators:\n", "    indicator:\n", "không có trường “indicator”"),
    ],
)
def test_a_wrong_set_is_told(world, registry, old, new, said):
    with pytest.raises(CommandError, match=said):
        registry(SETS.replace(old, new))
    assert not CriteriaSet.objects.exists()


def test_the_set_of_a_plan_is_not_overwritten(world, registry):
    load(edited())
    with pytest.raises(CommandError, match="của một kế hoạch trên cổng"):
        registry(SETS.replace("ref: ntm-xa", f"ref: {CriteriaSet.objects.get().ref}"))


# --- the plan file --------------------------------------------------------------------------------
def test_codes_of_another_set_come_back(quoted):
    load(PLAN)
    of = {row.code: row for row in Indicator.objects.filter(criteria_set=quoted)}
    assert asked("xa-8-4").quotes == of["8.4"]
    assert asked("xa-8-4").external_set == "Bộ tiêu chí xã nông thôn mới"
    assert asked("ty-le-8-4").derived_from == of["8.4"]
    assert asked("nhap-tay").quotes is None
    assert [outcome.done for outcome in load(PLAN)] == ["không đổi"]
    dumped = plan_text(Campaign.objects.get())
    assert [outcome.done for outcome in load(dumped)] == ["không đổi"]
    assert dumped.count("set: ntm-xa") == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code: "8.4", set: ntm-xa', 'code: "8.5", set: ntm-xa', "không có chỉ tiêu “8.5”"),
        ('{code: "10", set: ntm-xa}', '{code: "10", set: ntm-huyen}', "không có bộ tiêu chí"),
        ("kind: quantity", "kind: count", "là loại quantity"),
        (
            'external: {code: "10", set: ntm-xa}',
            'external: {code: "8.4", set: ntm-xa}',
            "mỗi chỉ tiêu hỏi một lần",
        ),
        (
            'external: {code: "10", set: ntm-xa}',
            "evidence_required: true",
            "không tiêu chí nào của kế hoạch hỏi chỉ tiêu 10",
        ),
        (
            'derive: {how: share, set: ntm-xa, code: "8.4"}',
            'derive: {how: sum, set: ntm-xa, code: "8.4"}',
            "không cộng được",
        ),
        (
            'derive: {how: share, set: ntm-xa, code: "8.4"}',
            'derive: {how: share, set: ntm-xa, code: "8.4", from: xa-8-4}',
            "đúng một trong hai",
        ),
        (
            'derive: {how: count, set: ntm-xa, code: "10"}',
            'derive: {how: count, set: ntm-xa, code: "10"}\n'
            '        external: {code: "10", set: ntm-xa}',
            "ghi bộ “ntm-xa” và mã “10” ở derive",
        ),
    ],
)
def test_a_code_that_meets_nothing_is_told(quoted, old, new, said):
    with pytest.raises(PlanFileError, match=said):
        load(PLAN.replace(old, new, 1))


def test_a_plan_asks_an_indicator_of_another_set_once(quoted):
    load(PLAN)
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.filter(ref="thu-nhap").update(quotes=asked("xa-8-4").quotes)


# --- the same in the browser ----------------------------------------------------------------------
@pytest.fixture
def browser(quoted, client_of):
    return client_of(user_with("standing_agency", Unit.objects.get(ref="a.b")))


def test_codes_are_edited_in_the_table_of_indicators(browser):
    load(PLAN)
    campaign = Campaign.objects.get()
    before = plan_data(campaign)
    assert Page(browser, "tieu-chi", "tap-the").save().status_code == 302
    assert plan_data(campaign) == before
    page = Page(browser, "tieu-chi", "tap-the")
    assert page.data["indicators-3-external-set"] == "Bộ tiêu chí xã nông thôn mới (ntm-xa)"
    answer = page.save(
        **{
            "indicators-6-derive-how": "share",
            "indicators-7-external-set": "Bộ tiêu chí xã nông thôn mới (ntm-xa)",
        }
    )
    assert errors(answer) == {
        "indicators-7-external-code": "Mã: Bộ “ntm-xa” không có chỉ tiêu “9.9”; các mã: 10, 8.4."
    }
    answer = page.save(
        **{
            "indicators-6-derive-how": "share",
            "indicators-7-external-set": "Một bộ khác (chưa có)",
        }
    )
    assert answer.status_code == 302, errors(answer)
    assert asked("so-thu-nhap").derivation == "share"
    assert asked("nhap-tay").external_set == "Một bộ khác (chưa có)"


# --- the figures ----------------------------------------------------------------------------------
@pytest.fixture
def running(quoted):
    """The plan in force, with three departments that take part."""
    load(PLAN)
    campaign = Campaign.objects.get()
    campaign.state = Campaign.State.ISSUED
    campaign.save()
    root = Unit.objects.get(ref="a")
    units = [UnitFactory(parent=root, kind_id="so", name=f"Sở {n}") for n in "XYZ"]
    period = campaign.periods.get(ref="2024")
    parts = services.enrol_units(campaign, units, actor=None, now=NOW)
    Participation.objects.update(registered_on=date(2024, 1, 1))
    return campaign, period, parts


def answer(part, period, **yes_and_income):
    clerk, head = user_with("clerk", part.unit), user_with("head_of_unit", part.unit)
    verifier = user_with("standing_agency", Unit.objects.get(ref="a.b"))
    sheet = services.open_sheet(part, period, actor=clerk, now=NOW)
    typed = {
        "ho-so": {"numerator": "95", "denominator": "100"},
        "tap-huan": {"numerator": "65"},
        "xa-8-4": {"yes": yes_and_income["yes"]},
        "thu-nhap": {"value": yes_and_income["income"]},
        "nhap-tay": {"choice": "nothing", "reason": "Chưa công bố"},
    }
    for ref, cells in typed.items():
        services.record_result(sheet, asked(ref), cells, 0, actor=clerk, now=NOW)
    sheet = services.submit_sheet(sheet, actor=head, now=NOW)
    return services.verify_sheet(sheet, actor=verifier, now=NOW)


def test_the_share_counts_units_that_reach_the_code(running):
    campaign, period, parts = running
    answer(parts[0], period, yes="yes", income="48")
    answer(parts[1], period, yes="no", income="47,9")
    found = {one.indicator.ref: one for one in queries.figures(campaign, period).indicators}
    share, count = found["ty-le-8-4"], found["so-thu-nhap"]
    assert (share.numerator, share.denominator, share.verdict) == (1, 3, Verdict.NOT_MET)
    assert (count.value, count.indicator.source_ref) == (1, "thu-nhap")
    cell = found["thu-nhap"].cells[parts[1].unit_id]
    assert (cell.target, cell.verdict) == ("từ 48 trở lên", Verdict.NOT_MET)
    assert cell.why == ("Áp dụng cho mọi đơn vị, theo chỉ tiêu 10 của Bộ tiêu chí xã nông thôn mới")


def test_the_number_opens_to_the_units_and_says_what_they_were_asked(running, client):
    campaign, period, parts = running
    answer(parts[0], period, yes="yes", income="50")
    client.force_login(user_with("standing_agency", campaign.standing_agency))
    address = reverse("campaigns:board_indicator", args=[campaign.ref, "ty-le-8-4"])
    page = client.get(address, {"ky": "2024"}).content.decode()
    assert "Đơn vị trả lời chỉ tiêu 8.4 của Bộ tiêu chí xã nông thôn mới ngay trên phiếu" in page
    assert "Sở X" in page
    indicators = client.get(reverse("campaigns:campaign_indicators", args=[campaign.ref]))
    assert "hỏi chỉ tiêu 8.4 của Bộ tiêu chí xã nông thôn mới" in indicators.content.decode()


def test_an_own_target_stands_before_that_of_the_set(running):
    campaign, period, parts = running
    Target.objects.create(indicator=asked("thu-nhap"), operator=">=", value=40)
    answer(parts[0], period, yes="yes", income="45")
    found = {one.indicator.ref: one for one in queries.figures(campaign, period).indicators}
    assert found["thu-nhap"].cells[parts[0].unit_id].verdict == Verdict.MET


def test_what_no_unit_reports_is_typed_in_and_says_so(running, client):
    campaign, period, _parts = running
    row = asked("nhap-tay")
    assert not row.by_hand  # each unit answers it
    row.group.measured = "once"
    row.group.save()
    assert asked("nhap-tay").by_hand
    agency = campaign.standing_agency
    (part,) = services.enrol_units(campaign, [agency], actor=None, now=NOW)
    clerk = user_with("clerk", agency)
    sheet = services.open_sheet(part, period, actor=clerk, now=NOW)
    client.force_login(clerk)
    page = client.get(reverse("campaigns:result_sheet_detail", args=[sheet.pk])).content.decode()
    assert "Nhập tay theo chỉ tiêu 9.9 của Bộ tiêu chí ngoài cổng" in page
