"""Asking for a report is safe to do twice, and a failure can be tried again."""

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign
from reports import services
from reports.models import Report
from tests.factories import NOW, CampaignFactory, PeriodFactory, UserFactory
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
