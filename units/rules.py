"""Plain rules that every floor of the house stands on: refusals, text, dates, roles."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple


class DomainError(Exception):
    """An act refused; its Vietnamese sentence names the thing, the rule and the way out."""


# --- text ----------------------------------------------------------------------------------------
# What nobody sees: breaks of word processors and pages; then control characters of all kinds, marks
# that turn the direction of what follows, and halves of characters.
BREAKS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
UNSEEN = re.compile(f"{BREAKS.pattern}|{CONTROL.pattern}")
# The most that may be typed, in characters, by what it is: a reason, an answer in words (the cell
# of a workbook holds 32.767), a part of a paper.
REASON, WORDS, PAPER = 2_000, 10_000, 20_000


def nfc(text: str) -> str:
    """Typed text in one Unicode form, so that equal words are equal strings; `visible`."""
    return unicodedata.normalize("NFC", visible(text))


def visible(text: str) -> str:
    """Without what nobody sees and neither PostgreSQL nor a paper holds. What broke a line or a
    page elsewhere breaks the line here, so that no two words grow together."""
    return CONTROL.sub("", BREAKS.sub("\n", text)) if UNSEEN.search(text) else text


def one_line(text: str) -> str:
    """`nfc` of what has its place in one line."""
    return re.sub(r"\s*[\r\n]+\s*", " ", nfc(text))


def within(label: str, text: str, limit: int) -> str:
    """The text itself. Raises DomainError, with how long it is and may be, when it is longer."""
    if len(text) > limit:
        raise DomainError(
            f"“{label[:1].upper()}{label[1:]}” dài {decimal_text(len(text))} ký tự, nhiều nhất "
            f"{decimal_text(limit)}. Viết gọn lại."
        )
    return text


def fold(text: str) -> str:
    """Vietnamese without marks and case, đ included: the one function for index and query.

    NFD leaves đ untouched, so it is mapped by hand.
    """
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", kept).strip().lower()


def slug(text: str) -> str:
    """A `ref` made from a name: letters, digits and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


REF_PATTERN = r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$"


