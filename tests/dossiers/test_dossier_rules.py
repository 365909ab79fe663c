"""Rules of dossiers, without a database."""

from datetime import date

import pytest

from dossiers.rules import dossier_code, form_line, law_in_force


@pytest.mark.parametrize(
    ("day", "words", "lines"),
    [
        (date(2023, 12, 31), "ngày 26 tháng 11 năm 2003", 1),
        (date(2024, 1, 1), "ngày 15 tháng 6 năm 2022", 1),
        (date(2026, 9, 30), "ngày 15 tháng 6 năm 2022", 1),
        (date(2026, 10, 1), "ngày 15 tháng 6 năm 2022", 2),
    ],
)
def test_the_law_is_that_of_the_day(day: date, words: str, lines: int) -> None:
    found = law_in_force(day)
    assert words in found[0]
    assert len(found) == lines


def test_a_code_is_year_and_key() -> None:
    assert dossier_code(2024, 7) == "HS-2024-007"
    assert dossier_code(2024, 1234) == "HS-2024-1234"


@pytest.mark.parametrize(
    ("code", "basis", "valid_to", "replacement", "line"),
    [
        ("07", "", None, "", "Theo Mẫu số 07"),
        ("Mẫu số 07", "Nghị định A", None, "", "Theo Mẫu số 07 ban hành kèm theo Nghị định A"),
        ("07", "", date(2024, 5, 1), "Mẫu số 02", "Theo Mẫu số 07"),
        (
            "07",
            "",
            date(2024, 4, 30),
            "",
            "Theo Mẫu số 07; mẫu hết hiệu lực sau ngày 30/04/2024",
        ),
        (
            "07",
            "",
            date(2024, 4, 30),
            "Mẫu số 02",
            "Theo Mẫu số 07; mẫu hết hiệu lực sau ngày 30/04/2024, thay bằng Mẫu số 02",
        ),
    ],
)
def test_a_form_says_whether_it_is_still_in_force(
    code: str, basis: str, valid_to: date | None, replacement: str, line: str
) -> None:
    said = form_line(code, basis, valid_to=valid_to, replacement=replacement, day=date(2024, 5, 1))
    assert said == line
