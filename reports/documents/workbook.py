"""The frozen facts as a workbook: real numbers, so that an officer can check every sum."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from reports.documents.paper import TOLD_COUNTS, audit_note, since_text
from units.xlsx import Column, Sheet, Typed, Value

STATES = {
    "reported": "đã nhập",
    "nothing": "không phát sinh",
    "not_applicable": "không áp dụng",
    "missing": "chưa có số liệu",
}


def sheets_of(snapshot: Mapping[str, Any]) -> list[Sheet]:
    """Summary, indicators × units, the raw figures, awards, units that have not reported."""
    campaign, period = snapshot["campaign"], snapshot["period"]
    plan = " ".join(filter(None, [campaign["document_type"], campaign["number"]]))
    lines = [
        f"{campaign['title']} – {period['name']}",
        f"{plan}, {campaign['issuer']}; phạm vi: "
        f"{snapshot['scope']['name']}; số liệu đến {_moment(snapshot['taken_at'])}"
        + ("; số liệu mẫu" if campaign["is_sample"] else ""),
    ]
    return [
        _summary(snapshot, [*lines, *filter(None, [audit_note(snapshot)])]),
        *_matrices(snapshot, lines),
        _raw(snapshot, lines),
        *_told(snapshot, lines),
        _awards(snapshot, lines),
        _unreported(snapshot, lines),
        *_changes(snapshot, lines),
    ]


def _summary(snapshot: Mapping[str, Any], lines: list[str]) -> Sheet:
    return Sheet(
        title="Tổng hợp",
        heading_lines=lines,
        freeze_columns=2,
        columns=[
            Column("Đối tượng", width=26),
            Column("Mã", width=9),
            Column("Tiêu chí", width=60),
            Column("Mục tiêu", width=18),
            Column("Tử số", "decimal"),
            Column("Mẫu số", "decimal"),
            Column("Kết quả", "decimal"),
            Column("Đánh giá", width=20),
            Column("Đã nhập", "integer", 10),
            Column("Không phát sinh", "integer", 10),
            Column("Không áp dụng", "integer", 10),
            Column("Chưa có số liệu", "integer", 10),
            Column("Đạt", "integer", 8),
            Column("Chưa đạt", "integer", 8),
        ],
        rows=[
            (
                group["name"],
                row["code"],
                row["name"],
                row["target"],
                _number(row["numerator"]),
                _number(row["denominator"]),
                _figure(row),
                row["verdict"],
                *(row[key] for key in ("reported", "nothing", "not_applicable", "missing")),
                row["met"],
                row["not_met"],
            )
            for group in snapshot["groups"]
            for row in group["indicators"]
        ],
    )


def _matrices(snapshot: Mapping[str, Any], lines: list[str]) -> Iterator[Sheet]:
    """Indicators × units: one sheet a group, one line a unit."""
    for group in snapshot["groups"]:
        if not group["units"]:
            continue
        names = {row["code"]: row["name"] for row in group["indicators"]}
        cells = group["units"][0]["cells"]
        yield Sheet(
            title=f"ĐV {group['name']}",
            heading_lines=[*lines, group["name"]],
            freeze_columns=1,
            columns=[
                Column("Đơn vị", width=44),
                *(
                    Column(f"{cell['code']} {names[cell['code']]}"[:120], "decimal", 16)
                    for cell in cells
                ),
            ],
            rows=[(line["unit"], *map(_cell, line["cells"])) for line in group["units"]],
        )


def _raw(snapshot: Mapping[str, Any], lines: list[str]) -> Sheet:
    return Sheet(
        title="Số liệu gốc",
        heading_lines=lines,
        freeze_columns=3,
        columns=[
            Column("Đối tượng", width=26),
            Column("Đơn vị", width=44),
            Column("Mã", width=9),
            Column("Tình trạng", width=16),
            Column("Tử số", "decimal"),
            Column("Mẫu số", "decimal"),
            Column("Kết quả", "decimal"),
            Column("Mục tiêu", width=18),
            Column("Đánh giá", width=14),
            Column("Lý do", width=40),
        ],
        rows=[
            (
                group["name"],
                line["unit"],
                cell["code"],
                STATES[cell["state"]],
                _number(cell["numerator"]),
                _number(cell["denominator"]),
                _figure(cell) if cell["state"] == "reported" else None,
                cell["target"],
                cell["verdict"],
                cell["reason"],
            )
            for group in snapshot["groups"]
            for line in group["units"]
            for cell in line["cells"]
            if cell["state"]
        ],
    )


def _told(snapshot: Mapping[str, Any], lines: list[str]) -> Iterator[Sheet]:
    """Criteria in words: how many units meet each, then what each unit told and what was found."""
    told = snapshot.get("told")
    if not told:
        return
    yield Sheet(
        title="Định tính",
        heading_lines=[*lines, "Số đơn vị theo kết quả xét; không cộng vào chỉ tiêu định lượng"],
        freeze_columns=2,
        columns=[
            Column("Đối tượng", width=26),
            Column("Mã", width=9),
            Column("Tiêu chí", width=60),
            Column("Đạt", "integer", 8),
            Column("Chưa đạt", "integer", 8),
            Column("Chưa xét", "integer", 8),
            Column("Không phát sinh", "integer", 10),
            Column("Không áp dụng", "integer", 10),
            Column("Chưa có nội dung", "integer", 10),
        ],
        rows=[
            (row["group"], row["code"], row["name"], *(row[key] for key in TOLD_COUNTS))
            for row in told
        ],
    )
    yield Sheet(
        title="Nội dung định tính",
        heading_lines=lines,
        freeze_columns=3,
        columns=[
            Column("Đối tượng", width=26),
            Column("Đơn vị", width=44),
            Column("Mã", width=9),
            Column("Mức tự nhận", width=18),
            Column("Mức được xét", width=18),
            Column("Kết quả xét", width=14),
            Column("Lý do", width=40),
            Column("Người xét", width=36),
            Column("Nội dung đơn vị báo cáo", width=80),
        ],
        rows=[
            (
                row["group"],
                one["unit"],
                row["code"],
                one["claim"],
                one["level"] if one["by"] else "",
                one["word"],
                one["why"],
                one["by"],
                one["text"],
            )
            for row in told
            for one in row["units"]
        ],
    )


def _awards(snapshot: Mapping[str, Any], lines: list[str]) -> Sheet:
    return Sheet(
        title="Khen thưởng",
        heading_lines=lines,
        freeze_columns=1,
        columns=[
            Column("Họ tên, tên tập thể", width=36),
            Column("Đối tượng", width=14),
            Column("Đơn vị", width=44),
            Column("Hình thức", width=44),
            Column("Quyết định", width=22),
            Column("Ngày", "date", 12),
            Column("Thành tích", width=60),
        ],
        rows=[
            (
                row["name"],
                row["kind"],
                row["unit"],
                row["form"],
                row["decision"],
                date.fromisoformat(row["decided_on"]) if row["decided_on"] else None,
                row["achievement"],
            )
            for row in snapshot["granted"]
        ],
    )


def _unreported(snapshot: Mapping[str, Any], lines: list[str]) -> Sheet:
    return Sheet(
        title="Đơn vị chưa báo cáo",
        heading_lines=lines,
        freeze_columns=1,
        columns=[
            Column("Đơn vị", width=50),
            Column("Loại", width=36),
            Column("Hạn báo cáo", "date", 14),
            Column("Tình trạng", width=20),
            Column("Ghi chú", width=40),
        ],
        rows=[
            (
                row["name"],
                row["kind"],
                date.fromisoformat(row["due_on"]) if row["due_on"] else None,
                row["state"],
                row["note"],
            )
            for row in snapshot["unreported"]
        ],
    )


def _changes(snapshot: Mapping[str, Any], lines: list[str]) -> Iterator[Sheet]:
    """One line a change since the version that was sent."""
    changes = snapshot.get("changes")
    if not changes:
        return
    yield Sheet(
        title="Thay đổi",
        heading_lines=[*lines, since_text(changes["since"])],
        freeze_columns=2,
        columns=[
            Column("Loại", width=24),
            Column("Đơn vị, đối tượng", width=44),
            Column("Mã", width=9),
            Column("Tiêu chí, hình thức", width=50),
            Column("Trước", width=28),
            Column("Nay", width=28),
            Column("Mở lại", width=34),
            Column("Lý do", width=40),
            Column("Thẩm định", width=34),
        ],
        rows=list(_changed(changes)),
    )


def _changed(changes: Mapping[str, Any]) -> Iterator[tuple[Value, ...]]:
    blank = ("",) * 4
    for row in changes["came_in"]:
        yield ("Đơn vị mới có số liệu", row["unit"], *blank, "", "", _by(row["by"], row["at"]))
    for row in changes["withdrawn"]:
        yield (
            "Đơn vị không còn số liệu",
            row["unit"],
            *blank,
            _by(row["by"], row["at"]),
            row["why"],
            "",
        )
    for row in changes["joined"]:
        yield ("Đơn vị mới tham gia", row["unit"], *blank, "", "", "")
    for row in changes["left"]:
        yield ("Đơn vị thôi tham gia", row["unit"], *blank, "", "", "")
    for row in changes["totals"]:
        yield (
            "Kết quả chung",
            row["group"],
            row["code"],
            row["name"],
            row["before"],
            row["after"],
            "",
            "",
            "",
        )
    figures = [("Số liệu đơn vị", row) for row in changes["figures"]]
    answers = [("Câu trả lời đơn vị", row) for row in changes.get("answers", [])]
    for kind, row in (*figures, *answers):
        yield (
            kind,
            row["unit"],
            row["code"],
            row["name"],
            row["before"],
            row["after"],
            _by(row["reopened_by"], row["reopened_at"]),
            row["why"],
            _by(row["verified_by"], row["verified_at"]),
        )
    for kind, rows in (("Được khen thêm", "awarded"), ("Không còn được khen", "revoked")):
        for row in changes[rows]:
            yield (kind, row["name"], "", row["form"], "", row["decision"], "", "", "")


def _by(who: str, at: str) -> str:
    return ", ".join(filter(None, (who, at)))


def _cell(cell: Mapping[str, Any]) -> Value:
    """A figure where there is one, else the word for why there is none."""
    if cell["state"] == "reported":
        return _figure(cell)
    return STATES.get(cell["state"], "không áp dụng")


def _figure(row: Mapping[str, Any]) -> Value:
    """A share as a real percentage, anything else as its own number or word."""
    if row["percent"] is not None:
        return Typed(Decimal(row["percent"]) / 100, "percent")
    if row["value"] is not None:
        return Decimal(row["value"])
    return row.get("shown") or row.get("result")


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _moment(value: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(value)):%H:%M ngày %d/%m/%Y}"