def decimal_text(value: Decimal | int, digits: int | None = None) -> str:
    """4231.5 → "4.231,5": decimal comma, point between thousands, no needless zeros."""
    number = Decimal(value)
    text = f"{number:,.{digits}f}" if digits is not None else f"{number:,f}"
    if digits is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def day_text(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


PEOPLES_COMMITTEE = "ubnd-"  # how the kinds of unit begin that stand at the head of their papers


# --- time ----------------------------------------------------------------------------------------
FIRST_YEAR, LAST_YEAR = 1900, 2100  # a day outside is a slip of the hand


def far_off(day: date) -> str:
    """What is said of a day that nobody can mean; "" for any other."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return ""
    return f"Năm {day.year} không đúng; ghi ngày từ năm {FIRST_YEAR} đến năm {LAST_YEAR}."


def on_a_day(day: date, valid_from: date | None, valid_to: date | None) -> bool:
    """Whether something with a life span lives on `day`; both ends belong to the life."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


# --- roles ---------------------------------------------------------------------------------------
class Permission(NamedTuple):
    codename: str
    name: str


VIEW = "view_records"
CONSOLIDATE = "consolidate"
ENTER = "enter_results"
SIGN = "sign_results"
VERIFY = "verify_results"
PLAN = "plan_campaigns"
NOMINATE = "nominate"
APPRAISE = "appraise"
COUNCIL = "keep_council"
DECIDE = "decide"
ACCOUNTS = "manage_accounts"

PERMISSIONS = (
    Permission(VIEW, "Xem hồ sơ, số liệu của đơn vị"),
    Permission(CONSOLIDATE, "Lập báo cáo tổng hợp"),
    Permission(ENTER, "Nhập kết quả"),
    Permission(SIGN, "Ký gửi kết quả"),
    Permission(VERIFY, "Thẩm định kết quả"),
    Permission(PLAN, "Xây dựng kế hoạch phong trào"),
    Permission(NOMINATE, "Đề nghị khen thưởng"),
    Permission(APPRAISE, "Thẩm định hồ sơ khen thưởng"),
    Permission(COUNCIL, "Ghi biên bản, kết quả phiên họp hội đồng"),
    Permission(DECIDE, "Quyết định khen thưởng"),
    Permission(ACCOUNTS, "Quản lý tài khoản"),
)
# Seeing and consolidating reach every unit below; what acts holds for the named unit alone
# unless the grant says otherwise (design, section 4).
FLOWS_DOWN = frozenset({VIEW, CONSOLIDATE})


class Role(NamedTuple):
    """A named bundle of permissions on one unit, as officials speak of it."""

    code: str
    name: str
    permissions: tuple[str, ...]


ROLES = {
    role.code: role
    for role in (
        Role("clerk", "Cán bộ nhập liệu", (VIEW, ENTER)),
        Role("head_of_unit", "Thủ trưởng đơn vị", (VIEW, ENTER, SIGN, NOMINATE)),
        Role("standing_agency", "Cơ quan thường trực", (VIEW, VERIFY, PLAN, CONSOLIDATE)),
        Role("lead_department", "Đơn vị chủ trì chỉ tiêu", (VIEW,)),
        Role("bloc_leader", "Khối trưởng, Cụm trưởng", (VIEW, VERIFY, CONSOLIDATE)),
        Role("council_member", "Ủy viên hội đồng", ()),
        Role("council_secretary", "Thư ký hội đồng", (COUNCIL,)),
        Role("council_chair", "Chủ tịch hội đồng", ()),
        Role("home_affairs", "Cán bộ Sở Nội vụ", (VIEW, CONSOLIDATE, APPRAISE)),
        Role("decider", "Người có thẩm quyền quyết định", (VIEW, DECIDE)),
        Role("account_admin", "Quản trị tài khoản", (ACCOUNTS,)),
    )
}


def role_permissions(codes: set[str]) -> set[str]:
    """Every permission that a person's roles on one unit give together."""
    return {permission for code in codes for permission in ROLES[code].permissions}


# --- the year of a bloc --------------------------------------------------------------------------
HEAD = "head"


class BlocSeat(NamedTuple):
    """One line of a bloc's list of a year: the unit, its role, its life span and, where it has one,
    the other bloc of the same organiser in which it sits that year."""

    unit: str
    role: str
    valid_from: date | None = None
    valid_to: date | None = None
    elsewhere: str = ""


def bloc_faults(seats: Iterable[BlocSeat], year: int) -> list[str]:
    """What is wrong with the list of a bloc for `year`, one sentence a fault.

    A bloc has one head a year, who rotates; a unit sits in one bloc of an organiser and lives in
    the year (domain, section 6.1).
    """
    rows, found = list(seats), []
    names = [seat.unit for seat in rows]
    found += [
        f"{name} có mặt {names.count(name)} lần trong danh sách. Giữ một dòng."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    for seat in rows:
        if seat.valid_to and seat.valid_to < date(year, 1, 1):
            found.append(
                f"{seat.unit} đã kết thúc hoạt động ngày {day_text(seat.valid_to)}, trước năm "
                f"{year}. Bỏ khỏi danh sách hoặc chọn đơn vị kế thừa."
            )
        if seat.valid_from and seat.valid_from > date(year, 12, 31):
            found.append(
                f"{seat.unit} hoạt động từ ngày {day_text(seat.valid_from)}, sau năm {year}. Bỏ "
                "khỏi danh sách."
            )
        if seat.elsewhere:
            found.append(
                f"{seat.unit} đã thuộc {seat.elsewhere} trong năm {year}. Mỗi năm một đơn vị chỉ "
                "thi đua trong một Khối, Cụm của cùng cơ quan tổ chức."
            )
    heads = [seat.unit for seat in rows if seat.role == HEAD]
    if not heads:
        found.append(f"Danh sách năm {year} chưa có đơn vị làm Trưởng. Chọn một đơn vị.")
    if len(heads) > 1:
        found.append(
            f"Danh sách năm {year} có {len(heads)} đơn vị làm Trưởng: {', '.join(heads)}. Chỉ chọn "
            "một."
        )
    if len(rows) < 2:
        found.append("Khối, Cụm phải có từ hai đơn vị trở lên.")
    return found


# --- what a form says ----------------------------------------------------------------------------
FIELD_SENTENCES = {
    "text": ("Nhập “{}”.", "Nội dung ghi ở “{}” không hợp lệ. Xóa đi rồi nhập lại."),
    "choice": ("Chọn “{}”.", "Mục đã chọn ở “{}” không có trong danh sách. Chọn lại."),
    "number": (
        "Nhập “{}” bằng chữ số.",
        "“{}” phải là số nguyên viết bằng chữ số, ví dụ 5. Nhập lại.",
    ),
    "day": ("Nhập “{}”.", "“{}” phải là một ngày có thật, ví dụ 24/11/2025. Nhập lại."),
    "clock": ("Nhập “{}”.", "“{}” phải là giờ và phút, ví dụ 08:30. Nhập lại."),
}


def field_sentences(label: str, kind: str) -> dict[str, str]:
    """What a form says of a field, by the code of the error: the field, the rule, the way out.

    kind: a key of FIELD_SENTENCES. Django's own words name neither the field nor the way out.
    """
    required, invalid = (sentence.format(label) for sentence in FIELD_SENTENCES[kind])
    return {
        "required": required,
        "invalid": invalid,
        "invalid_choice": invalid,
        "max_length": f"“{label}” dài %(show_value)d ký tự, nhiều nhất %(limit_value)d. "
        "Viết gọn lại.",
        "min_value": f"“{label}” phải từ %(limit_value)s trở lên. Nhập lại.",
        "max_value": f"“{label}” nhiều nhất là %(limit_value)s. Nhập lại.",
    }


# --- reminders by mail ---------------------------------------------------------------------------
NEVER, DAILY, WEEKLY = "never", "daily", "weekly"
REMINDERS = {NEVER: "không gửi", DAILY: "mỗi ngày", WEEKLY: "mỗi tuần một lần"}


def reminder_due(rhythm: str, last: date | None, today: date) -> bool:
    """Whether somebody may be reminded today: once a day, or once a week from Monday on."""
    if rhythm == NEVER:
        return False
    begin = today - timedelta(days=today.weekday()) if rhythm == WEEKLY else today
    return last is None or last < begin


# --- the audit register, sealed day by day --------------------------------------------------------
SEALED_FIELDS = (
    "id",
    "at",
    "actor_id",
    "action",
    "subject_type",
    "subject_id",
    "subject_name",
    "unit_id",
    "before",
    "after",
    "note",
    "data",
)


def day_digest(previous: str, day: date, entries: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the digest of the day before, the day, and its entries in their order."""
    plain = ({name: entry[name] for name in SEALED_FIELDS} for entry in entries)
    return rows_digest(f"{previous}\n{day.isoformat()}\n", plain)


def rows_digest(head: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over `head` and the rows in their order.

    Each row is one line of JSON, keys sorted, moments in UTC, decimals without the zeros at their
    end; JSON has no line break of its own, so no two lists give the same bytes.
    """
    sealed = hashlib.sha256(head.encode())
    for row in rows:
        line = json.dumps(row, sort_keys=True, ensure_ascii=False, default=_plain)
        sealed.update(f"{line}\n".encode())
    return sealed.hexdigest()


def _plain(value: datetime | Decimal) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.astimezone(UTC).isoformat(timespec="microseconds")
