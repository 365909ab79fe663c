"""A plan whose members report as told, and its report read back."""

import io
from datetime import date
from typing import Any

import openpyxl
import pdfplumber

from campaigns import services
from campaigns.models import Campaign, Participation, Period, ResultSheet
from criteria.models import Group, Indicator
from reports.documents import compile_report
from reports.models import Report
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    ParticipationFactory,
    PeriodFactory,
    TargetFactory,
    UnitFactory,
    UserFactory,
)
from units import jobs, storage
from units.models import Unit


class Plan:
    """One plan with a ratio and a question, and members that report as told."""

    def __init__(self, issuer: Unit, **fields: Any) -> None:
        self.campaign: Campaign = CampaignFactory(
            issuer=issuer, doc_number="207", issued_on=date(2022, 6, 7), **fields
        )
        self.period: Period = PeriodFactory(campaign=self.campaign)
        self.kind = KindFactory(code="chi-cuc", name="Chi cục")
        group: Group = GroupFactory(criteria_set=self.campaign.criteria_set, name="Chi cục")
        group.unit_kinds.add(self.kind)
        self.ratio: Indicator = IndicatorFactory(group=group, code="CT01", name="Hồ sơ trên mạng")
        TargetFactory(indicator=self.ratio, value=80)
        self.question: Indicator = IndicatorFactory(
            group=group, code="CT02", name="Cách làm hay", kind=Indicator.Kind.NARRATIVE
        )

    def member(self, name: str, parent: Unit, **typed: str) -> ResultSheet:
        """A unit whose sheet is sent and verified with these values of the ratio."""
        unit = UnitFactory(name=name, kind=self.kind, parent=parent)
        part: Participation = ParticipationFactory(campaign=self.campaign, unit=unit)
        clerk, head, verifier = UserFactory(), UserFactory(), UserFactory()
        sheet = services.open_sheet(part, self.period, actor=clerk, now=NOW)
        services.record_result(sheet, self.ratio, typed, 0, actor=clerk, now=NOW)
        told = {"text": f"{name} đã số hóa kho lưu trữ."}
        services.record_result(sheet, self.question, told, 0, actor=clerk, now=NOW)
        sheet = services.submit_sheet(sheet, actor=head, now=NOW)
        return services.verify_sheet(sheet, actor=verifier, now=NOW)

    def report(self, scope: Unit | None = None, version: int = 1) -> Report:
        return Report.objects.create(
            campaign=self.campaign,
            period=self.period,
            scope=scope or self.campaign.issuer,
            version=version,
            requested_at=NOW,
        )


def made(report: Report) -> Report:
    jobs.perform(Report, compile_report, report.pk)
    report.refresh_from_db()
    assert report.state == Report.State.DONE, report.error
    return report


def rows_of(report: Report, title: str) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(storage.read_bytes(report.xlsx)))
    return list(book[title].iter_rows(values_only=True))


def text_of(report: Report) -> str:
    with pdfplumber.open(io.BytesIO(storage.read_bytes(report.pdf))) as paper:
        assert len(paper.pages) == report.pages
        return "\n".join(page.extract_text() for page in paper.pages)
