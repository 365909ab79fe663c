"""What was seen when a sheet was accepted or returned: the cells to mend, what changed since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from campaigns.models import (
    CellFlag,
    Evidence,
    Result,
    ResultHistory,
    ResultSheet,
    ResultValues,
    Review,
)
from campaigns.queries.cells import words_of
from campaigns.rules import MISSING
from criteria.models import Indicator
from units.queries import SERVER

Scope = frozenset[int] | None  # the indicators that are open to be mended; None: all of them

CONTENT = attrgetter(*[column.name for column in ResultValues._meta.local_fields])


# --- cells to mend --------------------------------------------------------------------------------
def open_flags(sheets: Collection[ResultSheet]) -> dict[int, dict[int, CellFlag]]:
    """Sheet → indicator → flag, of those that wait to be mended; one SQL query, none where no
    sheet was returned."""
    returned = [sheet.pk for sheet in sheets if sheet.state == ResultSheet.State.RETURNED]
    if not returned:
        return {}
    last = (
        Review.objects.filter(result_sheet__in=returned)
        .order_by("result_sheet_id", "-pk")
        .distinct("result_sheet_id")
    )
    found: dict[int, dict[int, CellFlag]] = {}
    flags = CellFlag.objects.filter(review__in=list(last.values_list("pk", flat=True)))
    for flag in flags.select_related("review"):
        found.setdefault(flag.review.result_sheet_id, {})[flag.indicator_id] = flag
    return found


def scope_of(flags: Collection[int], asked: Mapping[int, Indicator]) -> Scope:
    """The flagged indicators that are still asked, with their parts (“trong đó”) and with the
    totals that they add up to."""
    more = {pk for pk in flags if pk in asked}
    if not more:
        return None
    scope: set[int] = set()
    while more:
        scope |= more
        refs = {asked[pk].ref for pk in scope}
        more = {
            pk
            for pk, one in asked.items()
            if one.of_which_id in scope or refs.intersection(one.sum_of)
        } - scope
    return frozenset(scope)


def is_frozen(pk: int, result: Result | None, sheet: ResultSheet, scope: Scope) -> bool:
    """Whether a cell is closed while others are mended.

    What is not answered yet, or was answered since the sheet came back, is open: the unit could
    not send the sheet otherwise.
    """
    if scope is None or pk in scope or sheet.state != ResultSheet.State.RETURNED:
        return False
    if result is None or result.state == MISSING or sheet.returned_at is None:
        return False
    return result.saved_at <= sheet.returned_at


def frozen_sentence(indicator: Indicator, scope: Scope, asked: Mapping[int, Indicator]) -> str:
    codes = ", ".join(asked[pk].code for pk in asked if pk in (scope or ()))
    return (
        f"{indicator.code} không mở để sửa: phiếu được trả lại chỉ để sửa {codes}. Nếu cần sửa cả "
        f"{indicator.code}, đề nghị cơ quan thường trực."
    )


# --- what changed ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One cell as it was when the sheet was looked at, and as it is; `files` were added since."""

    indicator: Indicator
    old: str
    new: str
    by: str = ""
    at: datetime | None = None
    origin: str = ""
    note: str = ""
    files: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.at is not None


def versions_of(sheet: ResultSheet) -> dict[str, int]:
    """What a review keeps of a sheet."""
    rows = Result.objects.filter(result_sheet=sheet, version__gt=0)
    return {str(pk): version for pk, version in rows.values_list("indicator", "version")}


def last_reviews(sheets: Iterable[ResultSheet], decision: str) -> dict[int, Review]:
    """The last one of each sheet by that decision, with who made it; one SQL query."""
    rows = Review.objects.filter(result_sheet__in=[s.pk for s in sheets], decision=decision)
    rows = rows.order_by("result_sheet_id", "-pk").distinct("result_sheet_id").select_related("by")
    return {review.result_sheet_id: review for review in rows}


def changed_counts(reviews: Mapping[int, Review]) -> dict[int, int]:
    """How many cells of each sheet hold another value than at the given review of it, by the key
    of the sheet; two SQL queries."""
    return {pk: len(cells) for pk, cells in _changed(reviews).items()}


