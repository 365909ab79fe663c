"""Asking for a report is safe to do twice, and a failure can be tried again."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from campaigns.models import Campaign
from reports import queries, services
from reports.models import Report
from reports.rules import annex_size
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    UserFactory,
    user_with,
)
from units.models import AuditEntry
from units.rules import DomainError

pytestmark = pytest.mark.django_db


def ask(report: Report) -> Report:
    return services.request_report(
        report.campaign, period=report.period, scope=report.scope, actor=UserFactory(), now=NOW
    )


def end(report: Report, state: str) -> None:
    Report.objects.filter(pk=report.pk).update(
        state=state, finished_at=NOW, error="Hỏng" if state == "failed" else ""
    )


def test_the_same_request_twice_is_one_job(asked: Report) -> None:
    assert ask(asked) == asked
    assert Report.objects.count() == 1


def test_the_database_refuses_a_second_one_under_way(asked: Report) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.create(
            campaign=asked.campaign,
            period=asked.period,
            scope=asked.scope,
            version=2,
            requested_at=NOW,
        )


def test_a_new_request_after_the_end_is_a_new_version_on_record(asked: Report) -> None:
    end(asked, "failed")
    newer = ask(asked)
    assert (newer.version, newer.state) == (2, Report.State.QUEUED)
    assert AuditEntry.objects.filter(action="report.requested", subject_id=newer.pk).exists()


def test_what_was_ticked_stays_with_the_version(asked: Report, client_of: Any) -> None:
    end(asked, "failed")
    user = user_with("standing_agency", asked.scope)
    client, ref = client_of(user), asked.campaign.ref
    page = client.get(reverse("reports:campaign_reports", args=[ref])).content.decode()
    assert page.count('name="annex" value="by_unit" checked') == 1
    assert "Phụ lục theo từng đơn vị (khoảng " in page
    address = reverse("reports:report_request", args=[ref])
    sent = {"period": asked.period.ref, "scope": asked.scope.ref, "annexes": "1"}
    client.post(address, sent | {"annex": "by_unit"})
    newer = Report.objects.get(version=2)
    assert (newer.by_indicator, newer.by_unit) == (False, True)
    note = AuditEntry.objects.get(action="report.requested", subject_id=newer.pk).note
    assert note == "phụ lục theo từng đơn vị"
    detail = reverse("reports:report_detail", args=[newer.pk])
    assert "Phụ lục theo từng đơn vị</span>" in client.get(detail).content.decode()
    end(newer, "failed")
    client.post(address, sent)
    assert Report.objects.get(version=3).annexes == ""
    assert (
        "Không có phụ lục chi tiết"
        in client.get(
            detail.replace(str(newer.pk), str(Report.objects.get(version=3).pk))
        ).content.decode()
    )
    end(Report.objects.get(version=3), "failed")
    del sent["annexes"]  # nobody was asked: by size
    client.post(address, sent)
    assert Report.objects.get(version=4).annexes == "theo từng chỉ tiêu và theo từng đơn vị"


def test_only_what_is_asked_of_every_unit_makes_an_appendix_long(asked: Report) -> None:
    ruler = asked.campaign.criteria_set
    ParticipationFactory.create_batch(30, campaign=asked.campaign)
    for measured, count in (("each", 20), ("sum", 5), ("once", 40), ("nominee", 40)):
        group = GroupFactory(criteria_set=ruler, measured=measured)
        IndicatorFactory.create_batch(count, group=group)
    units = asked.campaign.participations.count()
    assert queries.annexes_of(asked.campaign) == annex_size(indicators=25, units=units)


def test_a_draft_plan_has_no_report(asked: Report) -> None:
    draft = CampaignFactory(state=Campaign.State.DRAFT)
    period = PeriodFactory(campaign=draft)
    with pytest.raises(DomainError, match="dự thảo"):
        services.request_report(draft, period=period, scope=asked.scope, actor=None, now=NOW)


def test_a_period_of_another_plan_is_refused(asked: Report) -> None:
    with pytest.raises(DomainError, match="không thuộc kế hoạch"):
        services.request_report(
            asked.campaign, period=PeriodFactory(), scope=asked.scope, actor=None, now=NOW
        )


def test_a_failed_version_goes_back_to_the_queue(asked: Report) -> None:
    end(asked, "failed")
    again = services.retry_report(asked, actor=UserFactory(), now=NOW)
    again.refresh_from_db()
    assert (again.state, again.attempts, again.error) == (Report.State.QUEUED, 0, "")


def test_only_a_failed_version_is_tried_again(asked: Report) -> None:
    with pytest.raises(DomainError, match="phiên bản mới"):
        services.retry_report(asked, actor=UserFactory(), now=NOW)


def test_a_retry_does_not_run_beside_a_newer_version(asked: Report) -> None:
    end(asked, "failed")
    ask(asked)
    with pytest.raises(DomainError, match="đang được lập"):
        services.retry_report(asked, actor=UserFactory(), now=NOW)


@pytest.mark.parametrize(("kind", "word"), [("pdf", "PDF"), ("xlsx", "Excel")])
def test_a_download_is_put_on_record(asked: Report, kind: str, word: str) -> None:
    actor = UserFactory()
    services.record_download(asked, kind=kind, actor=actor, now=NOW)
    entry = AuditEntry.objects.get(action="report.downloaded")
    assert (entry.actor, entry.subject_id) == (actor, asked.pk)
    assert word in entry.note
