"""How a typed cell is read, and when a duty is due."""

from datetime import date
from decimal import Decimal

import pytest
from django.http import QueryDict

from campaigns import forms
from campaigns.rules import (
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    REPORTED,
    Judgement,
    Question,
    Reading,
    Span,
    cell_words,
    duty_day,
    is_a_year_before,
    judgement,
    measured_of,
    read_cell,
    typed_of,
)
from criteria.rules import GE, Measured, Rule, Verdict

RATIO = Question("ratio", "Đã ký số", "Tổng văn bản")


def test_a_ratio_is_read() -> None:
    reading = read_cell(RATIO, {"numerator": " 4.218 ", "denominator": "4231"})
    assert reading == Reading(REPORTED, Decimal(4218), Decimal(4231))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"numerator": "4.231", "denominator": "4.218"},
            "“Đã ký số” (4.231) lớn hơn “Tổng văn bản” (4.218). Nhập số từ 0 đến 4.218, "
            "hoặc sửa “Tổng văn bản”.",
        ),
        ({"numerator": "5"}, "Còn thiếu “Tổng văn bản”. Nhập cả hai số."),
        ({"denominator": "5"}, "Còn thiếu “Đã ký số”. Nhập cả hai số."),
        ({"numerator": "-1", "denominator": "5"}, "“Đã ký số” không được âm. Nhập số từ 0 trở"),
        ({"numerator": "0", "denominator": "0"}, "“Tổng văn bản” bằng 0 nên không có tỷ lệ."),
        ({"numerator": "x", "denominator": "5"}, "Đã ký số: “x” không đọc được là một số."),
        ({"reason": "mất điện"}, "Đã ghi lý do nhưng chưa chọn."),
        ({"choice": "nothing"}, "Ghi lý do của “không phát sinh”."),
        ({"choice": "all", "reason": "x"}, "Chọn “Không phát sinh” hoặc “Không áp dụng”"),
        (
            {"choice": "nothing", "reason": "x", "numerator": "1"},
            "Đã chọn “không phát sinh” nhưng ô vẫn còn nội dung.",
        ),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_sentence(typed: dict[str, str], sentence: str) -> None:
    reading = read_cell(RATIO, typed)
    assert reading.state == MISSING
    assert reading.problem.startswith(sentence)
    assert reading.typed == typed


def test_parts_of_a_ratio_that_are_counted_are_whole() -> None:
    question = Question("ratio", "Người đã tập huấn", "Tổng số người", counts=True)
    wrong = read_cell(question, {"numerator": "12", "denominator": "1,250"})
    assert wrong.problem.startswith("Tổng số người: “1,250” là 1,25 theo cách viết Việt Nam")
    assert wrong.typed == {"numerator": "12", "denominator": "1,250"}
    assert read_cell(question, {"numerator": "12", "denominator": "1.250"}).denominator == 1250
    assert read_cell(RATIO, {"numerator": "1,2", "denominator": "1,250"}).denominator == Decimal(
        "1.25"
    )


def test_an_empty_cell_is_missing_without_a_problem() -> None:
    assert read_cell(RATIO, {"numerator": " ", "choice": ""}) == Reading()


@pytest.mark.parametrize("choice", [NOTHING, NOT_APPLICABLE])
def test_no_figure_needs_a_choice_and_a_reason(choice: str) -> None:
    reading = read_cell(RATIO, {"choice": choice, "reason": "Không có hồ sơ"})
    assert reading == Reading(choice, reason="Không có hồ sơ")


@pytest.mark.parametrize(
    ("whole", "sentence"),
    [
        (None, "Mẫu số là tử số của CT10, chưa có số liệu."),
        (Decimal(0), "Tử số của CT10 bằng 0"),
        (Decimal(4), "“Được học” (5) lớn hơn “Tổng” (4). Nhập số từ 0 đến 4, hoặc sửa CT10."),
    ],
)
def test_a_part_waits_for_its_whole(whole: Decimal | None, sentence: str) -> None:
    question = Question("ratio", "Được học", "Tổng", part_of="CT10", whole=whole)
    reading = read_cell(question, {"numerator": "5", "denominator": "999"})
    assert reading.problem.startswith(sentence)
    assert reading.typed == {"numerator": "5"}


