"""The life of one cell: every write, before and after, and what others said of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar

from django.db.models import Max, OuterRef, Subquery

from campaigns.models import CellMark, Result, ResultHistory, ResultSheet, Review, ScoreHistory
from campaigns.queries.reviews import full_words, origin_of
from units.queries import SERVER


@dataclass(frozen=True)
class CellEvent:
    """A write has an `origin` and a value before it; of anything else `after` is what the cell
    held then."""

    at: datetime
    who: str
    act: str
    after: str
    before: str = ""
    origin: str = ""


NEWEST = Subquery(
    ResultHistory.objects.filter(result__result_sheet=OuterRef("pk"))
    .order_by()
    .values("result__result_sheet")
    .annotate(newest=Max("pk"))
    .values("newest")
)


def since(sheet: ResultSheet) -> str:
    """Stands for all that was written on a sheet until it was read, its NEWEST write with it.

    Writes of a sheet follow each other under its lock, and so do the keys of their history lines.
    """
    return f"{sheet.revision}.{sheet.newest or 0}"  # type: ignore[attr-defined]


def written_since(sheet: ResultSheet, newest: int) -> set[int]:
    """The keys of the indicators whose cells were written after that line of the history."""
    lines = ResultHistory.objects.filter(result__result_sheet=sheet.pk, pk__gt=newest)
    return set(lines.values_list("result__indicator", flat=True))


def cell_events(result: Result | None) -> list[CellEvent]:
    """Newest first; four SQL queries."""
    if result is None:
        return []
    writes = list(result.history.select_related("by", "imported", "level").order_by("version"))
    words = {write.version: full_words(result.indicator, write) for write in writes}
    events = list(_writes(writes, words))
    events += [_mark(mark, words) for mark in result.marks.select_related("by", "level", "claimed")]
    reviews = Review.objects.filter(result_sheet=result.result_sheet_id)
    for review in reviews.select_related("by").prefetch_related("flags"):
        events.append(_review(review, result, words))
    return sorted(events, key=lambda event: event.at, reverse=True)


Write = TypeVar("Write", ResultHistory, ScoreHistory)


def standing(writes: Iterable[Write], cell: str) -> Iterator[Write]:
    """Of writes, the newest first, without what could not be read and was typed anew by the same
    person: among those of other cells it would hide the rest. `cell` names the key of the cell."""
    after: dict[int, int | None] = {}
    for write in writes:
        key = getattr(write, cell)
        if not (write.problem and key in after and after[key] == write.by_id):
            yield write
        after[key] = write.by_id


def _writes(writes: Sequence[ResultHistory], words: dict[int, str]) -> Iterator[CellEvent]:
    """What could not be read and was typed anew by the same person is counted, not listed."""
    tries: list[ResultHistory] = []
    for write, after in zip_longest(writes, writes[1:]):
        if write.problem and after is not None and after.by_id == write.by_id:
            tries.append(write)
            continue
        yield _write(write, words, tries)
        tries = []


def _write(write: ResultHistory, words: dict[int, str], tries: list[ResultHistory]) -> CellEvent:
    first = (tries or [write])[0]
    return CellEvent(
        at=write.at,
        who=str(write.by or SERVER),
        act=f"ghi, sau {len(tries)} lần chưa hợp lệ" if tries else "ghi",
        before=words.get(first.version - 1, "trống"),
        after=words[write.version],
        origin=origin_of(write),
    )


def _mark(mark: CellMark, words: dict[int, str]) -> CellEvent:
    act = "xác nhận" if mark.verdict == CellMark.Verdict.CONFIRMED else "có ý kiến"
    if mark.assesses:
        act = f"xét {mark.words}"
    act += f", {mark.get_office_display()}"
    if mark.reason:
        act += f": {mark.reason}"
    return CellEvent(mark.at, str(mark.by), act, words.get(mark.version, "trống"))


def _review(review: Review, result: Result, words: dict[int, str]) -> CellEvent:
    act = "thẩm định phiếu"
    if review.decision == Review.Decision.RETURNED:
        notes = [f.note for f in review.flags.all() if f.indicator_id == result.indicator_id]
        act = "trả lại phiếu"
        if notes:
            act += ", ô này phải sửa" + (f": {notes[0]}" if notes[0] else "")
    held = review.held.get(result.indicator_id, 0)
    return CellEvent(review.at, str(review.by), act, words.get(held, "trống"))
