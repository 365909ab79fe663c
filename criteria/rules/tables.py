"""Whether a scoring table adds up. One that does not is never put in force: a sentence a fault."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from criteria.rules.ranking import BY_INDICATOR, BY_ITEM, BY_PENALTY
from criteria.rules.scoring import (
    BAR,
    BY_LEVEL,
    COUNT,
    ITEM,
    ON_TARGET,
    PENALTY,
    PROPORTIONAL,
    STEPS,
    SUM,
    YES_NO,
    Item,
    Stretch,
    Table,
)
from units.rules import decimal_text

LAYERS = ("self", "peer", "bloc", "standing")
NUMERIC = {"ratio", "quantity", "count"}
IN_WORDS = "qualitative"  # met or not as somebody else finds
MET_OR_NOT = {"yes_no", IN_WORDS}  # met or not without a target


@dataclass(frozen=True)
class Asked:
    """What a table may know of an indicator: its kind, whether it has a target, whether a unit
    answers it, whether a target of it is on the change against the year before, the (ref, name) of
    each level of its rubric."""

    kind: str
    has_target: bool = False
    answered: bool = True
    on_change: bool = False
    levels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit: the list it stands in, which of it (None: the table itself)."""

    part: str
    index: int | None
    sentence: str


def table_faults(table: Table, indicators: Mapping[str, Asked]) -> list[Fault]:
    """Everything for which the table cannot be put in force; `indicators` by ref."""
    return [
        *_layer_faults(table),
        *_sum_faults(table),
        *_item_faults(table, indicators),
        *_band_faults(table),
        *_gate_faults(table, indicators),
        *_tie_faults(table, indicators),
    ]


def _layer_faults(table: Table) -> Iterator[Fault]:
    known = [layer for layer in table.layers if layer in LAYERS]
    if not known:
        yield Fault("layers", None, "Bảng chưa có lớp chấm nào; ghi ít nhất một lớp.")
    if known != sorted(known, key=LAYERS.index):
        yield Fault(
            "layers",
            None,
            "Các lớp chấm phải theo thứ tự: tự chấm, chấm chéo, Khối, Cụm thẩm định, cơ quan "
            "thường trực thẩm định.",
        )
    for layer, times in Counter(known).items():
        if times > 1:
            yield Fault("layers", None, f"Lớp chấm “{layer}” ghi {times} lần; mỗi lớp một lần.")


# --- what must add up -----------------------------------------------------------------------------
def _sum_faults(table: Table) -> Iterator[Fault]:
    top = [item for item in table.items if item.kind == ITEM and not item.parent]
    whole = sum((item.max_points for item in top), Decimal(0))
    if whole != table.max_points:
        yield Fault(
            "max_points",
            None,
            f"Tổng điểm tối đa là {decimal_text(table.max_points)} nhưng các mục cộng lại được "
            f"{decimal_text(whole)}.",
        )
    places = {item.ref: n for n, item in enumerate(table.items)}
    for n, item in enumerate(table.items):
        if item.parent and item.parent not in places:
            yield _of(n, item, f"thuộc mục “{item.parent}” không có trong bảng.")
        elif item.parent and places[item.parent] >= n:
            yield _of(n, item, "phải đứng sau mục mà nó thuộc về.")
        elif item.parent and table.items[places[item.parent]].kind != item.kind:
            yield _of(n, item, "phải cùng loại (mục chấm, điểm thưởng, điểm trừ) với mục trên.")
        parts = table.parts(item.ref)
        if parts and item.method != SUM:
            yield _of(n, item, "có mục con nên cách chấm phải là cộng các mục con.")
        if not parts and item.method == SUM:
            yield _of(n, item, "cộng các mục con nhưng chưa có mục con nào.")
        together = sum((part.max_points for part in parts), Decimal(0))
        if parts and item.kind == ITEM and together != item.max_points:
            yield _of(
                n,
                item,
                f"tối đa {decimal_text(item.max_points)} điểm nhưng các mục con cộng lại được "
                f"{decimal_text(together)}.",
            )


# --- each item has what its method needs ----------------------------------------------------------
def _item_faults(table: Table, indicators: Mapping[str, Asked]) -> Iterator[Fault]:
    digits = table.rounding.digits
    for n, item in enumerate(table.items):
        for sentence in _lacks(item, indicators):
            yield _of(n, item, sentence)
        if any(point != round(point, digits) for point in (item.max_points, item.least)):
            yield _of(
                n, item, f"điểm tối đa, điểm sàn ghi nhiều nhất {digits} chữ số thập phân của bảng."
            )


