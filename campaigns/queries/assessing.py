"""Answers in words of accepted sheets that nobody has assessed: who may do it finds them here."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from campaigns import policies
from campaigns.models import Campaign, CellMark, Result, ResultSheet
from campaigns.queries.marks import NO_MARKS, last_marks, not_found
from campaigns.queries.members import still_asked
from campaigns.queries.presence import in_own_period
from units.models import User
from units.queries import Todo, TodoKind

CAMPAIGN = "result_sheet__participation__campaign"
RELATED = (
    "result_sheet__participation__unit",
    CAMPAIGN,
    "result_sheet__period",
    "indicator",
    "level",
)


@dataclass(frozen=True)
class PlanAnswers:
    """How many answers of one plan wait."""

    ref: str
    name: str
    count: int

    @property
    def url(self) -> str:
        return f"{reverse('campaigns:answer_list')}?{urlencode({'ke-hoach': self.ref})}"


@dataclass(frozen=True)
class Answer:
    """One that waits. `lapsed` is what was said of it before it or its files changed; `may_open`
    whether the sheet may be looked at."""

    result: Result
    lapsed: CellMark | None
    may_open: bool

    @property
    def sheet(self) -> ResultSheet:
        return self.result.result_sheet

    @property
    def sheet_url(self) -> str:
        """The sheet at this answer."""
        page = reverse("campaigns:result_sheet_detail", args=[self.sheet.pk])
        return f"{page}#r{self.result.indicator_id}"

    @property
    def url(self) -> str:
        """Where it is assessed: whoever verifies does it on the sheet, the lead on its own page."""
        if self.result.verifies:  # type: ignore[attr-defined]
            return self.sheet_url
        part, period = self.sheet.participation, self.sheet.period
        query = urlencode({"ky": period.ref, "tieu-chi": self.result.indicator.ref})
        page = reverse("campaigns:lead_cells", args=[part.campaign.ref])
        return f"{page}?{query}#d{part.pk}"


@dataclass(frozen=True)
class Answers:
    """Those that wait for one person, read as far as a page needs them; `plan` is the one that
    they are narrowed to."""

    user: User
    plans: list[PlanAnswers]
    plan: PlanAnswers | None

    @property
    def total(self) -> int:
        return sum(plan.count for plan in self.plans)

    def __len__(self) -> int:
        return self.plan.count if self.plan else self.total

    def __getitem__(self, part: slice) -> list[Answer]:
        """Three SQL queries: what waits longest first."""
        rows = _waiting(self.user)
        if self.plan:
            rows = rows.filter(**{f"{CAMPAIGN}__ref": self.plan.ref})
        order = ("period__period_to", "participation__campaign", "participation__unit__name")
        return _told(
            rows.select_related(*RELATED).order_by(
                *(f"result_sheet__{name}" for name in order),
                "result_sheet",
                "indicator__group__order",
                "indicator__order",
                "pk",
            )[part],
            self.user,
        )


def answers(user: User, plan: str = "") -> Answers:
    """One SQL query; rows are read by the page. A plan of which none waits is passed over."""
    plans = plan_answers(user)
    return Answers(user, plans, next((one for one in plans if one.ref == plan), None))


def plan_answers(user: User, campaign: Campaign | None = None) -> list[PlanAnswers]:
    """By plan, the most first; one SQL query."""
    rows = _waiting(user)
    if campaign is not None:
        rows = rows.filter(**{CAMPAIGN: campaign})
    names = (f"{CAMPAIGN}__ref", f"{CAMPAIGN}__short_title")
    counts = rows.order_by().values_list(*names).annotate(waiting=Count("pk"))
    return [PlanAnswers(*row) for row in counts.order_by("-waiting", *names)]


def answer_todo(user: User) -> list[Todo]:
    """A line a plan; one SQL query."""
    return [
        Todo(
            kind=TodoKind.WAITING,
            title=f"{plan.count} câu trả lời chưa xét trong phiếu đã thẩm định",
            url=plan.url,
            label="Xem và xét",
            subject=plan.name,
            count=plan.count,
        )
        for plan in plan_answers(user)
    ]


def _waiting(user: User) -> QuerySet[Result]:
    """Of what still counts: an answer to what the unit is asked no more, or of one that was gone
    before the period, enters no figure."""
    answers = policies.assessable_results(user).filter(in_own_period("result_sheet"))
    return not_found(still_asked(answers))


def _told(answers: Iterable[Result], user: User) -> list[Answer]:
    rows = list(answers)
    marks = last_marks([row.pk for row in rows])
    seen = policies.viewable_result_sheets(user)
    there = seen.filter(pk__in={row.result_sheet_id for row in rows})
    open_to = set(there.values_list("pk", flat=True))
    return [
        Answer(
            row,
            next(iter(marks.get(row.pk, NO_MARKS).assessments), None),
            row.result_sheet_id in open_to,
        )
        for row in rows
    ]
