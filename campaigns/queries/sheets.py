"""One sheet as its page shows it: its rows, what is left to do, what happened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

from django.db.models import QuerySet
from django.utils import timezone

from campaigns import policies
from campaigns.models import Extension, Period, ResultHistory, ResultSheet
from campaigns.queries.cell_history import NEWEST, standing
from campaigns.queries.cells import Clash, words_of
from campaigns.queries.due import plan_due
from campaigns.queries.extensions import extensions_of
from campaigns.queries.facts import SheetFacts, sheet_facts
from campaigns.queries.marks import Missing, missing_leads
from campaigns.queries.results import last_name
from campaigns.queries.reviews import Since, since_reviews
from campaigns.queries.rows import Drawn, Row, rows_of, sheet_rows
from campaigns.rules import DutyDay, Found, Tally, tally
from criteria.models import Indicator
from units.models import Prepared, User
from units.queries import SERVER, Happening, history

# What a page of a sheet needs beside the sheet itself.
SHEET_RELATED = (
    "participation__unit__kind__level",
    "participation__campaign__standing_agency",
    "period",
    "submitted_by",
    "verified_by",
    "returned_by",
)
VERBS = {
    "resultsheet.opened": "mở phiếu",
    "resultsheet.submitted": "ký và gửi phiếu",
    "resultsheet.verified": "thẩm định phiếu",
    "resultsheet.returned": "trả lại phiếu",
    "resultsheet.locked": "khóa phiếu",
    "resultsheet.evidence_added": "tải lên minh chứng",
    "resultsheet.evidence_removed": "gỡ minh chứng",
    "resultsheet.imported": "nhập từ Excel",
    "resultsheet.workbook_downloaded": "tải bảng tính Excel",
    "resultsheet.lead_confirmed": "xác nhận số liệu chủ trì",
    "resultsheet.lead_questioned": "có ý kiến về số liệu chủ trì",
    "resultsheet.assessed": "xét tiêu chí định tính",
}
TOLD = [  # of a write, what a sentence about it says
    *("at", "state", "numerator", "denominator", "value", "yes", "text", "typed", "problem"),
    *("level__name", "by__full_name", "imported__name"),
    *("result__indicator__code", "result__indicator__kind"),
]


# --- which sheet ----------------------------------------------------------------------------------
def _whole(rows: QuerySet[ResultSheet], pk: int) -> QuerySet[ResultSheet]:
    found = rows.filter(pk=pk).select_related(*SHEET_RELATED).annotate(newest=NEWEST)
    return found.order_by()


WHOLE = Prepared(lambda pk: _whole(ResultSheet.objects.annotate(until=policies.UNTIL), pk))


def seen_sheet(user: User, pk: int) -> ResultSheet | None:
    """A sheet as `policies.result_sheets_with_rights` gives it, with its NEWEST write. The rights
    of who enters it, as most do who open it, are worked out beside a prepared question."""
    sheet: ResultSheet | None = WHOLE.first(pk)
    if sheet is None or policies.put_rights(user, sheet):
        return sheet
    return _whole(policies.result_sheets_with_rights(user), pk).first()


# --- what is left ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Open:
    """One thing to do before the sheet may be sent: `why` is the verb, "sửa", "nhập"…; `key` is
    the row's."""

    indicator: Indicator
    why: str
    key: str


def remaining(rows: Iterable[Row]) -> list[Open]:
    return [Open(row.indicator, why, row.key) for row in rows if (why := row.open_because)]


def unanswered(sheet: ResultSheet) -> list[Open]:
    """What the sheet still lacks; empty when it may be sent."""
    return remaining(sheet_rows(sheet))