def test_a_part_takes_its_denominator_from_the_whole() -> None:
    question = Question("ratio", part_of="CT10", whole=Decimal(50))
    assert read_cell(question, {"numerator": "5"}).denominator == 50


@pytest.mark.parametrize(
    ("kind", "typed", "reading"),
    [
        ("quantity", {"value": "-1,5"}, Reading(REPORTED, value=Decimal("-1.5"))),
        ("count", {"value": "12"}, Reading(REPORTED, value=Decimal(12))),
        ("yes_no", {"yes": "yes"}, Reading(REPORTED, yes=True)),
        ("yes_no", {"yes": "no"}, Reading(REPORTED, yes=False)),
        ("narrative", {"text": "a\r\nb"}, Reading(REPORTED, text="a\nb")),
        ("qualitative", {"text": "Đa\u0323t"}, Reading(REPORTED, text="Đạt")),
    ],
)
def test_other_kinds(kind: str, typed: dict[str, str], reading: Reading) -> None:
    assert read_cell(Question(kind), typed) == reading


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("count", {"value": "1,5"}),
        ("count", {"value": "1,000"}),
        ("count", {"value": "-1"}),
        ("yes_no", {"yes": "maybe"}),
    ],
)
def test_other_kinds_refuse(kind: str, typed: dict[str, str]) -> None:
    assert read_cell(Question(kind), typed).problem


def test_yes_counts_one() -> None:
    assert Reading(yes=True).measured == Measured(value=Decimal(1))
    assert measured_of(None, None, None, False).value == 0


# --- judgement and words --------------------------------------------------------------------------
def test_judgement_of_each_state() -> None:
    verdicts = [
        judgement(state, Measured(), None, kind="ratio").verdict
        for state in (MISSING, NOTHING, NOT_APPLICABLE, REPORTED)
    ]
    assert verdicts == [
        Verdict.NO_DATA,
        Verdict.NOTHING,
        Verdict.NOT_APPLICABLE,
        Verdict.NOT_JUDGED,
    ]


def test_judgement_of_a_ratio_shows_what_is_missing() -> None:
    held = judgement(
        REPORTED,
        Measured(Decimal(298), Decimal(312)),
        Rule(GE, Decimal(100)),
        kind="ratio",
        noun="sản phẩm",
    )
    assert (held.verdict, held.shown, held.shortfall) == (
        Verdict.NOT_MET,
        "95,5%",
        "thiếu 14 sản phẩm",
    )


def test_judgement_of_numbers_and_answers() -> None:
    def of(kind: str, value: str, **more: str) -> Judgement:
        return judgement(
            REPORTED,
            Measured(value=Decimal(value)),
            Rule(GE, Decimal(1)),
            kind=kind,
            **more,  # type: ignore[arg-type]
        )

    assert of("count", "0", suffix=" mô hình", noun="mô hình").shortfall == "thiếu 1 mô hình"
    assert of("quantity", "1234.5", suffix=" ha").shown == "1.234,5 ha"
    assert (of("yes_no", "0").shown, of("yes_no", "0").shortfall) == ("Không", "")
    assert of("yes_no", "1").shown == "Có"
    assert judgement(REPORTED, Measured(), None, kind="narrative").shown == "Đã trả lời"


def test_cell_in_words() -> None:
    pair = Measured(Decimal(44), Decimal(53))
    assert cell_words(MISSING, Measured(), kind="ratio") == "trống"
    assert cell_words(NOTHING, Measured(), kind="ratio") == "“không phát sinh”"
    assert cell_words(REPORTED, pair, kind="ratio") == "44 trên 53"
    assert cell_words(REPORTED, Measured(value=Decimal(1)), kind="yes_no") == "“có”"
    assert cell_words(REPORTED, Measured(value=Decimal(0)), kind="yes_no") == "“không”"
    assert cell_words(REPORTED, Measured(value=Decimal("2.5")), kind="quantity") == "2,5"
    assert cell_words(REPORTED, Measured(), kind="narrative", text="ngắn") == "“ngắn”"
    assert cell_words(REPORTED, Measured(), kind="narrative", text="a" * 70).endswith("a…”")