def _lacks(item: Item, indicators: Mapping[str, Asked]) -> Iterator[str]:
    if item.max_points <= 0:
        yield "điểm tối đa phải lớn hơn 0."
    if item.floor is not None and item.floor > item.max_points:
        yield "điểm sàn cao hơn điểm tối đa."
    if item.floor is not None and item.floor < 0 and item.kind != ITEM:
        yield "điểm sàn của điểm thưởng, điểm trừ không được âm; điểm trừ ghi số dương."
    asked = indicators.get(item.indicator)
    if item.indicator and asked is None:
        yield f"tính từ tiêu chí “{item.indicator}” không có trong kế hoạch."
    elif asked is not None:
        yield from _misfit(item, asked)
    if item.method in (STEPS, PROPORTIONAL) and not item.indicator:
        yield "chấm theo kết quả nên phải nêu tiêu chí."
    if item.method == BY_LEVEL and not item.indicator:
        yield "chấm theo mức đánh giá nên phải nêu tiêu chí định tính."
    if item.method == BY_LEVEL and asked is not None:
        yield from _level_faults(item, asked)
    if item.method != BY_LEVEL and item.levels:
        yield "có điểm của từng mức nhưng không chấm theo mức đánh giá."
    if item.method == COUNT and (item.each is None or item.each <= 0):
        yield "chấm theo số lần nên phải ghi điểm mỗi lần, lớn hơn 0."
    if item.method != STEPS and item.steps:
        yield "có bậc điểm nhưng không chấm theo bậc."
    if item.method == STEPS:
        yield from _step_faults(item)


def _misfit(item: Item, asked: Asked) -> Iterator[str]:
    """What does not fit between the item and the indicator that it is computed from."""
    if item.method == SUM:
        yield "cộng các mục con nên không tính từ tiêu chí."
        return
    if not asked.answered:
        yield f"tiêu chí “{item.indicator}” không có trên phiếu kết quả của đơn vị."
    if item.method in (STEPS, PROPORTIONAL, COUNT) and asked.kind not in NUMERIC:
        yield f"cần tiêu chí có số liệu; “{item.indicator}” thì không."
    on_target = item.method == PROPORTIONAL or (item.method == STEPS and item.basis == ON_TARGET)
    if on_target and not asked.has_target:
        yield f"tính trên tỷ lệ đạt chỉ tiêu nhưng tiêu chí “{item.indicator}” chưa có mức."
    if item.method == YES_NO and not (asked.has_target or asked.kind in MET_OR_NOT):
        yield f"xét đạt hay không nhưng tiêu chí “{item.indicator}” chưa có mức."


def _level_faults(item: Item, asked: Asked) -> Iterator[str]:
    """Every level of the rubric gives points, once; higher ones need not give more."""
    if not asked.levels:
        yield f"cần tiêu chí định tính có các mức đánh giá; “{item.indicator}” thì không."
        return
    given, known = Counter(one.level for one in item.levels), dict(asked.levels)
    for ref, name in asked.levels:
        if given[ref] != 1:
            yield f"mức “{name}” " + ("ghi điểm hai lần." if given[ref] else "chưa có điểm.")
    for one in item.levels:
        if one.level not in known:
            yield f"tiêu chí không có mức “{one.level}”."
        if not item.least <= one.points <= item.max_points:
            yield (
                f"mức “{known.get(one.level, one.level)}” cho {decimal_text(one.points)} điểm, "
                f"ngoài khoảng từ {decimal_text(item.least)} đến {decimal_text(item.max_points)}."
            )
    if item.levels and max(one.points for one in item.levels) != item.max_points:
        yield f"không mức nào cho đủ {decimal_text(item.max_points)} điểm."


def _step_faults(item: Item) -> Iterator[str]:
    if not item.steps:
        yield "chấm theo bậc nhưng chưa có bậc nào."
        return
    for sentence in _holes(item.steps):
        yield f"bậc điểm {sentence}"
    for step in item.steps:
        if not item.least <= step.points <= item.max_points:
            yield (
                f"bậc {step.words} cho {decimal_text(step.points)} điểm, ngoài khoảng từ "
                f"{decimal_text(item.least)} đến {decimal_text(item.max_points)}."
            )
    if max(step.points for step in item.steps) != item.max_points:
        yield f"không bậc nào cho đủ {decimal_text(item.max_points)} điểm."


