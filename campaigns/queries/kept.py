"""Words that were typed for cells and scores whose form is gone: shown again, to be copied."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from campaigns.models import Campaign, ScoreLayer
from campaigns.policies import viewable_campaigns
from campaigns.queries.cells import as_typed
from campaigns.queries.rows import Drawn, Row
from campaigns.queries.sheets import SheetPage
from campaigns.rules import CHOICES
from criteria.models import Indicator, ScoreTable
from units.models import User

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


# --- scores ---------------------------------------------------------------------------------------
SCORE_LABELS = {"points": "điểm", "count": "số lần", "yes": "kết quả", "reason": "lý do"}
MET = {"yes": "đạt", "no": "không đạt"}


@dataclass(frozen=True)
class TypedScores:
    """What a form for one layer of scores brought along, by the key of the item; the reason of a
    gate, the names of files."""

    items: Mapping[int, Mapping[str, str]]
    gate: int = 0
    reason: str = ""
    files: Sequence[str] = ()


def is_gone(layer: int) -> bool:
    """Whether there is no such layer of scores any more."""
    return not ScoreLayer.objects.filter(pk=layer).exists()


def kept_scores(user: User, item: int, typed: TypedScores) -> tuple[Campaign, str] | None:
    """What was typed, a line for each item in the order of the table, and the plan whose table it
    was; None where `user` sees no such plan."""
    named = ScoreTable.objects.filter(Q(items__in=[*typed.items, item]) | Q(gates=typed.gate))
    plans = viewable_campaigns(user).filter(criteria_set__in=named.values("criteria_set"))
    if (campaign := plans.first()) is None:
        return None
    table = named.filter(criteria_set=campaign.criteria_set_id)[:1].get()
    said = ((item, _score(typed.items.get(item.pk, {}))) for item in table.items.all())
    lines = [f"{item.code} {item.name}: {words}" for item, words in said if words]
    if typed.reason:
        lines += [f"{gate.name}: {typed.reason}" for gate in table.gates.filter(pk=typed.gate)]
    return campaign, "\n".join([*lines, *(f"tệp: {name}" for name in typed.files)])


def _score(typed: Mapping[str, str]) -> str:
    words = [
        f"{label}: {MET.get(word, word) if name == 'yes' else word}"
        for name, label in SCORE_LABELS.items()
        if (word := typed.get(name, "").strip())
    ]
    return "; ".join(["không áp dụng"] * bool(typed.get("na")) + words)