def test_a_stored_value_is_shown_as_it_would_be_typed() -> None:
    typed = typed_of(REPORTED, Measured(Decimal("4231.5000"), Decimal(9000)), kind="ratio")
    assert read_cell(RATIO, typed).numerator == Decimal("4231.5")
    assert typed_of(REPORTED, Measured(value=Decimal(0)), kind="yes_no")["yes"] == "no"
    assert typed_of(REPORTED, Measured(value=Decimal(1)), kind="yes_no")["yes"] == "yes"
    typed = typed_of(NOTHING, Measured(), kind="ratio", reason="vì")
    assert (typed["choice"], typed["reason"]) == ("nothing", "vì")


# --- days -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("relation", "month", "day", "on", "text", "due_on", "words"),
    [
        (
            "before",
            11,
            30,
            None,
            "",
            date(2024, 11, 29),
            "trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
        ),
        ("on", 12, 10, None, "", date(2024, 12, 10), "ngày 10/12/2024"),
        ("on", 11, 31, None, "", date(2024, 11, 30), "ngày 30/11/2024"),
        (
            "before",
            None,
            None,
            date(2023, 6, 30),
            "",
            date(2023, 6, 29),
            "trước ngày 30/06/2023, tức chậm nhất 29/06/2023",
        ),
        (
            "within",
            None,
            None,
            date(2023, 6, 30),
            "trong quý II năm 2023",
            date(2023, 6, 30),
            "trong quý II năm 2023",
        ),
        ("within", 6, 30, None, "", date(2024, 6, 30), "chậm nhất ngày 30/06/2024"),
        ("before", None, None, None, "sẽ có hướng dẫn sau", None, "sẽ có hướng dẫn sau"),
        ("on", None, None, None, "", None, "Kế hoạch không ghi ngày"),
    ],
)
def test_duty_day(
    relation: str,
    month: int | None,
    day: int | None,
    on: date | None,
    text: str,
    due_on: date | None,
    words: str,
) -> None:
    due = duty_day(relation, month=month, day=day, on=on, year=2024, text=text)
    assert (due.due_on, due.words) == (due_on, words)


def test_a_version_nobody_could_have_been_shown_counts_as_none() -> None:
    post = QueryDict(mutable=True)
    post["r7-version"] = "9" * 5000
    assert forms.cell(post, 7) == ({}, 0)
    post["r7-version"] = "12"
    assert forms.cell(post, 7) == ({}, 12)


def test_a_nul_is_left_out_of_what_is_typed() -> None:
    assert read_cell(Question("narrative"), {"text": "a\0b"}).text == "ab"


def span(kind: str, first: str, last: str) -> Span:
    return Span(kind, date.fromisoformat(first), date.fromisoformat(last))


THE_YEAR = span("year", "2024-01-01", "2024-12-31")
FIRST_HALF = span("half", "2024-01-01", "2024-06-30")


@pytest.mark.parametrize(
    ("other", "this", "same"),
    [
        (span("year", "2023-01-01", "2023-12-31"), THE_YEAR, True),
        (span("year", "2023-09-01", "2023-12-31"), THE_YEAR, True),
        (span("year", "2022-12-15", "2023-12-31"), THE_YEAR, True),
        (span("year", "2022-01-01", "2022-12-31"), THE_YEAR, False),
        (span("half", "2023-01-01", "2023-12-31"), THE_YEAR, False),
        (span("half", "2023-01-01", "2023-06-30"), FIRST_HALF, True),
        (span("half", "2023-03-10", "2023-06-30"), FIRST_HALF, True),
        (span("half", "2023-01-01", "2023-05-31"), FIRST_HALF, True),
        (span("half", "2023-07-01", "2023-12-31"), FIRST_HALF, False),
    ],
)
def test_the_same_time_of_the_year_before(other: Span, this: Span, same: bool) -> None:
    assert is_a_year_before(other, this) is same
