"""The frozen facts as the paper that an official signs (templates/print/report.html)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from reports.models import Chapter
from reports.rules import ahead_of, blocks, fields_of, filled, told_of
from units.rules import day_text

Plain = dict[str, Any]


# of a criterion in words: what was found, and why there is nothing to be found
TOLD_COUNTS = ("met", "not_met", "waiting", "nothing", "not_applicable", "missing")


def paper_of(snapshot: Mapping[str, Any]) -> Plain:
    """What the print template asks for; pure, no database."""
    document, campaign, period = snapshot["document"], snapshot["campaign"], snapshot["period"]
    plan = " ".join(
        part
        for part in (campaign["document_type"], campaign["number"] and "số", campaign["number"])
        if part
    )
    issued = f" ngày {_day(campaign['issued_on']):%d/%m/%Y}" if campaign["issued_on"] else ""
    scope = snapshot["scope"]
    within = "" if scope["whole"] else f" trong phạm vi {scope['name']}"
    return {
        "is_sample": campaign["is_sample"],
        "parent_agency": document["parent_agency"],
        "agency": document["agency"],
        "agency_name": document["agency_name"],
        "number": None,
        "symbol": document["symbol"],
        "place": document["place"],
        "signed_on": None,
        "year": period["year"],
        "kind": "Báo cáo",
        "subject": document["subject"],
        "addressed_to": [],
        "legal_bases": [],
        "recipients": document["recipients"],
        "archive": document["archive"],
        "signature": {
            "capacity": [*document["capacity"], *filter(None, [document["signer_title"]])]
            or ["Thủ trưởng đơn vị"],
            "post": "",
            "name": "",
        },
        "intro": f"Thực hiện {plan}{issued} của {campaign['issuer']} về "
        f"{_in_a_sentence(campaign['title'])}, "
        f"{document['agency_name']} báo cáo {_told(period)}{within} như sau:",
        "direction": "Số liệu trong báo cáo này tổng hợp từ phiếu kết quả đã được thẩm định đến "
        f"{_moment(snapshot['taken_at'])}. Đơn vị chưa có phiếu được thẩm định được ghi là chưa "
        "có số liệu và không cộng vào mẫu số.",
        "participation": snapshot["participation"],
        "groups": [
            {"name": group["name"], "indicators": [_row(row) for row in group["indicators"]]}
            for group in snapshot["groups"]
        ],
        "told": [
            {key: row[key] for key in ("code", "name", "group", *TOLD_COUNTS)}
            for row in snapshot.get("told", [])
        ],
        "awards": [dict(row) for row in snapshot["awards"]],
        "granted": [
            {
                "name": row["name"],
                "unit": row["unit"],
                "form": row["form"],
                "decision": row["decision"],
                "decided_on": _day(row["decided_on"]),
            }
            for row in snapshot["granted"]
        ],
        "silent": len(snapshot["unreported"]),
        "silent_in": "",
        "child_plans": [
            {**row, "issued_on": _day(row["issued_on"])} for row in snapshot["child_plans"]
        ],
        "next_heading": ahead_of(period.get("kind", "year"), period["year"]),
        "years": snapshot.get("years"),
        "chapters": chapter_blocks(snapshot),
        "closing": f"Trên đây là báo cáo {_in_a_sentence(document['subject'])} của "
        f"{document['agency_name']}",
    }


HEAD_OF_APPENDIX = (
    "is_sample", "kind", "number", "symbol", "signed_on", "year", "agency_name",
)  # fmt: skip


def head_of(paper: Mapping[str, Any]) -> Plain:
    """What the title of an appendix says of the paper that it belongs to."""
    return {key: paper[key] for key in HEAD_OF_APPENDIX}


def audit_note(snapshot: Mapping[str, Any]) -> str:
    """The newest digest of the audit register, "" in facts frozen before there was one."""
    digest = snapshot.get("audit_digest")
    return f"Mã kiểm nhật ký của cổng: {digest}" if digest else ""


def _told(period: Mapping[str, Any]) -> str:
    """Facts of before kinds were kept speak of a year."""
    year = period["year"]
    return told_of(period.get("kind", "year"), period["name"], period.get("first_year", year), year)


def chapter_blocks(snapshot: Mapping[str, Any]) -> Plain:
    """The words of each chapter with their fields printed; [] where nobody wrote any."""
    written = {row["kind"]: row["text"] for row in snapshot.get("chapters", [])}
    fields = fields_of(snapshot) if any(written.values()) else {}
    return {
        kind: [asdict(block) for block in blocks(filled(written.get(kind, ""), fields))]
        for kind in Chapter.Kind.values
    }


def since_text(since: Mapping[str, Any]) -> str:
    """Which version the changes are told against."""
    return (
        f"Thay đổi so với phiên bản {since['version']} đã gửi theo văn bản {since['number']} ngày "
        f"{day_text(_day(since['letter_on']))}"
    )


def _row(row: Mapping[str, Any]) -> Plain:
    kept = ("code", "name", "target", "result", "verdict")
    counts = ("reported", "nothing", "not_applicable", "missing")
    return {
        **{key: row[key] for key in (*kept, *counts)},
        "numerator": _number(row["numerator"]),
        "denominator": _number(row["denominator"]),
    }


def _in_a_sentence(title: str) -> str:
    """A title as it stands inside a sentence: “Tổ chức phong trào…” → “tổ chức phong trào…”."""
    return title[:1].lower() + title[1:]


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _moment(value: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(value)):%H giờ %M ngày %d/%m/%Y}"