def changes_since(
    review: Review, asked: Mapping[int, Indicator], notes: Mapping[int, str] | None = None
) -> list[Change]:
    """The cells of one sheet that changed since `review`, in the plan's order; three SQL queries.

    Indicators in `notes` are told whether they changed or not.
    """
    notes = notes or {}
    changed = _changed({review.result_sheet_id: review}).get(review.result_sheet_id, {})
    added: dict[int, list[str]] = {}
    files = Evidence.objects.filter(
        result__result_sheet=review.result_sheet_id,
        uploaded_at__gt=review.at,
        removed_at__isnull=True,
    )
    for pk, name in files.values_list("result__indicator", "name"):
        added.setdefault(pk, []).append(name)
    return [
        _change(asked[pk], changed.get(pk), notes.get(pk, ""), added.get(pk, []))
        for pk in asked
        if pk in changed or pk in notes
    ]


@dataclass(frozen=True)
class Since:
    """What changed on a sheet since somebody looked at it."""

    review: Review
    changes: list[Change]

    @property
    def count(self) -> int:
        """How many values are others than they were."""
        return sum(change.changed for change in self.changes)

    @property
    def words(self) -> str:
        verified = self.review.decision == Review.Decision.VERIFIED
        return "lần thẩm định trước" if verified else "khi trả lại"


def since_reviews(sheet: ResultSheet, asked: Mapping[int, Indicator]) -> list[Since]:
    """What changed since the last verification, and since the return after it if that saw other
    values; empty for a sheet that stands as it was accepted, or that nobody has looked at."""
    if sheet.state not in (ResultSheet.State.RETURNED, ResultSheet.State.SUBMITTED):
        return []
    reviews = list(sheet.reviews.select_related("by").prefetch_related("flags"))
    verified = [one for one in reviews if one.decision == Review.Decision.VERIFIED][:1]
    returned = [one for one in reviews[:1] if one.decision == Review.Decision.RETURNED]
    notes = {flag.indicator_id: flag.note for one in returned for flag in one.flags.all()}
    shown = verified + [one for one in returned if not verified or one.held != verified[0].held]
    return [
        Since(one, changes_since(one, asked, notes if one is shown[-1] else {})) for one in shown
    ]


Writes = tuple[ResultHistory | None, ResultHistory]  # as it was seen (None: empty), as it is


def _changed(reviews: Mapping[int, Review]) -> dict[int, dict[int, Writes]]:
    """Sheet → indicator → the two writes, where a cell holds other values than it held then."""
    held = {pk: review.held for pk, review in reviews.items()}
    moved: dict[int, tuple[int, int, int]] = {}  # result → sheet, indicator, version then
    now: dict[int, int] = {}
    rows = Result.objects.filter(result_sheet__in=held, version__gt=0)
    for pk, sheet, indicator, version in rows.values_list(
        "pk", "result_sheet", "indicator", "version"
    ):
        then = held[sheet].get(indicator, 0)
        if version != then:
            moved[pk], now[pk] = (sheet, indicator, then), version
    lines: dict[tuple[int, int], ResultHistory] = {}
    history = ResultHistory.objects.filter(result__in=moved)
    for line in history.select_related("by", "imported", "level"):
        if line.version in (moved[line.result_id][2], now[line.result_id]):
            lines[line.result_id, line.version] = line
    found: dict[int, dict[int, Writes]] = {}
    for pk, (sheet, indicator, then) in moved.items():
        old, new = lines.get((pk, then)), lines[pk, now[pk]]
        if CONTENT(new) != (CONTENT(old) if old else CONTENT(ResultHistory())):
            found.setdefault(sheet, {})[indicator] = (old, new)
    return found


def _change(indicator: Indicator, writes: Writes | None, note: str, files: list[str]) -> Change:
    if writes is None:
        return Change(indicator, "", "", note=note, files=files)
    old, new = writes
    return Change(
        indicator,
        old=full_words(indicator, old) if old else "trống",
        new=full_words(indicator, new),
        by=str(new.by or SERVER),
        at=new.at,
        origin=origin_of(new),
        note=note,
        files=files,
    )


def full_words(indicator: Indicator, write: ResultHistory) -> str:
    words = words_of(indicator, write)
    return f"{words} ({write.reason})" if write.reason and not write.problem else words


def origin_of(write: ResultHistory) -> str:
    """From where a cell was written. Needs `imported` selected."""
    if write.imported:
        return f"tệp Excel “{write.imported}”"
    if write.taken_from:
        return f"lấy từ {write.taken_from}"
    return write.get_source_display()
