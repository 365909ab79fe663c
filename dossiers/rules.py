"""What a dossier is called, and which law its letter stands on."""

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
