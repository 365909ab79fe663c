"""What a dossier is called, and how papers name what they stand on."""

import re
from datetime import date

# The law in force from a day on (domain, section 1.1); printed without number and agency
# (Decree 30/2020/NĐ-CP, Appendix I, II.6).
LAWS = (
    (
        date(2026, 10, 1),
        (
            "Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022",
            "Căn cứ Luật sửa đổi, bổ sung một số điều của Luật Thi đua, khen thưởng ngày 23 tháng "
            "4 năm 2026",
        ),
    ),
    (date(2024, 1, 1), ("Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022",)),
    (
        date.min,
        (
            "Căn cứ Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003; Luật sửa đổi, bổ sung "
            "một số điều của Luật Thi đua, khen thưởng ngày 14 tháng 6 năm 2005 và ngày 16 tháng "
            "11 năm 2013",
        ),
    ),
)


def law_in_force(day: date) -> tuple[str, ...]:
    """The lines on the law itself in a letter signed on `day`."""
    return next(lines for since, lines in LAWS if since <= day)


def dossier_code(year: int, key: int) -> str:
    """HS-2023-004: the year it was opened and our own key."""
    return f"HS-{year}-{key:03}"


def form_line(code: str, basis: str, *, valid_to: date | None, replacement: str, day: date) -> str:
    """Theo Mẫu số 07 ban hành kèm theo …; a form that has died by `day` says so.

    The plan names the form of its own time; the office reads here what replaced it.
    """
    number = code if code.lower().startswith("mẫu") else f"Mẫu số {code}"
    line = f"Theo {number}" + (f" ban hành kèm theo {basis}" if basis else "")
    if valid_to is None or day <= valid_to:
        return line
    line += f"; mẫu hết hiệu lực sau ngày {valid_to:%d/%m/%Y}"
    return line + (f", thay bằng {replacement}" if replacement else "")


# Kinds of documents that a legal basis may be, the longer name first (Decree 30/2020, Article 7).
DOCUMENT_KINDS = (
    "Nghị quyết", "Nghị định", "Quyết định", "Thông tư", "Chỉ thị", "Chương trình", "Kế hoạch",
    "Hướng dẫn", "Đề án", "Kết luận", "Thông báo", "Công văn", "Văn bản", "Pháp lệnh",
)  # fmt: skip
KIND_OF_DOCUMENT = re.compile("|".join(DOCUMENT_KINDS))


def basis_line(text: str, *, code: str = "", issued_on: date | None = None) -> str:
    """Căn cứ as printed: kind, number, day, agency, subject (Decree 30/2020, Appendix I, II.6).

    Number and day stand behind the kind of document, wherever in the line that is: “Điều 5 Nghị
    định số 91/2017/NĐ-CP ngày 31 tháng 7 năm 2017 của Chính phủ …”.
    """
    said = " ".join(text.split()).rstrip(".;")
    number = f" số {code}" if code and code not in said else ""
    day = f" ngày {day_words(issued_on)}" if issued_on and number else ""
    kind = KIND_OF_DOCUMENT.search(said)
    if kind and number:
        said = f"{said[: kind.end()]}{number}{day}{said[kind.end() :]}"
    elif number:
        said = f"Văn bản{number}{day}: {said}"
    return said if said.startswith(("Căn cứ", "Thực hiện")) else f"Căn cứ {said}"


def day_words(day: date) -> str:
    """“07 tháng 6 năm 2022”: a nought before days below 10 and before months 1 and 2 only."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"{day.day:02} tháng {month} năm {day.year}"
