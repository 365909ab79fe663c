"""The workbooks that people fill in: of one unit, and of many units in one sheet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO

from campaigns import queries
from campaigns.documents import layout
from campaigns.documents.layout import Stamp
from campaigns.models import Period, ResultSheet
from campaigns.queries.sheets import sheet_title
from campaigns.rules import CHOICES
from criteria.models import Indicator
from criteria.rules import PERCENT
from units import xlsx
from units.rules import day_text
from units.xlsx import Field, Form, Hint

Key = tuple[int, int]  # the keys of a unit and of an indicator
YES_NO = {"yes": "có", "no": "không"}
CHOSEN = {choice: words.capitalize() for choice, words in CHOICES.items()}
NUMBER_HINT = "Số viết như 1.234,5. Không ghi công thức."
WHOLE_HINT = "Số nguyên, viết như 1.234. Không ghi công thức."
FOUND_LABEL = "Kết quả xét"
EXCUSE_HINT = "Không có số: ghi “Không phát sinh: lý do” hoặc “Không áp dụng: lý do”."


@dataclass(frozen=True)
class Overlay:
    """What a workbook said instead of what is stored, with the sentence at each wrong box: kept
    so that it can be sent back with notes. `wrong` maps to (field, sentence)."""

    typed: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    versions: Mapping[Key, int] = field(default_factory=dict)
    wrong: Mapping[Key, tuple[str, str]] = field(default_factory=dict)


NOTHING = Overlay()


# --- one unit -------------------------------------------------------------------------------------
def unit_workbook(sheet: ResultSheet, *, now: datetime, overlay: Overlay = NOTHING) -> bytes:
    """A row an indicator, what is known filled in. Needs SHEET_RELATED selected."""
    rows, unit = queries.sheet_rows(sheet), sheet.participation.unit
    head = layout.UNIT_HEAD
    title = sheet_title(sheet.period)
    form = Form(
        title=title,
        widths=(4, 9, 52, 24, 13, 13, 34, 18, 18, 18, 32),
        rows=_unit_rows(sheet, rows, overlay),
        hints=[*_unit_hints(rows, head + 1)],
        freeze=f"D{head + 1}",
        heading_rows=(head, head),
    )
    return _bytes(form, title, unit.name, now)


def _unit_rows(
    sheet: ResultSheet, rows: Sequence[queries.Row], overlay: Overlay
) -> Iterator[list[Field]]:
    period, unit = sheet.period, sheet.participation.unit
    yield [
        Field(str(Stamp.of(period, unit)), "plain"),
        *(Field(key, "plain") for key in layout.UNIT_KEYS[1:]),
    ]
    yield from _about(sheet_title(period), period, unit.name)
    yield _line(
        "Cách ghi",
        "Chỉ ghi vào ô nền vàng. Không có số liệu thì để trống ô số, chọn tình trạng và ghi lý do.",
    )
    headings = layout.unit_headings(row.indicator for row in rows)
    yield [Field(words, "heading") for words in headings]
    for row in rows:
        yield _unit_row(row, (unit.pk, row.indicator.pk), overlay, sent=bool(sheet.submitted_at))


def _unit_row(row: queries.Row, key: Key, overlay: Overlay, *, sent: bool) -> list[Field]:
    indicator, question = row.indicator, row.question
    typed = overlay.typed.get(key, row.typed)
    figure = question.fields[0]
    number, words = ("given", "closed") if row.frozen else ("number", "answer")
    look = number if indicator.kind in ("ratio", "quantity", "count") else words
    why = f"{row.target}\n({row.why})" if row.target else row.why
    fields = {
        "figure": Field(_shown(typed, figure), look),  # type: ignore[arg-type]
        "whole": Field(_shown(typed, "denominator"), number)  # type: ignore[arg-type]
        if "denominator" in question.fields
        else Field(_shown(typed, "level"), words if question.levels else "closed"),  # type: ignore[arg-type]
        "choice": Field(CHOSEN.get(typed.get("choice", ""), typed.get("choice", "")), words),  # type: ignore[arg-type]
        "reason": Field(typed.get("reason", ""), words),  # type: ignore[arg-type]
    }
    if wrong := overlay.wrong.get(key):
        name = {figure: "figure", "denominator": "whole", "level": "whole"}.get(wrong[0], wrong[0])
        at = name if name in fields else "figure"
        fields[at] = Field(fields[at].text, fields[at].look, wrong[1])
    return [
        Field(layout.row_key(indicator.ref, [overlay.versions.get(key, row.version)]), "plain"),
        Field(indicator.code),
        Field(indicator.name),
        Field(why),
        Field(measure_of(indicator)),
        Field(row.last.shown if row.last else "", "figure"),
        Field(_how(row, sent=sent)),
        *fields.values(),
    ]


def _how(row: queries.Row, *, sent: bool) -> str:
    """What the boxes of a row take, in words; once the sheet was `sent` also how an answer in
    words stands."""
    indicator, question = row.indicator, row.question
    if row.frozen:
        return "Không mở để sửa: phiếu được trả lại để sửa tiêu chí khác."
    notes = []
    if row.flag:
        notes.append(f"Phải sửa: {row.flag.note}." if row.flag.note else "Phải sửa.")
    if indicator.kind == "ratio":
        notes.append(f"Kết quả: {question.numerator_label}.")
        whole = question.denominator_label
        end = " – cổng tự lấy" if question.part_of else ""
        notes.append(f"Tổng số: {whole}{end}.")
    elif indicator.kind == "yes_no":
        notes.append("Chọn “có” hoặc “không”.")
    elif indicator.kind == "count":
        notes.append(
            f"Số nguyên{': ' + indicator.numerator_label if indicator.numerator_label else ''}."
        )
    elif indicator.kind == "quantity":
        notes.append("Số, phần thập phân sau dấu phẩy.")
    else:
        notes.append("Ghi nội dung thực hiện.")
        if question.levels:
            notes.append(f"Cột {layout.WHOLE_OR_LEVEL}: chọn mức.")
    if sent and row.assessment:  # to be read; it is never read back
        notes.append(f"{FOUND_LABEL}: {queries.told_of(row.assessment).sentence}.")
    if indicator.exclusion:
        notes.append(f"Trừ {indicator.exclusion}.")
    if indicator.cumulative:
        notes.append("Số lũy kế.")
    if indicator.evidence_required:
        notes.append("Phải có minh chứng, tải lên trên cổng.")
    return "\n".join(notes)


def _unit_hints(rows: Sequence[queries.Row], first: int) -> Iterator[Hint]:
    last = first + len(rows) - 1
    if not rows:
        return
    yield Hint(f"J{first}:J{last}", "Chỉ chọn khi không có số liệu.", tuple(CHOSEN.values()), True)
    yield Hint(f"K{first}:K{last}", "Bắt buộc khi đã chọn tình trạng.")
    for number, row in enumerate(rows, start=first):
        question = row.question
        hint = number_hint(question.counts)
        if row.indicator.kind == "yes_no":
            yield Hint(f"H{number}", "Chọn có hoặc không.", tuple(YES_NO.values()), True)
        elif row.indicator.kind == "ratio":
            yield Hint(f"H{number}", f"{question.numerator_label}. {hint}")
            if not question.part_of:
                yield Hint(f"I{number}", f"{question.denominator_label}. {hint}")
        elif row.indicator.kind in ("quantity", "count"):
            yield Hint(f"H{number}", hint)
        elif question.levels:
            names = tuple(level.name for level in question.levels)
            yield Hint(f"I{number}", "Chọn mức tự nhận.", names, True)


# --- many units -----------------------------------------------------------------------------------
def units_workbook(
    period: Period,
    lines: Sequence[queries.Line],
    open_units: frozenset[int],
    given: Mapping[int, date],
    told: Mapping[int, queries.Told],
    *,
    now: datetime,
    overlay: Overlay = NOTHING,
) -> bytes:
    """A row a unit, a column or two an indicator. Only units of `open_units`, by key, can be filled
    in; the rest is there to be read. `given` is the last day of units whose time was extended,
    `told` how answers in words stand, by the key of the result."""
    indicators = queries.columns_of(lines)
    columns = layout.answer_columns(indicators)
    title = f"Kết quả {period.in_a_sentence} của {len(lines)} đơn vị"
    first, last = layout.UNITS_HEAD + 1, layout.UNITS_HEAD + len(lines)
    form = Form(
        title=f"Kết quả {period.in_a_sentence}",
        widths=(4, 11, 44, 16, *(30 if one.field == layout.FOUND else 16 for one in columns)),
        rows=_units_rows(
            period, lines, indicators, columns, open_units, given, told, overlay, title
        ),
        hints=[
            _units_hint(column, f"{letter}{first}:{letter}{last}")
            for number, column in enumerate(columns, start=layout.FIRST_COLUMN)
            if lines and column.field != layout.FOUND and (letter := xlsx.column_letter(number))
        ],
        freeze=f"E{first}",
        heading_rows=(layout.CODES_ROW, layout.UNITS_HEAD),
    )
    return _bytes(form, title, period.campaign.issuer_name, now)


def _units_rows(
    period: Period,
    lines: Sequence[queries.Line],
    indicators: Sequence[Indicator],
    columns: Sequence[layout.Column],
    open_units: frozenset[int],
    given: Mapping[int, date],
    told: Mapping[int, queries.Told],
    overlay: Overlay,
    title: str,
) -> Iterator[list[Field]]:
    yield [
        Field(str(Stamp.of(period, None)), "plain"),
        *(Field(key, "plain") for key in layout.UNITS_KEYS[1:]),
        *(Field(column.key, "plain") for column in columns),
    ]
    yield from _about(title, period, f"{len(lines)} đơn vị trong bảng")
    yield _line(
        "Cách ghi",
        f"Chỉ ghi vào ô nền vàng. {EXCUSE_HINT} Ô xám: không hỏi đơn vị đó, phiếu đã gửi, "
        "phiếu trả lại để sửa ô khác, hoặc không thuộc phần được giao nhập.",
    )
    targets = queries.column_targets(period, indicators, lines)
    heads = (
        ("Mã", lambda one: one.indicator.code),
        ("Tiêu chí", lambda one: one.indicator.name if one.first else ""),
        ("Mục tiêu", lambda one: targets[one.indicator.pk] if one.first else ""),
        ("Đơn vị tính", lambda one: measure_of(one.indicator) if one.first else ""),
    )
    for words, text_of in heads:
        yield [
            *(Field("", "heading") for _ in range(3)),
            Field(words, "heading"),
            *(Field(text_of(column), "heading") for column in columns),
        ]
    yield [
        *(Field(words, "heading") for words in ("", "TT", "Đơn vị", "Phiếu kết quả")),
        *(Field(_field_label(column), "heading") for column in columns),
    ]
    for number, line in enumerate(lines, start=1):
        until = given.get(line.participation.unit_id)
        yield _units_row(number, line, indicators, columns, open_units, until, told, overlay)


def _units_row(
    number: int,
    line: queries.Line,
    indicators: Sequence[Indicator],
    columns: Sequence[layout.Column],
    open_units: frozenset[int],
    until: date | None,
    told: Mapping[int, queries.Told],
    overlay: Overlay,
) -> list[Field]:
    unit, sheet = line.participation.unit, line.sheet
    state = sheet.get_state_display() if sheet else "chưa bắt đầu"
    if until:
        state += f", gia hạn đến hết {day_text(until)}"
    versions, stored = [], {}
    for indicator in indicators:
        key, held = (unit.pk, indicator.pk), line.results.get(indicator.pk)
        versions.append(overlay.versions.get(key, held.version if held else 0))
        stored[indicator.pk] = overlay.typed.get(key) or queries.as_typed(indicator, held)
    return [
        Field(layout.row_key(unit.ref, versions), "plain"),
        Field(str(number), "figure"),
        Field(unit.name),
        Field(state),
        *(
            _found_field(column, line, told)
            if column.field == layout.FOUND
            else _units_field(column, stored[column.indicator.pk], line, open_units, overlay)
            for column in columns
        ),
    ]


def _found_field(
    column: layout.Column, line: queries.Line, told: Mapping[int, queries.Told]
) -> Field:
    held = line.results.get(column.indicator.pk)
    found = told.get(held.pk) if held else None
    return Field(found.sentence if found else "", "closed")


def _units_field(
    column: layout.Column,
    typed: Mapping[str, str],
    line: queries.Line,
    open_units: frozenset[int],
    overlay: Overlay,
) -> Field:
    indicator, unit = column.indicator, line.participation.unit
    takes = unit.pk in open_units and not line.frozen(indicator.pk)
    if indicator.pk not in line.asked:
        return Field("", "closed")
    text = _shown(typed, column.field)
    if column.first and (choice := typed.get("choice")):
        excuse = f"{CHOSEN.get(choice, choice)}: {typed.get('reason', '')}".rstrip(": ")
        text = " ".join(part for part in (text, excuse) if part)
    note = ""
    if wrong := overlay.wrong.get((unit.pk, indicator.pk)):
        own = column.field == wrong[0] or (
            column.first and wrong[0] not in layout.fields_of(indicator)
        )
        note = wrong[1] if own else ""
    if indicator.kind in ("ratio", "quantity", "count"):
        return Field(text, "number" if takes else "given", note)
    return Field(text, "answer" if takes else "closed", note)


def _units_hint(column: layout.Column, cells: str) -> Hint:
    indicator = column.indicator
    lead = f"{indicator.code}: {_field_label(column)}. "
    if indicator.kind == "yes_no":
        return Hint(cells, lead + EXCUSE_HINT, tuple(YES_NO.values()))
    if indicator.kind in ("ratio", "quantity", "count"):
        hint = number_hint(queries.counts_whole(indicator, indicator.of_which))
        return Hint(cells, lead + (f"{hint} {EXCUSE_HINT}" if column.first else hint))
    if column.field == "level":
        return Hint(cells, lead, tuple(level.name for level in queries.levels_of(indicator)))
    return Hint(cells, lead + EXCUSE_HINT)


def _field_label(column: layout.Column) -> str:
    indicator = column.indicator
    return {
        "numerator": indicator.numerator_label or "Đạt",
        "denominator": indicator.denominator_label or "Tổng số",
        "value": indicator.numerator_label or indicator.get_kind_display().capitalize(),
        "yes": "Có hoặc không",
        "text": "Nội dung thực hiện",
        "level": "Mức tự nhận",
        layout.FOUND: FOUND_LABEL,
    }[column.field]


# --- shared ---------------------------------------------------------------------------------------
def _about(title: str, period: Period, unit: str) -> Iterator[list[Field]]:
    """Whose workbook this is; the cells that layout names are among them."""
    campaign = period.campaign
    number = f" số {campaign.number_text}" if campaign.number_text else ""
    days = f"{day_text(period.period_from)} – {day_text(period.period_to)}"
    yield [Field("", "plain"), Field(title, "title")]
    yield _line(
        "Kế hoạch",
        f"{campaign.short_title} ({campaign.document_type}{number}, bản sửa {campaign.revision})",
    )
    yield _line("Đơn vị", unit)
    yield _line("Kỳ báo cáo", f"{period.name} ({days}), khóa sau ngày {day_text(period.closes_on)}")


def _line(name: str, words: str) -> list[Field]:
    return [Field("", "plain"), Field(name, "plain"), Field(words, "plain")]


def number_hint(counts: bool) -> str:
    return WHOLE_HINT if counts else NUMBER_HINT


def measure_of(indicator: Indicator) -> str:
    return indicator.measure_unit or (PERCENT if indicator.kind == "ratio" else "")


def _shown(typed: Mapping[str, str], name: str) -> str:
    word = typed.get(name, "")
    return YES_NO.get(word, word) if name == "yes" else word


def _bytes(form: Form, title: str, author: str, now: datetime) -> bytes:
    target = BytesIO()
    about = xlsx.Properties(title=title, author=author, created_at=now)
    xlsx.write_form(target, form, properties=about)
    return target.getvalue()