# --- the whole page -------------------------------------------------------------------------------
@dataclass(frozen=True)
class SheetPage:
    """A sheet as its page shows it. `steps` are (words, "done" | "now" | "").

    What the answer to a saved cell does not show is read when it is asked for.
    """

    sheet: ResultSheet
    rows: list[Row]
    left: list[Open]
    last_name: str
    saved_at: datetime | None

    @cached_property
    def given(self) -> list[Extension]:
        """The time that the unit was given, the latest day first."""
        longer = getattr(self.sheet, "until", self.sheet)  # none: known from the sheet's rights
        sheet = self.sheet
        return extensions_of(sheet.participation_id, sheet.period_id) if longer else []

    @cached_property
    def due(self) -> DutyDay:
        until = self.given[0].until if self.given else None
        return plan_due(self.sheet.participation.unit, self.sheet.period, until)

    @cached_property
    def happened(self) -> list[Happening]:
        return sheet_history(self.sheet, self.given)

    @property
    def steps(self) -> list[tuple[str, str]]:
        return _steps(self.sheet, complete=bool(self.rows) and not self.left)

    @cached_property
    def since(self) -> list[Since]:
        return since_reviews(self.sheet, {row.indicator.pk: row.indicator for row in self.rows})

    @cached_property
    def missing(self) -> list[Missing]:
        if self.sheet.state != ResultSheet.State.SUBMITTED:
            return []
        asked = [row.indicator.pk for row in self.rows]
        return missing_leads([self.sheet], asked).get(self.sheet.pk, [])

    @property
    def opened(self) -> list[Row]:
        """The cells that may be mended; empty when all of them may."""
        opened = [row for row in self.rows if not row.frozen]
        return opened if len(opened) < len(self.rows) else []

    @property
    def title(self) -> str:
        return sheet_title(self.sheet.period)

    @property
    def days_late(self) -> int:
        """How many days after the due day the sheet was sent; 0 while it is not sent."""
        sent, due = self.sheet.submitted_at, self.due.due_on
        if sent is None or due is None or self.sheet.state in ResultSheet.EDITABLE:
            return 0
        return max(0, (timezone.localdate(sent) - due).days)

    @property
    def untouched(self) -> list[Row]:
        """The cells marked to be mended on which nobody has worked since the sheet was returned."""
        since = self.sheet.returned_at
        return [r for r in self.rows if r.flag and since and not r.worked_on_since(since)]

    @property
    def left_alone(self) -> bool:
        """Whether nobody has worked on any cell since the sheet was returned."""
        since = self.sheet.returned_at
        if self.sheet.state != ResultSheet.State.RETURNED or since is None:
            return False
        return not any(row.worked_on_since(since) for row in self.rows)

    @property
    def holds_wrong(self) -> bool:
        return any(row.problem and not row.half for row in self.rows)

    @cached_property
    def tally(self) -> Tally:
        """How the answers in words stand, once there is somebody to assess them."""
        sent = self.sheet.state in ResultSheet.SENT
        return tally(row.assessment.found for row in self.rows if sent and row.assessment)

    @property
    def assessable(self) -> bool:
        """Whether there is anything to assess, and the time for it has come."""
        return bool(self.tally)

    @property
    def to_assess(self) -> list[Row]:
        waiting = Found.WAITING
        return [row for row in self.rows if row.assessment and row.assessment.found == waiting]

    @property
    def quotes(self) -> bool:
        """Whether it asks a code of another set, for which other plans may have figures."""
        return any(row.indicator.quotes_id for row in self.rows)

    @property
    def groups(self) -> int:
        return len({row.indicator.group_id for row in self.rows})

    def rows_after(self, pk: int) -> list[Row]:
        """The row just written, and those that may have changed with it."""
        hanging = hanging_on(pk, {row.indicator.pk: row.indicator for row in self.rows})
        return [row for row in self.rows if row.indicator.pk in hanging]


def hanging_on(pk: int, asked: Mapping[int, Indicator]) -> set[int]:
    """An indicator, its parts (“trong đó”) that are read anew with it, and whatever sums them up:
    its whole, and the totals of which they are a part."""
    found, more = {pk}, {pk}
    while more:
        more = {key for key, one in asked.items() if one.of_which_id in more} - found
        found |= more
    refs = {asked[key].ref for key in found if key in asked}
    whole = asked[pk].of_which_id if pk in asked else None
    totals = {key for key, one in asked.items() if key == whole or refs.intersection(one.sum_of)}
    return found | totals


