"""What the schema cannot say of one file: names that meet, days in order, what fits what.

The checks walk raw, possibly broken data, so that every error is told at once.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from config.planfile.schema import Path, item_schema, plan_schema, resolved
from config.planfile.walking import (
    Error,
    Row,
    day,
    indicators,
    listed,
    number,
    rows,
    shown,
    targets,
    text,
)

NUMERIC = {"ratio", "quantity", "count"}
WORDS = {"qualitative", "narrative"}


# --- one file alone ------------------------------------------------------------------------------
def inner_errors(data: Row) -> Iterator[Error]:
    yield from _doubles(data)
    yield from _decimals(plan_schema(), data, ())
    yield from _days(data)
    yield from _indicators(data)
    yield from _targets(data)
    yield from _names(data)
    yield from _scoring(data)
    if text(data, "state") == "draft" and data.get("amendments"):
        yield ("amendments",), "dự thảo không có lần điều chỉnh; sửa thẳng nội dung dự thảo."


def _doubles(data: Row) -> Iterator[Error]:
    kinds: dict[str, Iterator[tuple[Path, Row]]] = {
        "giai đoạn": rows(data, "phases"),
        "kỳ báo cáo": rows(data, "periods"),
        "nhóm": rows(data, "groups"),
        "tiêu chí": indicators(data),
        "số lượng": rows(data, "awards", "quotas"),
        "cơ cấu": rows(data, "awards", "composition"),
        "thành phần": rows(data, "dossier"),
        "hạn báo cáo": rows(data, "duties"),
        "bảng chấm điểm": rows(data, "scoring"),
    }
    for at, table in rows(data, "scoring"):
        for key, noun in (("items", "mục"), ("bands", "mức xếp loại"), ("gates", "điều kiện loại")):
            found = [((*at, *path), row) for path, row in rows(table, key)]
            kinds[f"{noun} của bảng {at[-1]}"] = iter(found)
    for at, indicator in indicators(data):
        levels = [((*at, *path), row) for path, row in rows(indicator, "rubric")]
        kinds[f"mức của tiêu chí {at}"] = iter(levels)
    yield from _answered_twice(data)
    for name, found in kinds.items():
        seen: set[str] = set()
        for path, row in found:
            ref = text(row, "ref")
            if ref and ref in seen:
                noun = name.partition(" của ")[0]
                yield (
                    (*path, "ref"),
                    f"mã “{ref}” đã dùng cho {noun} khác; mỗi mã chỉ dùng một lần.",
                )
            seen.add(ref)


def _answered_twice(data: Row) -> Iterator[Error]:
    seen: set[str] = set()
    for path, row in rows(data, "parent_indicators"):
        ref = text(row, "indicator")
        if ref and ref in seen:
            yield (*path, "indicator"), f"tiêu chí cấp trên “{ref}” đã nêu cách thực hiện ở trên."
        seen.add(ref)


def _decimals(schema: Mapping[str, Any], value: Any, path: Path) -> Iterator[Error]:
    """At most as many decimals as the table keeps."""
    if isinstance(value, dict):
        for key, field_schema in schema.get("properties", {}).items():
            if key in value:
                yield from _decimals(resolved(field_schema), value[key], (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _decimals(item_schema(schema), item, (*path, index))
    elif isinstance(value, Decimal):
        places = schema.get("x-decimals")
        if places and value != round(value, places):
            yield path, f"“{value}” có quá {places} chữ số thập phân; nhiều nhất {places}."


def _days(data: Row) -> Iterator[Error]:
    period = data.get("period")
    first, last = day(period, "from"), day(period, "to")
    if first and last and last < first:
        yield ("period", "to"), f"{shown(last)} trước ngày bắt đầu {shown(first)}."
    for path, phase in rows(data, "phases"):
        if (start := day(phase, "from")) and (end := day(phase, "to")) and end < start:
            yield (*path, "to"), f"{shown(end)} trước ngày bắt đầu {shown(start)}."
    taken: list[tuple[str, date, date, str]] = []
    for path, row in rows(data, "periods"):
        start, end, closes = day(row, "from"), day(row, "to"), day(row, "closes_on")
        if not start or not end:
            continue
        if end < start:
            yield (*path, "to"), f"{shown(end)} trước ngày bắt đầu {shown(start)}."
        if closes and closes < start:
            yield (*path, "closes_on"), f"{shown(closes)} trước khi kỳ bắt đầu {shown(start)}."
        if (first and start < first) or (last and end > last):
            yield (
                path,
                (
                    f"kỳ {shown(start)} – {shown(end)} nằm ngoài thời gian thực hiện của kế hoạch "
                    f"({shown(first)} – {shown(last)})."
                ),
            )
        kind = text(row, "kind") or "year"
        for other, other_start, other_end, ref in taken:
            if other == kind and start <= other_end and other_start <= end:
                yield (
                    path,
                    f"trùng thời gian với kỳ cùng loại “{ref}”; hai kỳ không được chồng nhau.",
                )
        taken.append((kind, start, end, text(row, "ref")))
    latest: date | None = None
    for path, row in rows(data, "amendments"):
        start = day(row, "in_force_from")
        if start and latest and start <= latest:
            yield (
                (*path, "in_force_from"),
                "ghi các lần điều chỉnh theo thứ tự ngày, ngày sau lớn hơn.",
            )
        latest = start or latest
    for path, duty in rows(data, "duties"):
        month, of_month = number(duty, "month"), number(duty, "day")
        if month and of_month and 1 <= month <= 12 and 1 <= of_month <= 31:
            try:
                date(2024, int(month), int(of_month))
            except ValueError:
                yield (*path, "day"), f"tháng {month} không có ngày {of_month}."
            if day(duty, "on"):
                yield (*path, "on"), "đã có ngày, tháng hằng năm thì không ghi ngày cụ thể (on)."


def _indicators(data: Row) -> Iterator[Error]:
    kinds = {text(row, "ref"): text(row, "kind") for _, row in indicators(data)}
    links: dict[str, str] = {}
    asked: dict[tuple[str, str], str] = {}
    for path, row in indicators(data):
        code = named_code(row.get("external"))
        if code in asked and text(row, "kind") != "derived":
            yield (
                (*path, "external"),
                f"chỉ tiêu {code[1]} của bộ “{code[0]}” đã hỏi ở tiêu chí “{asked[code]}”; mỗi chỉ "
                "tiêu hỏi một lần.",
            )
        if all(code) and text(row, "kind") != "derived":
            asked.setdefault(code, text(row, "ref"))
    for path, row in indicators(data):
        ref, of_which = text(row, "ref"), text(row, "of_which")
        derive = row.get("derive")
        source, how = text(derive, "from"), text(derive, "how")
        code = named_code(derive)
        if all(code):
            if code not in asked:
                yield (
                    (*path, "derive"),
                    f"không tiêu chí nào của kế hoạch hỏi chỉ tiêu {code[1]} của bộ “{code[0]}”; "
                    "thêm tiêu chí có external như vậy cho các đơn vị, hoặc nhập tay (kind ratio, "
                    "measured once).",
                )
            source = asked.get(code, "")
        for key, at, other in (
            ("of_which", (*path, "of_which"), of_which),
            ("derive", (*path, "derive", "from"), source),
        ):
            if other and other not in kinds:
                yield at, f"không có tiêu chí “{other}” trong kế hoạch; các mã: {listed(kinds)}."
            elif other:
                links[ref] = other
                if key == "of_which" and (text(row, "kind") != "ratio" or kinds[other] != "ratio"):
                    yield at, "chỉ tiêu “trong đó” và tiêu chí gốc đều phải là tỷ lệ (ratio)."
                if key == "derive" and how == "sum" and kinds[other] not in NUMERIC:
                    yield (
                        at,
                        f"không cộng được tiêu chí loại {kinds[other]}; dùng share hoặc count.",
                    )
    yield from _totals(data, kinds)
    yield from _rubrics(data)
    for path, row in indicators(data):
        kind, numbers = text(row, "kind"), text(row, "numbers")
        if numbers and kind not in NUMERIC:
            yield (*path, "numbers"), "chỉ ghi kiểu số cho loại ratio, quantity, count."
        elif numbers == "decimal" and kind == "count":
            yield (
                (*path, "numbers"),
                "số đếm (count) luôn là số nguyên; số có phần thập phân là loại quantity.",
            )
        ref = text(row, "ref")
        step, seen = links.get(ref, ""), set()
        while step and step not in seen and step != ref:
            seen.add(step)
            step = links.get(step, "")
        if ref and step == ref:
            yield path, "tính vòng quanh: tiêu chí này dựa vào chính nó qua of_which hoặc derive."


def _rubrics(data: Row) -> Iterator[Error]:
    """A rubric belongs to what is judged, tells levels apart and can be met or missed."""
    for path, indicator in indicators(data):
        levels = [((*path, *at), row) for at, row in rows(indicator, "rubric")]
        if not levels:
            continue
        if text(indicator, "kind") != "qualitative":
            yield (*path, "rubric"), "chỉ tiêu chí định tính (qualitative) mới có mức đánh giá."
        if len({row.get("met") for _, row in levels}) < 2:
            yield (
                (*path, "rubric"),
                "cần ít nhất một mức tính là đạt (met: true) và một mức không (met: false).",
            )
        names: set[str] = set()
        for at, row in levels:
            name = text(row, "name").casefold()
            if name and name in names:
                yield (*at, "name"), "trùng tên với mức khác; mỗi mức một tên."
            names.add(name)


def named_code(row: Any) -> tuple[str, str]:
    """(set, code) of what names an indicator of another set."""
    return text(row, "set"), text(row, "code")


def _totals(data: Row, kinds: Mapping[str, str]) -> Iterator[Error]:
    for path, row in indicators(data):
        parts = row.get("sum_of")
        named = [ref for ref in parts if isinstance(ref, str)] if isinstance(parts, list) else []
        at = (*path, "sum_of")
        if named and text(row, "kind") not in NUMERIC:
            yield at, "chỉ ghi các phần cộng lại cho loại ratio, quantity, count."
        for ref in named:
            if ref not in kinds:
                yield at, f"không có tiêu chí “{ref}” trong kế hoạch; các mã: {listed(kinds)}."
            elif ref == text(row, "ref"):
                yield at, "tiêu chí không là một phần của chính nó."
            elif kinds[ref] not in NUMERIC:
                yield at, f"không cộng được tiêu chí loại {kinds[ref]} (“{ref}”)."


def _targets(data: Row) -> Iterator[Error]:
    amended = {day(row, "in_force_from") for _, row in rows(data, "amendments")}
    seen: dict[tuple[Any, ...], Path] = {}
    for path, row, indicator in targets(data):
        kind, op = text(indicator, "kind"), text(row, "op")
        low, high = number(row, "value"), number(row, "value_to")
        if op == "between" and low is not None and high is not None and high <= low:
            yield (*path, "value_to"), f"mức trên {high} phải lớn hơn mức dưới {low}."
        if kind in WORDS and op and op != "none":
            yield (*path, "op"), f"tiêu chí loại {kind} không có mức bằng số; chỉ ghi none."
        if kind == "yes_no" and op not in {"", "none"} and (op != "=" or low not in {0, 1}):
            yield (
                (*path, "op"),
                'tiêu chí có hoặc không: ghi none, hoặc op "=" với value 1 (có), 0.',
            )
        if text(row, "basis") not in {"", "level"}:
            if kind not in NUMERIC | {"derived", ""}:
                yield (
                    (*path, "basis"),
                    f"tiêu chí loại {kind} không có mức tăng, giảm; bỏ basis.",
                )
            if op == "none":
                yield (*path, "basis"), "mức tăng, giảm phải ghi con số; bỏ basis hoặc ghi value."
        keys = ("level", "unit_kind", "unit", "region", "year", "from")
        rule = (path[:-1], *(str(row.get(key)) for key in keys))
        if rule in seen:
            yield path, "đã có chỉ tiêu cho đúng đối tượng, năm và ngày này; mỗi đối tượng một mức."
        seen[rule] = path
        start = day(row, "from")
        if start and start not in amended:
            yield (
                (*path, "from"),
                (
                    f"chỉ tiêu điều chỉnh từ {shown(start)} cần một mục ở “amendments” với "
                    f"in_force_from {start}."
                ),
            )


def _names(data: Row) -> Iterator[Error]:
    phases = {text(row, "ref") for _, row in rows(data, "phases")}
    groups = {text(row, "ref") for _, row in rows(data, "groups")}
    for path, row in rows(data, "awards", "quotas"):
        phase, parent = text(row, "phase"), row.get("parent")
        if phase and phase not in phases:
            yield (*path, "phase"), f"không có giai đoạn “{phase}”; các mã: {listed(phases)}."
        if isinstance(parent, dict):
            if row.get("upward") is not True:
                yield (
                    path,
                    "trừ vào số lượng cấp trên (parent) thì phải là đề nghị cấp trên (upward).",
                )
            if text(parent, "plan") != text(data, "parent"):
                yield (
                    (*path, "parent", "plan"),
                    (
                        f"“{text(parent, 'plan')}” không phải kế hoạch cấp trên ghi ở khóa parent "
                        f"({text(data, 'parent') or 'để trống'})."
                    ),
                )
    for path, row in rows(data, "duties"):
        named = row.get("groups")
        for index, group in enumerate(named if isinstance(named, list) else ()):
            if isinstance(group, str) and group not in groups:
                at = (*path, "groups", index)
                yield at, f"không có nhóm “{group}”; các mã: {listed(groups)}."
    known = {text(row, "ref") for _, row in indicators(data)}
    for path, row in rows(data, "parent_indicators"):
        by = text(row, "by")
        if by and by not in known:
            yield (
                (*path, "by"),
                f"không có tiêu chí “{by}” trong kế hoạch; các mã: {listed(known)}.",
            )
    if data.get("parent_indicators") and not text(data, "parent"):
        yield ("parent_indicators",), "chỉ ghi khi kế hoạch có kế hoạch cấp trên (parent)."
    if text(data, "parent") and text(data, "parent") == text(data, "ref"):
        yield ("parent",), "kế hoạch không thể là cấp trên của chính nó."


def _scoring(data: Row) -> Iterator[Error]:
    """Names that meet nothing in a scoring table; what does not add up is told when it is issued
    (`config.planfile.scoring`)."""
    groups = {text(row, "ref") for _, row in rows(data, "groups")}
    known = {text(row, "ref") for _, row in indicators(data)}
    amended = {day(row, "in_force_from") for _, row in rows(data, "amendments")}
    taken: set[tuple[str, str, date | None]] = set()
    for at, table in rows(data, "scoring"):
        group, start = text(table, "group"), day(table, "from")
        if group and group not in groups:
            yield (*at, "group"), f"không có nhóm “{group}”; các mã: {listed(groups)}."
        once = (group, str(table.get("from_year")), start)
        if once in taken:
            yield (*at, "from_year"), "nhóm đã có bảng chấm điểm áp dụng từ năm này."
        if start and start not in amended:
            yield (
                (*at, "from"),
                f"bảng chấm điểm điều chỉnh từ {shown(start)} cần một mục ở “amendments” với "
                f"in_force_from {start}.",
            )
        if start and number(table, "from_year") not in (None, start.year):
            yield (
                (*at, "from_year"),
                f"bảng áp dụng từ {shown(start)} thì năm áp dụng là {start.year}.",
            )
        taken.add(once)
        before: set[str] = set()
        for path, row in rows(table, "items"):
            parent = text(row, "parent")
            if parent and parent not in before:
                yield (
                    (*at, *path, "parent"),
                    f"không có mục “{parent}” ở trên; ghi mục trước các mục con của nó.",
                )
            before.add(text(row, "ref"))
        layers = [text(row, "layer") for _, row in rows(table, "layers")]
        for n, layer in enumerate(layers):
            if layer and layer in layers[:n]:
                yield (*at, "layers", n, "layer"), f"lớp “{layer}” ghi hai lần; mỗi lớp một lần."
        bands = {text(row, "ref") for _, row in rows(table, "bands")}
        named = [
            ("items", "indicator", known, "tiêu chí"),
            ("gates", "indicator", known, "tiêu chí"),
            ("gates", "band", bands, "mức xếp loại"),
            ("ties", "indicator", known, "tiêu chí"),
            ("ties", "item", before, "mục"),
        ]
        for part, key, have, noun in named:
            for path, row in rows(table, part):
                ref = text(row, key)
                if ref and ref not in have:
                    message = f"không có {noun} “{ref}”; các mã: {listed(have)}."
                    yield (*at, *path, key), message
