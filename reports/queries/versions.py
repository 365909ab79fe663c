"""What the pages of reports show: versions, who took which, what is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Period, ReportingDuty, ResultSheet
from campaigns.queries import duties, period_due
from criteria.models import Group, Indicator
from reports import policies
from reports.models import Chapter, ChapterHistory, Report, Sending
from reports.rules import (
    AnnexSize,
    Block,
    Field,
    annex_size,
    blocks,
    fields_of,
    filled,
    typed_numbers,
    unknown_fields,
)
from units.models import AuditEntry, Unit, User
from units.queries import Todo, TodoKind
from units.rules import fold

RECENT_DAYS = 14  # for how long a finished report is news
FRESH_DAYS = 400  # for how long after its end a period waits for its report


@dataclass(frozen=True)
class Download:
    """One download as the page tells it."""

    at: datetime
    who: str
    version: int
    file: str
    is_old: bool


def with_names(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Everything a list row prints; the frozen facts stay in the database."""
    return reports.select_related(
        "campaign", "period", "scope", "requested_by", "pdf", "xlsx"
    ).defer("snapshot")


def versions_of(report: Report) -> QuerySet[Report]:
    """Every version of the same report, newest first."""
    return with_names(same_reports(report)).order_by("-version")


def downloads_of(versions: Iterable[Report]) -> list[Download]:
    """Who downloaded which version, newest first; a holder of an old version is marked."""
    numbers = {report.pk: report.version for report in versions}
    newest = max(
        (report.version for report in versions if report.state == Report.State.DONE), default=0
    )
    entries = AuditEntry.objects.filter(
        subject_type=Report._meta.label_lower,
        subject_id__in=numbers,
        action="report.downloaded",
    ).select_related("actor")
    return [
        Download(
            at=entry.at,
            who=str(entry.actor),
            version=numbers[entry.subject_id],
            file="PDF" if entry.data.get("file") == "pdf" else "Excel",
            is_old=numbers[entry.subject_id] < newest,
        )
        for entry in entries
    ]


def same_reports(report: Report) -> QuerySet[Report]:
    """Every version of the same report, this one too."""
    return Report.objects.filter(
        campaign=report.campaign_id, period=report.period_id, scope=report.scope_id
    )


def sending_before(report: Report) -> Sending | None:
    """The letter that carried the newest version sent before this one."""
    sent = Sending.objects.filter(
        report__in=same_reports(report), report__version__lt=report.version
    )
    return sent.select_related("report").first()


def sendings_of(report: Report) -> QuerySet[Sending]:
    """Every letter that carried a version of this report, newest version first."""
    return (
        Sending.objects.filter(report__in=same_reports(report))
        .select_related("report", "recorded_by")
        .defer("report__snapshot")
    )


def comparable_versions(report: Report) -> list[Report]:
    """The finished versions before this one, newest first; the page tells which were sent."""
    older = with_names(same_reports(report)).filter(
        version__lt=report.version, state=Report.State.DONE
    )
    return list(older.annotate(is_sent=Exists(Sending.objects.filter(report=OuterRef("pk")))))


def compared_with(report: Report, version: int | None) -> Report | None:
    """The version to hold this one against: the one asked for, else the one sent last, else the
    one before. None where there is none.
    """
    older = comparable_versions(report)
    asked = [one for one in older if one.version == version]
    sent = [one for one in older if one.is_sent]  # type: ignore[attr-defined]
    return next(iter([*asked, *sent, *older]), None)


def written_chapters(report: Report) -> QuerySet[Chapter]:
    """The words of this report, chapter by chapter, as they stand now."""
    return Chapter.objects.filter(
        campaign=report.campaign_id, period=report.period_id, scope=report.scope_id
    ).select_related("period", "saved_by")


def newest_frozen(report: Report) -> Report | None:
    """The newest version whose facts are frozen and printed: what the words are written upon."""
    done = same_reports(report).filter(state=Report.State.DONE, snapshot__has_key="groups")
    return done.select_related("campaign", "period", "scope").order_by("-version").first()


@dataclass(frozen=True)
class Written:
    """A chapter as its page shows it: the words, what is wrong with them, what can be named."""

    kind: str
    title: str
    chapter: Chapter | None
    text: str
    unknown: list[str]
    notes: list[str]
    preview: list[Block]
    fields: list[Field]
    questions: list[tuple[str, int]]

    @property
    def version(self) -> int:
        return self.chapter.version if self.chapter else 0


FIELDS_SHOWN = 60


def written(report: Report, kind: str, *, typed: str | None = None, sought: str = "") -> Written:
    """`report` is the version whose facts the words stand on; `typed` are words not stored."""
    facts = report.snapshot or {}
    fields = fields_of(facts)
    chapter = written_chapters(report).filter(kind=kind).first()
    text = typed if typed is not None else chapter.text if chapter else ""
    unknown = unknown_fields(text, fields)
    return Written(
        kind=kind,
        title=str(Chapter.Kind(kind).label),
        chapter=chapter,
        text=text,
        unknown=unknown,
        notes=typed_numbers(text, fields),
        preview=[] if unknown else blocks(filled(text, fields)),
        fields=_sought(list(fields.values()), sought),
        questions=[
            (row["question"], len(row["answers"])) for row in facts["narratives"] if row["answers"]
        ],
    )


