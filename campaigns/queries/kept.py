"""Words that were typed on a sheet for cells whose form is gone: shown again, to be copied."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from campaigns.queries.cells import as_typed
from campaigns.queries.rows import Drawn, Row
from campaigns.queries.sheets import SheetPage
from campaigns.rules import CHOICES
from criteria.models import Indicator

LABELS = {
    "numerator": "tử số",
    "denominator": "mẫu số",
    "value": "số liệu",
    "yes": "kết quả",
    "text": "nội dung thực hiện",
    "level": "mức tự nhận",
    "choice": "tình trạng",
    "reason": "lý do",
}
SAID = {**CHOICES, "yes": "có", "no": "không", "met": "đạt", "not_met": "chưa đạt"}


@dataclass(frozen=True)
class Forms:
    """Which forms the page has: to enter, to mark what is to be mended, to assess; `barred` are the
    cells that the reader may not assess."""

    enters: bool
    marks: bool
    assesses: bool
    barred: Collection[int] = ()


def kept_words(
    page: SheetPage,
    forms: Forms,
    *,
    refused: Mapping[int, Drawn],
    marked: Mapping[int, str],
    said: Mapping[int, tuple[str, str]],
) -> str:
    """A line for each cell of which something was typed that no field of the page shows."""
    rows = {row.indicator.pk: row for row in page.rows}
    words: dict[int, str] = {}
    for pk, (typed, _version) in refused.items():
        row = rows.get(pk)
        if row is None or not (forms.enters and row.open_here):
            words[pk] = _typed(row, typed)
    if not forms.marks:
        words |= {pk: f"phải sửa: {note}" if note.strip() else "" for pk, note in marked.items()}
    for pk, (found, why) in said.items():
        row = rows.get(pk)
        assessed = row is not None and row.assessment is not None
        if not (forms.assesses and assessed) or pk in forms.barred:
            words[pk] = _found(row, found, why)
    left = {pk: text for pk, text in words.items() if text}
    if not left:
        return ""
    set_id = page.sheet.participation.campaign.criteria_set_id
    named = Indicator.objects.filter(criteria_set=set_id).in_bulk(left)
    return "\n".join(
        f"{named.get(pk, 'Tiêu chí không còn trong kế hoạch')}: {text}" for pk, text in left.items()
    )


def _typed(row: Row | None, typed: Mapping[str, str]) -> str:
    """What differs from what is stored: the form of a whole sheet sends every cell."""
    stored = as_typed(row.indicator, row.result) if row else {}
    said = {name: word.replace("\r\n", "\n") for name, word in typed.items()}
    if all(word == stored.get(name, "") for name, word in said.items()):
        return ""
    return "; ".join(
        f"{LABELS[name]}: {SAID.get(word, word)}" for name, word in said.items() if word.strip()
    )


def _found(row: Row | None, found: str, why: str) -> str:
    levels = {str(one.pk): one.name for one in row.indicator.levels.all()} if row else {}
    chosen = levels.get(found, SAID.get(found, ""))
    return "; ".join(filter(None, (chosen and f"xét: {chosen}", why.strip() and f"lý do: {why}")))