def sheet_page(
    sheet: ResultSheet,
    *,
    clashes: Mapping[int, Clash] | None = None,
    refused: Mapping[int, Drawn] | None = None,
    marked: Mapping[int, str] | None = None,
    said: Mapping[int, tuple[str, str]] | None = None,
) -> SheetPage:
    """Ten SQL queries, at the most eight more once it was looked at, however many indicators.

    Needs SHEET_RELATED selected.
    """
    facts = sheet_facts(sheet, leads=True)
    return _page(facts, rows_of(facts, clashes=clashes, refused=refused, marked=marked, said=said))


def saved_page(facts: SheetFacts, pk: int) -> SheetPage:
    """The same for the answer to a cell that was just written: with the facts at hand, and only
    the rows that hang on it to be drawn; two SQL queries."""
    facts.shown = hanging_on(pk, facts.asked)
    return _page(facts, rows_of(facts))


def _page(facts: SheetFacts, rows: list[Row]) -> SheetPage:
    saved = [row.result.saved_at for row in rows if row.result and row.version]
    return SheetPage(
        sheet=facts.sheet,
        rows=rows,
        left=remaining(rows),
        last_name=last_name(facts.sheet.period),
        saved_at=max(saved, default=None),
    )


def _steps(sheet: ResultSheet, *, complete: bool) -> list[tuple[str, str]]:
    campaign = sheet.participation.campaign
    agency = campaign.standing_agency or "Trưởng Khối, Cụm"
    words = ["Nhập số liệu", "Thủ trưởng ký gửi", f"{agency} thẩm định", "Khóa kỳ"]
    done = {
        ResultSheet.State.DRAFT: int(complete),
        ResultSheet.State.RETURNED: int(complete),
        ResultSheet.State.SUBMITTED: 2,
        ResultSheet.State.VERIFIED: 3,
        ResultSheet.State.LOCKED: 4,
    }[ResultSheet.State(sheet.state)]
    return [
        (word, "done" if i < done else "now" if i == done else "") for i, word in enumerate(words)
    ]


def sheet_title(period: Period) -> str:
    return f"Phiếu kết quả {period.in_a_sentence}"


# --- what happened --------------------------------------------------------------------------------
@cache
def _writes(limit: int) -> Prepared:
    """The statement that reads the last writes of a sheet's cells."""
    return Prepared(
        lambda sheet: (
            ResultHistory.objects.filter(result__result_sheet=sheet)
            .select_related("by", "result__indicator", "imported", "level")
            .only(*TOLD)
            .order_by("-at", "-pk")[:limit]
        )
    )


def sheet_history(
    sheet: ResultSheet, given: Sequence[Extension] = (), limit: int = 20
) -> list[Happening]:
    """The acts on a sheet, the time it was `given` and the last writes of its cells, newest first;
    two SQL queries."""
    acts = history(sheet, verbs=VERBS, limit=limit)
    writes = standing(_writes(limit)(sheet.pk), "result_id")
    both = acts + [Happening(write.at, write_sentence(write)) for write in writes]
    both += [Happening(one.granted_at, extension_sentence(one)) for one in given]
    return sorted(both, key=lambda one: one.at, reverse=True)[:limit]


def extension_sentence(extension: Extension) -> str:
    """Needs `granted_by` selected."""
    who = extension.granted_by or SERVER
    return f"{who} gia hạn đến hết ngày {extension.until:%d/%m/%Y}: {extension.reason}"


def write_sentence(write: ResultHistory) -> str:
    """Needs `by`, `result__indicator`, `imported` and `level` selected."""
    who = write.by or "Người quản trị máy chủ"
    indicator = write.result.indicator
    origin = f", nhập từ Excel (tệp “{write.imported}”)" if write.imported else ""
    return f"{who} ghi {indicator.code}: {words_of(indicator, write)}{origin}."