def _holes(stretches: Sequence[Stretch]) -> Iterator[str]:
    """Where stretches leave a hole, overlap, or do not reach the ends."""
    for one in stretches:
        if one.lower is not None and one.upper is not None and one.upper <= one.lower:
            yield f"“{one.words}” có mức trên không lớn hơn mức dưới."
    ordered = sorted(
        stretches,
        key=lambda s: (s.lower is not None, s.lower if s.lower is not None else Decimal(0)),
    )
    if ordered[0].lower is not None:
        yield f"chưa nói gì khi dưới {decimal_text(ordered[0].lower)}."
    for below, above in pairwise(ordered):
        if below.upper is None or above.lower is None or below.upper > above.lower:
            yield f"“{below.words}” và “{above.words}” chồng nhau."
        elif below.upper < above.lower:
            yield (f"bỏ trống từ {decimal_text(below.upper)} đến dưới {decimal_text(above.lower)}.")
    if ordered[-1].upper is not None:
        yield f"chưa nói gì khi từ {decimal_text(ordered[-1].upper)} trở lên."


# --- bands, gates, ties ---------------------------------------------------------------------------
def _band_faults(table: Table) -> Iterator[Fault]:
    if not table.bands:
        return
    for sentence in _holes(table.bands):
        yield Fault("bands", None, f"Mức xếp loại {sentence}")
    most = table.max_points
    if table.may_exceed:
        bonus = sum(
            (i.max_points for i in table.items if i.kind == "bonus" and not i.parent), Decimal(0)
        )
        most += bonus if table.bonus_ceiling is None else min(bonus, table.bonus_ceiling)
    for n, band in enumerate(table.bands):
        if band.lower is not None and band.lower > most:
            yield Fault(
                "bands",
                n,
                f"Xếp loại “{band.name}” từ {decimal_text(band.lower)} điểm, quá tổng điểm có thể "
                f"đạt ({decimal_text(most)}).",
            )


def _gate_faults(table: Table, indicators: Mapping[str, Asked]) -> Iterator[Fault]:
    bands = {band.ref for band in table.bands}
    for n, gate in enumerate(table.gates):
        asked = indicators.get(gate.indicator)
        name = f"Điều kiện loại “{gate.name}”"
        if gate.indicator and asked is None:
            yield Fault("gates", n, f"{name}: không có tiêu chí “{gate.indicator}” trong kế hoạch.")
        elif asked is not None and not (
            asked.answered and (asked.has_target or asked.kind == IN_WORDS)
        ):
            yield Fault(
                "gates",
                n,
                f"{name}: tiêu chí “{gate.indicator}” không có mức để xét đạt hay không.",
            )
        elif asked is not None and asked.on_change:
            yield Fault(
                "gates",
                n,
                f"{name}: tiêu chí “{gate.indicator}” đặt mức tăng, giảm so với năm trước nên bảng "
                "chấm điểm không tự xét; bỏ tiêu chí để ghi tay, có lý do.",
            )
        if gate.effect == BAR and gate.band not in bands:
            yield Fault("gates", n, f"{name}: không có mức xếp loại “{gate.band}” trong bảng.")


def _tie_faults(table: Table, indicators: Mapping[str, Asked]) -> Iterator[Fault]:
    items = {item.ref for item in table.items}
    seen = set()
    for n, tie in enumerate(table.ties):
        head = f"Thứ tự ưu tiên thứ {n + 1}"
        if tie.by == BY_ITEM and tie.ref not in items:
            yield Fault("ties", n, f"{head}: không có mục “{tie.ref}” trong bảng.")
        asked = indicators.get(tie.ref)
        if tie.by == BY_INDICATOR and asked is None:
            yield Fault("ties", n, f"{head}: không có tiêu chí “{tie.ref}” trong kế hoạch.")
        elif (
            tie.by == BY_INDICATOR
            and asked
            and not (asked.kind in NUMERIC | {IN_WORDS} and asked.answered)
        ):
            yield Fault("ties", n, f"{head}: tiêu chí “{tie.ref}” không có số liệu để so.")
        elif tie.by == BY_INDICATOR and asked and asked.kind == IN_WORDS and tie.lower_wins:
            yield Fault(
                "ties",
                n,
                f"{head}: tiêu chí “{tie.ref}” định tính, đơn vị đạt luôn đứng trước; bỏ “số nhỏ "
                "hơn thì hơn”.",
            )
        if tie.by == BY_PENALTY and not any(item.kind == PENALTY for item in table.items):
            yield Fault("ties", n, f"{head}: bảng không có điểm trừ để so.")
        if (tie.by, tie.ref) in seen:
            yield Fault("ties", n, f"{head}: đã nêu ở trên.")
        seen.add((tie.by, tie.ref))


def _of(n: int, item: Item, sentence: str) -> Fault:
    return Fault("items", n, f"Mục {item.code or item.ref}: {sentence}")