def _sought(fields: list[Field], words: str) -> list[Field]:
    """The fields that hold every word; without words those of the whole, no part of them."""
    if not words.strip():
        return [one for one in fields if one.general and "." not in one.name][:FIELDS_SHOWN]
    wanted = fold(words).split()
    found = [one for one in fields if all(w in fold(f"{one.name} {one.about}") for w in wanted)]
    return found[:FIELDS_SHOWN]


def chapter_history(report: Report, kind: str) -> QuerySet[ChapterHistory]:
    return ChapterHistory.objects.filter(
        chapter__in=written_chapters(report).filter(kind=kind)
    ).select_related("by")


def reportable_periods(user: User, campaign: Campaign) -> list[tuple[Period, list[Unit]]]:
    """The periods of a plan, each with the scopes from which `user` may ask for its report."""
    found = []
    for period in campaign.periods.all():
        scopes = list(
            policies.consolidatable_scopes(user, campaign, period.period_from.year).order_by(
                F("path").asc()
            )
        )
        if scopes:
            found.append((period, scopes))
    return found


def annexes_of(campaign: Campaign) -> AnnexSize:
    """How long the appendices of a plan's reports become over all its members; two SQL queries."""
    asked = (Group.Measured.EACH, Group.Measured.SUM)  # of every unit
    indicators = Indicator.objects.filter(
        criteria_set=campaign.criteria_set_id, group__measured__in=asked
    )
    units = campaign.participations.filter(left_on__isnull=True)
    return annex_size(indicators=indicators.count(), units=units.count())


def may_request(user: User, report: Report) -> bool:
    """Whether `user` may ask for another version of this report, or try it again."""
    scopes = policies.consolidatable_scopes(user, report.campaign, report.period.period_from.year)
    return scopes.filter(pk=report.scope_id).exists()


def todo(user: User, now: datetime) -> list[Todo]:
    """Reports that failed or are under way for this person, those he could compile now, and those
    just finished.
    """
    return [*_mine(user), *_to_compile(user, now), *_finished(user, now)]


def _mine(user: User) -> list[Todo]:
    found = []
    mine = with_names(policies.viewable_reports(user)).filter(requested_by=user)
    for report in mine.exclude(state=Report.State.DONE).order_by("-requested_at")[:20]:
        failed = report.state == Report.State.FAILED
        found.append(
            Todo(
                kind=TodoKind.RETURNED if failed else TodoKind.DONE,
                title=_title(report),
                url=reverse("reports:report_detail", args=[report.pk]),
                why=report.error if failed else "Đang lập, có thể rời trang.",
                label="Lập lại" if failed else "Xem tiến độ",
                subject=report.scope.name,
            )
        )
    return found


def _to_compile(user: User, now: datetime) -> list[Todo]:
    """Periods that ended within the last year or so and of which nobody has the whole report."""
    today = timezone.localdate(now)
    done = Report.objects.filter(
        period=OuterRef("pk"), scope=OuterRef("campaign__issuer"), state=Report.State.DONE
    )
    waiting = policies.consolidatable_periods(user).filter(
        ~Exists(done), period_to__lt=today, period_to__gte=today - timedelta(days=FRESH_DAYS)
    )
    accepted = Q(result_sheets__state__in=ResultSheet.ACCEPTED)
    counted = waiting.annotate(
        accepted=Count("result_sheets", filter=accepted, distinct=True),
        members=Count("campaign__participations", distinct=True),
    ).select_related("campaign")
    owed = duties(ReportingDuty.What.CONSOLIDATED)
    counted = counted.prefetch_related(Prefetch("campaign__duties", owed, to_attr="owed"))
    return [_to_compile_one(period) for period in counted.order_by("-period_to", "campaign")[:20]]


def _to_compile_one(period: Any) -> Todo:
    """`period` carries the counts. A plan without a day for this report has no deadline to tell."""
    due = period_due(period.campaign.owed, period)
    return Todo(
        kind=TodoKind.OWED,
        title=f"Báo cáo tổng hợp {period.in_a_sentence}: {period.campaign.short_title}",
        url=reverse("reports:campaign_reports", args=[period.campaign.ref]),
        due_on=due.due_on if due else None,
        due_text=due.words if due else "",
        why=f"{period.accepted} trên {period.members} đơn vị có phiếu đã thẩm định.",
        label="Lập báo cáo",
    )


def _finished(user: User, now: datetime) -> list[Todo]:
    recent = with_names(policies.viewable_reports(user)).filter(
        state=Report.State.DONE, finished_at__gte=now - timedelta(days=RECENT_DAYS)
    )
    return [
        Todo(
            kind=TodoKind.DONE,
            title=_title(report),
            url=reverse("reports:report_detail", args=[report.pk]),
            why=f"Phiên bản {report.version}, {report.pages} trang.",
            label="Xem và tải",
            subject=report.scope.name,
        )
        for report in recent.order_by("-finished_at")[:10]
    ]


def _title(report: Report) -> str:
    return f"Báo cáo {report.period.name.lower()}: {report.campaign.short_title}"
