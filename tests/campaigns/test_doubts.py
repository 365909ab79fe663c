"""Figures that can be read and may still be wrong: told, or asked about before sending."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import Period, ResultSheet
from campaigns.rules import Doubt, doubts, falls_below
from criteria.models import Indicator
from criteria.rules import Measured
from tests.campaigns.world import World
from tests.factories import NOW, PeriodFactory
from units.models import User
from units.rules import DomainError

ClientOf = Callable[[User], Client]
THEN = "năm 2023"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def pair(numerator: int, denominator: int) -> Measured:
    return Measured(Decimal(numerator), Decimal(denominator))


def one(value: str) -> Measured:
    return Measured(value=Decimal(value))


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (pair(75, 100), pair(50, 100), "Tăng 25,0 điểm phần trăm so với năm 2023."),
        (pair(1, 3), pair(2, 3), "Giảm 33,3 điểm phần trăm so với năm 2023."),
        (pair(7499, 10000), pair(5000, 10000), None),
        (pair(440, 530), pair(44, 53), "Mẫu số lớn hơn nhiều so với năm 2023 (53)."),
        (pair(45, 50), pair(450, 500), "Mẫu số nhỏ hơn nhiều so với năm 2023 (500)."),
        (pair(45, 249), pair(9, 50), None),
        (pair(4, 5), pair(1, 1), None),
        (Measured(Decimal(9), Decimal(50), None), one("18"), None),
        (pair(44, 53), pair(44, 53), "Giống hệt số năm 2023."),
        (pair(88, 106), pair(44, 53), None),
        (pair(53, 53), pair(53, 53), None),
        (pair(0, 53), pair(0, 53), None),
        (one("10"), one("5"), "Tăng nhiều so với năm 2023 (5)."),
        (one("9.9"), one("5"), None),
        (one("0"), one("5"), "Giảm nhiều so với năm 2023 (5)."),
        (one("1"), one("4"), None),
        (one("-6"), one("6"), None),
        (one("12.5"), None, None),
        (Measured(), one("1"), None),
        (one("1"), Measured(), None),
    ],
)
def test_a_figure_beside_the_one_before(
    now: Measured, before: Measured | None, told: str | None
) -> None:
    found = doubts(now, before, kind="quantity", then=THEN)
    assert found == ([Doubt(told)] if told else [])


@pytest.mark.parametrize(
    ("now", "before", "kind", "told"),
    [
        (one("7"), one("40"), "quantity", True),
        (one("40"), one("40"), "quantity", False),
        (one("0"), one("1"), "yes_no", False),
        (Measured(), one("1"), "quantity", False),
        (one("1"), Measured(), "quantity", False),
    ],
)
def test_what_grows_over_the_plan_never_falls(
    now: Measured, before: Measured, kind: str, told: bool
) -> None:
    sentence = Doubt(f"Số lũy kế thấp hơn {THEN}.")
    assert falls_below(now, before, kind=kind, then=THEN) == ([sentence] if told else [])


def test_the_same_number_is_told_and_the_same_pair_is_asked() -> None:
    (number,) = doubts(one("7"), one("7"), kind="count", then=THEN)
    assert (number.sentence, number.asks) == ("Giống hệt số năm 2023.", False)
    assert doubts(one("0"), one("0"), kind="count", then=THEN) == []


def test_yes_and_no_raise_no_question() -> None:
    assert doubts(one("1"), one("0"), kind="yes_no", then=THEN) == []


def test_what_only_grows_did_not_grow() -> None:
    told = doubts(pair(40, 53), pair(41, 53), kind="ratio", then=THEN, cumulative=True)
    assert told == [Doubt("Số lũy kế thấp hơn năm 2023.")]
    assert doubts(pair(42, 53), pair(41, 53), kind="ratio", then=THEN, cumulative=True) == []


# --- on the sheet ---------------------------------------------------------------------------------
@pytest.fixture
def asked(world: World) -> tuple[Indicator, ResultSheet]:
    """A sheet with 30 of 40, after 60 of 60 the year before."""
    indicator = world.indicator(code="CT01")
    now = world.period
    now.closes_on = timezone.localdate() + timedelta(days=9)  # pages go by the day of today
    now.save()
    world.period = year_before(world)
    world.fill(world.sheet(), indicator, numerator="60", denominator="60")
    world.period = now
    sheet = world.sheet()
    world.fill(sheet, indicator, numerator="30", denominator="40")
    return indicator, ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)


def year_before(world: World) -> Period:
    return PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        name="Năm 2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        closes_on=NOW.date(),
    )


def test_a_jump_is_explained_before_the_sheet_is_sent(
    world: World, asked: tuple[Indicator, ResultSheet], client_of: ClientOf
) -> None:
    indicator, sheet = asked
    lines = queries.sheets_to_fill(world.clerk, NOW.date())
    assert queries.left_on_sheets(lines)[sheet.pk] == 1
    with pytest.raises(DomainError, match="Còn 1 việc trước khi gửi: giải trình CT01"):
        services.submit_sheet(sheet, actor=world.head, now=NOW)
    client = client_of(world.clerk)
    page = client.get(f"/phieu/{sheet.pk}/").content.decode()
    assert "Giảm 25,0 điểm phần trăm so với năm 2023." in page
    assert f'href="#r{indicator.pk}-reason">Ghi lý do</a>' in page
    assert "<details open>" in page

    world.fill(sheet, indicator, 1, numerator="30", denominator="40", reason="Tách đơn vị")
    assert queries.left_on_sheets(lines)[sheet.pk] == 0
    page = client.get(f"/phieu/{sheet.pk}/").content.decode()
    assert "Ghi lý do</a>" not in page
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    page = client_of(world.verifier).get(f"/phieu/{sheet.pk}/").content.decode()
    assert "Giảm 25,0 điểm phần trăm so với năm 2023." in page
    assert "Lý do: Tách đơn vị" in page


def test_only_the_period_just_before_is_compared(
    world: World, asked: tuple[Indicator, ResultSheet]
) -> None:
    """A year without a figure between them: nothing to compare with, on page and list."""
    _indicator, sheet = asked
    PeriodFactory(
        campaign=world.campaign,
        ref="2023b",
        name="Năm 2023 (sau sắp xếp)",
        period_from=date(2023, 7, 1),
        period_to=date(2023, 12, 31),
    )
    Period.objects.filter(ref="2023").update(period_to=date(2023, 6, 30))
    assert queries.unanswered(sheet) == []
    lines = queries.sheets_to_fill(world.clerk, NOW.date())
    assert queries.left_on_sheets(lines)[sheet.pk] == 0


def told_of_growth(world: World, indicator: Indicator, sheet: ResultSheet) -> list[list[str]]:
    """The questions of a figure as the sheet, the list of the verifier and the lead show them; of
    the list, how many."""
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
    (row,) = queries.sheet_rows(sheet)
    (waiting,) = queries.sheets_to_verify(world.verifier)
    (lead,) = queries.lead_page(sheet.period, [indicator], indicator, world.verifier).rows
    assert waiting.doubts == len(row.doubts)
    return [[doubt.sentence for doubt in one.doubts] for one in (row, lead)]


def test_a_year_is_not_below_the_half_that_it_holds(world: World) -> None:
    indicator = world.indicator(code="CT05", kind="count", cumulative=True)
    half = PeriodFactory(
        campaign=world.campaign,
        ref="h1",
        kind="half",
        name="6 tháng đầu năm 2024",
        period_from=date(2024, 1, 1),
        period_to=date(2024, 6, 30),
        closes_on=NOW.date() + timedelta(days=9),
    )
    first = services.open_sheet(world.part, half, actor=world.clerk, now=NOW)
    world.fill(first, indicator, value="40")
    sheet = world.sheet()
    world.fill(sheet, indicator, value="7", reason="Rà soát lại")
    lines = queries.sheets_to_fill(world.clerk, NOW.date())
    assert queries.left_on_sheets(lines)[sheet.pk] == 0
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    lower = "Số lũy kế thấp hơn 6 tháng đầu năm 2024."
    assert told_of_growth(world, indicator, sheet) == [[lower], [lower]]
    indicator.cumulative = False
    indicator.save()
    assert told_of_growth(world, indicator, sheet) == [[], []]


def test_the_last_half_is_not_below_the_year_and_is_asked_once(world: World) -> None:
    """The half that ends with the year is held against nothing that ends later."""
    indicator = world.indicator(code="CT05", kind="count", cumulative=True)

    later = NOW + timedelta(days=60)  # once the next year has begun

    def half(ref: str, first: date, last: date, value: str) -> ResultSheet:
        period = PeriodFactory(
            campaign=world.campaign,
            ref=ref,
            kind="half",
            name=f"Nửa năm {ref}",
            period_from=first,
            period_to=last,
            closes_on=date(2025, 7, 31),
        )
        sheet = services.open_sheet(world.part, period, actor=world.clerk, now=later)
        services.record_result(sheet, indicator, {"value": value}, 0, actor=world.clerk, now=later)
        return sheet

    world.fill(world.sheet(), indicator, value="30", reason="Đã rà soát")
    second = half("h2", date(2024, 7, 1), date(2024, 12, 31), "30")
    third = half("h3", date(2025, 1, 1), date(2025, 6, 30), "29")
    assert doubts_on(second) == []
    assert doubts_on(third) == ["Số lũy kế thấp hơn năm 2024."]


def doubts_on(sheet: ResultSheet) -> list[str]:
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
    (row,) = queries.sheet_rows(sheet)
    return [doubt.sentence for doubt in row.doubts]


def test_one_file_for_two_indicators_is_told(world: World) -> None:
    first, second = world.indicator(code="CT01"), world.indicator(code="CT02")
    sheet = world.sheet()
    for indicator, name in ((first, "a.pdf"), (second, "b.pdf")):
        world.fill(sheet, indicator, numerator="1", denominator="2")
        services.add_evidence(
            sheet, indicator, BytesIO(PDF), name=name, size=len(PDF), actor=world.clerk, now=NOW
        )
    sheet = ResultSheet.objects.select_related(*queries.SHEET_RELATED).get(pk=sheet.pk)
    rows = queries.sheet_rows(sheet)
    assert [[d.sentence for d in row.doubts] for row in rows] == [
        ["Tệp “a.pdf” cũng là minh chứng của CT02."],
        ["Tệp “b.pdf” cũng là minh chứng của CT01."],
    ]
    assert queries.remaining(rows) == []
