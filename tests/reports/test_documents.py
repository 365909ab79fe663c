"""A whole report from accepted sheets, read back from its PDF and its workbook."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pdfplumber
import pytest
from django.utils import timezone

from awards.models import Award, AwardForm, Decision
from campaigns import services
from campaigns.models import Campaign, Participation, ReportingDuty, ResultSheet
from criteria.models import Group, Indicator
from reports.documents.facts import collect, freeze
from reports.documents.workbook import sheets_of
from reports.models import Report
from reports.queries import Staleness, staleness
from tests.factories import (
    NOW,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    ParticipationFactory,
    PeriodFactory,
    TargetFactory,
    UnitFactory,
    UserFactory,
    amend,
    user_with,
)
from tests.reports.plan import Plan, made, rows_of, text_of
from units import jobs, storage
from units.models import Unit
from units.queries import newest_audit_digest
from units.rules import DomainError
from units.services import seal_audit

pytestmark = pytest.mark.django_db(transaction=True)


def test_percentages_come_from_sums_and_the_four_states_are_counted_apart(plan: Plan) -> None:
    report = made(plan.report())
    (row,) = [row for row in rows_of(report, "Tổng hợp") if row[1] == "CT01"]
    assert row[4:7] == (883, 1100, pytest.approx(883 / 1100))
    assert row[8:14] == (2, 1, 1, 1, 1, 1)
    (line,) = report.snapshot["groups"][0]["indicators"]
    assert Decimal(line["numerator"]) == 883
    assert line["result"] == "80,3%"


def test_the_paper_carries_the_plan_the_units_and_what_they_told(plan: Plan) -> None:
    text = text_of(made(plan.report()))
    assert "207/KH-UBND" in text
    assert "ỦY BAN NHÂN DÂN" in text
    for words in ("80,3%", "79,3%*", "KPS", "KAD", "Chi cục Kiểm lâm", "đã số hóa kho lưu trữ"):
        assert words in text
    assert "5 đơn vị tham gia" in text
    assert "Chi cục Trống" in text.split("Danh sách đơn vị chưa báo cáo".upper())[-1]


def test_a_unit_that_reported_nothing_takes_one_line_among_the_units(plan: Plan) -> None:
    text = " ".join(text_of(made(plan.report())).split())
    units = text.split("KẾT QUẢ CỦA TỪNG ĐƠN VỊ")[-1]
    assert "Chi cục Trống Chưa có số liệu ở tiêu chí nào." in units
    assert units.count("Chưa có số liệu ở tiêu chí nào.") == 1


def test_the_workbook_holds_numbers_and_never_a_formula(plan: Plan) -> None:
    report = made(plan.report())
    book = openpyxl.load_workbook(io.BytesIO(storage.read_bytes(report.xlsx)))
    assert book.sheetnames == [
        "Tổng hợp", "ĐV Chi cục", "Số liệu gốc", "Khen thưởng", "Đơn vị chưa báo cáo",
    ]  # fmt: skip
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    names = [cell for cell in cells if cell.value == "=Chi cục Thủy sản"]
    assert names
    matrix = {row[0]: row[1] for row in rows_of(report, "ĐV Chi cục")}
    assert matrix["Chi cục Thủy lợi"] == pytest.approx(0.793)
    assert matrix["Chi cục Thú y"] == "không phát sinh"
    assert matrix["Chi cục Trống"] == "chưa có số liệu"
    for sheet in book:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
    assert [row[0] for row in rows_of(report, "Đơn vị chưa báo cáo")][-1] == "Chi cục Trống"


def test_a_plan_without_a_number_is_called_without_one(plan: Plan) -> None:
    snapshot = made(plan.report()).snapshot
    assert snapshot
    named = snapshot["campaign"]
    lines = [sheet.heading_lines[1] for sheet in sheets_of(snapshot)]
    assert all(line.startswith(f"{named['document_type']} {named['number']}, ") for line in lines)
    named["number"] = ""
    lines = [sheet.heading_lines[1] for sheet in sheets_of(snapshot)]
    assert all(line.startswith(f"{named['document_type']}, ") for line in lines)


def test_a_part_of_the_tree_reports_its_own_members_only(plan: Plan, province: Unit) -> None:
    district = UnitFactory(ref="huyen", name="Ủy ban nhân dân huyện Mẫu", parent=province)
    plan.member("Chi cục Huyện", district, numerator="1", denominator="4")
    report = made(plan.report(scope=district))
    (line,) = report.snapshot["groups"][0]["indicators"]
    assert (line["numerator"], line["denominator"]) == ("1.0000", "4.0000")
    assert report.snapshot["participation"]["invited"] == 1
    assert "trong phạm vi Ủy ban nhân dân huyện Mẫu" in text_of(report).replace("\n", " ")


def test_plans_below_are_included_and_drafts_are_not(plan: Plan, province: Unit) -> None:
    office = UnitFactory(name="Sở Mẫu", parent=province)
    child = Plan(office, parent=plan.campaign, title="Tổ chức phong trào của Sở Mẫu")
    child.member("Chi cục của Sở", office, numerator="3", denominator="4")
    grandchild = Plan(
        UnitFactory(parent=office), parent=child.campaign, title="Kế hoạch của Chi cục"
    )
    PeriodFactory(campaign=grandchild.campaign, ref="2023", period_from=date(2023, 1, 1))
    grandchild.period.delete()
    Plan(
        UnitFactory(parent=office),
        parent=plan.campaign,
        title="Dự thảo chưa ban hành",
        state=Campaign.State.DRAFT,
    )
    report = made(plan.report())
    assert [row["title"] for row in report.snapshot["child_plans"]] == [
        "Tổ chức phong trào của Sở Mẫu",
        "Kế hoạch của Chi cục",
    ]
    assert "Dự thảo chưa ban hành" not in json.dumps(report.snapshot, ensure_ascii=False)
    assert [group["plan"] for group in report.snapshot["groups"]] == [
        "",
        "Tổ chức phong trào của Sở Mẫu",
    ]
    assert not staleness(report)
    returned = ResultSheet.objects.get(period=child.period)
    services.return_sheet(returned, reason="Sai số.", actor=UserFactory(), now=NOW)
    report.refresh_from_db()
    assert staleness(report).gone == 1


def test_a_target_amended_within_the_period_makes_it_stale(
    plan: Plan, province: Unit, client: Any
) -> None:
    office = UnitFactory(name="Sở Mẫu", parent=province)
    child = Plan(office, parent=plan.campaign, title="Kế hoạch của Sở")
    report = made(plan.report())
    amend(plan.ratio, 20, plan.period.period_to + timedelta(days=1))
    assert not staleness(report)
    amend(plan.ratio, 20, plan.period.period_to)
    said = "Mục tiêu đã điều chỉnh từ ngày 31/12/2024 theo “QĐ 9”, sau bản này."
    assert staleness(report) == Staleness(changed=0, added=0, gone=0, amended=said)
    client.force_login(user_with("home_affairs", province))
    page = client.get(f"/bao-cao/{report.pk}/").content.decode()
    assert said in page
    assert "Số liệu đã đổi sau khi lập bản này" not in page
    again = made(plan.report(version=2))
    assert not staleness(again)
    amend(child.ratio, 20, date(2024, 3, 1))
    assert "từ ngày 01/03/2024" in staleness(again).amended
    del again.snapshot["targets"]  # as frozen before stamps were kept
    assert not staleness(again)


def test_who_joins_or_leaves_makes_it_stale(plan: Plan, province: Unit, client: Any) -> None:
    office = UnitFactory(name="Sở Mẫu", parent=province)
    child = Plan(office, parent=plan.campaign, title="Kế hoạch của Sở")
    child.member("Chi cục của Sở", office, numerator="3", denominator="4")
    report, of_office = made(plan.report()), made(child.report())
    assert not staleness(report)
    first = plan.campaign.participations.order_by("unit__name").first()
    ParticipationFactory(
        campaign=child.campaign, unit=UnitFactory(name="Chi cục Mới", kind=plan.kind, parent=office)
    )
    Participation.objects.filter(pk=first.pk).update(left_on=date(2023, 12, 31))
    found = staleness(report)
    assert (found.joined, found.left) == (["Chi cục Mới"], [first.unit.name])
    assert (found.gone, found.changed, found.added) == (1, 0, 0)
    assert (staleness(of_office).joined, staleness(of_office).left) == (["Chi cục Mới"], [])
    client.force_login(user_with("home_affairs", province))
    page = client.get(f"/bao-cao/{report.pk}/").content.decode()
    assert "Đơn vị tham gia đã đổi sau khi lập bản này" in page
    assert "1 đơn vị tham gia thêm: Chi cục Mới." in page
    assert f"1 đơn vị không còn được tính: {first.unit.name}." in page
    assert "Khen thưởng đã đổi" not in page
    assert not staleness(made(plan.report(version=2)))
    del report.snapshot["members"]  # as frozen before they were kept
    assert not staleness(report).of_members


def test_only_members_of_its_part_of_the_tree_make_it_stale(plan: Plan, province: Unit) -> None:
    office, other = UnitFactory(parent=province), UnitFactory(parent=province)
    report = made(plan.report(scope=office))
    ParticipationFactory(campaign=plan.campaign, unit=other)
    assert not staleness(report)
    ParticipationFactory(campaign=plan.campaign, unit=UnitFactory(parent=office))
    assert len(staleness(report).joined) == 1


def test_a_retry_prints_the_facts_that_were_frozen(plan: Plan, province: Unit) -> None:
    report = plan.report()
    claimed = jobs.claim(Report, report.pk, now=timezone.now())
    assert claimed is not None
    frozen = freeze(claimed)
    plan.member("Chi cục Đến sau", province, numerator="1", denominator="1")
    Report.objects.update(lease_until=None, token=None)
    report = made(report)
    assert report.snapshot == json.loads(json.dumps(frozen))
    assert "Chi cục Đến sau" not in text_of(report)
    assert staleness(report).added == 1


def test_a_worker_that_lost_the_job_freezes_nothing(plan: Plan) -> None:
    report = plan.report()
    claimed = jobs.claim(Report, report.pk, now=timezone.now())
    assert claimed is not None
    Report.objects.update(token=None)
    with pytest.raises(jobs.LeaseLost):
        freeze(claimed)
    report.refresh_from_db()
    assert report.snapshot is None


def test_what_is_frozen_is_plain(plan: Plan) -> None:
    facts = collect(plan.report())
    assert json.loads(json.dumps(facts)) == facts


def test_the_lease_is_renewed_while_one_long_step_runs(plan: Plan, settings: Any) -> None:
    settings.JOB_LEASE = timedelta(seconds=0.6)
    report = plan.report()
    seen: list[Any] = []

    def slow(job: Report, progress: jobs.Progress) -> dict[str, Any]:
        first = Report.objects.values_list("lease_until", flat=True).get(pk=job.pk)
        end = timezone.now() + timedelta(seconds=10)
        while timezone.now() < end and len(seen) < 3:
            lease = Report.objects.values_list("lease_until", flat=True).get(pk=job.pk)
            if lease not in {first, *seen}:
                seen.append(lease)
        raise DomainError("đủ rồi")

    jobs.perform(Report, slow, report.pk)
    assert len(seen) == 3
    report.refresh_from_db()
    assert (report.state, report.error, report.attempts) == (Report.State.FAILED, "đủ rồi", 1)


def test_a_group_of_other_units_and_a_derived_share_of_them(plan: Plan, province: Unit) -> None:
    """Units that a group does not measure have no line in it; a derived group has no lines."""
    communes = KindFactory(code="xa", name="Xã")
    group = GroupFactory(criteria_set=plan.campaign.criteria_set, name="Các xã")
    group.unit_kinds.add(communes)
    has_one = IndicatorFactory(
        group=group, code="XA1", name="Xã có hợp tác xã số", kind=Indicator.Kind.YES_NO
    )
    counted = IndicatorFactory(
        group=group, code="XA2", name="Số mô hình", kind=Indicator.Kind.COUNT
    )
    whole = GroupFactory(
        criteria_set=plan.campaign.criteria_set, name="Toàn tỉnh", measured=Group.Measured.SUM
    )
    share = IndicatorFactory(
        group=whole,
        code="TT1",
        name="Tỷ lệ xã có hợp tác xã số",
        kind=Indicator.Kind.DERIVED,
        derivation=Indicator.Derivation.SHARE,
        derived_from=has_one,
    )
    TargetFactory(indicator=share, value=70)
    for name, yes, models in (("Xã Một", "yes", "3"), ("Xã Hai", "no", "1")):
        unit = UnitFactory(name=name, kind=communes, parent=province)
        part = ParticipationFactory(campaign=plan.campaign, unit=unit)
        sheet = services.open_sheet(part, plan.period, actor=UserFactory(), now=NOW)
        for indicator, typed in ((has_one, {"yes": yes}), (counted, {"value": models})):
            services.record_result(sheet, indicator, typed, 0, actor=UserFactory(), now=NOW)
        services.submit_sheet(sheet, actor=UserFactory(), now=NOW)
        services.verify_sheet(sheet, actor=UserFactory(), now=NOW)
    report = made(plan.report())
    groups = {group["name"]: group for group in report.snapshot["groups"]}
    assert {line["unit"] for line in groups["Các xã"]["units"]} == {"Xã Một", "Xã Hai"}
    assert groups["Toàn tỉnh"]["units"] == []
    (row,) = groups["Toàn tỉnh"]["indicators"]
    assert (row["result"], row["verdict"]) == ("50,0%", "Chưa đạt")
    matrix = {row[0]: row[1:3] for row in rows_of(report, "ĐV Các xã")}
    assert matrix["Xã Một"][1] == 3
    assert matrix["Xã Hai"][1] == 1


def test_the_day_owed_and_the_awards_are_told(plan: Plan, province: Unit, client: Any) -> None:
    ReportingDuty.objects.create(
        campaign=plan.campaign,
        ref="nam",
        what=ReportingDuty.What.REPORT,
        name="Báo cáo năm",
        rhythm=ReportingDuty.Rhythm.YEARLY,
        relation=ReportingDuty.Relation.BEFORE,
        month=11,
        day=30,
    )
    form = AwardForm.objects.create(
        ref="giay-khen", name="Giấy khen của Giám đốc", short_name="Giấy khen", rank=5
    )
    decision = Decision.objects.create(
        number="15",
        symbol="QĐ-SNN",
        issued_on=date(2024, 12, 15),
        unit=province,
        signer_title="GIÁM ĐỐC",
        signer_name="Người Ký",
        subject_line="Khen thưởng",
        recorded_by=UserFactory(),
        recorded_at=NOW,
    )
    award = Award.objects.create(
        decision=decision,
        campaign=plan.campaign,
        award_form=form,
        recipient_kind="individual",
        recipient_name="Lê Thị An",
        unit=province,
    )
    report = made(plan.report())
    assert not staleness(report)
    award.pk, award.recipient_name = None, "Trần Văn Bình"
    award.save()
    found = staleness(report)
    assert (found.granted, found.withdrawn, found.of_awards) == (1, 0, True)
    client.force_login(user_with("home_affairs", province))
    page = client.get(f"/bao-cao/{report.pk}/").content.decode()
    assert "Khen thưởng đã đổi sau khi lập bản này" in page
    assert "1 trường hợp được khen thưởng thêm, 0 trường hợp không còn." in page
    Award.objects.filter(recipient_name="Lê Thị An").update(recipient_name="Lê Thị Ân")
    assert (staleness(report).granted, staleness(report).withdrawn) == (2, 1)
    assert [row[0] for row in rows_of(report, "Khen thưởng")][-1] == "Lê Thị An"
    assert "Lê Thị An" in text_of(report)
    last = rows_of(report, "Đơn vị chưa báo cáo")[-1]
    assert last[2].date() == date(2024, 11, 29)


def test_the_newest_digest_of_the_register_stands_on_the_last_page_and_in_the_workbook(
    plan: Plan,
) -> None:
    bare = made(plan.report())
    assert "Mã kiểm" not in text_of(bare)
    seal_audit(now=NOW + timedelta(days=2))
    digest = str(newest_audit_digest())
    report = made(plan.report(version=2))
    with pdfplumber.open(io.BytesIO(storage.read_bytes(report.pdf))) as paper:
        last = paper.pages[-1].extract_text()
        assert not any("Mã kiểm" in page.extract_text() for page in paper.pages[:-1])
    assert f"Mã kiểm nhật ký của cổng: {digest}" in last.replace("\n", " ")
    assert [row[0] for row in rows_of(report, "Tổng hợp")][2].endswith(digest)
    Participation.objects.get(unit__name="Chi cục Trống").delete()  # nobody is silent: one appendix
    text = text_of(made(plan.report(version=3)))
    assert text.count("Mã kiểm") == 1
    assert text.rstrip().splitlines()[-2].endswith(digest)  # above the number of the page


def test_facts_frozen_before_there_were_digests_still_print(plan: Plan) -> None:
    report = plan.report()
    claimed = jobs.claim(Report, report.pk, now=timezone.now())
    assert claimed is not None
    facts = freeze(claimed)
    del facts["audit_digest"]
    Report.objects.update(snapshot=facts, lease_until=None, token=None)
    assert "Mã kiểm" not in text_of(made(report))
