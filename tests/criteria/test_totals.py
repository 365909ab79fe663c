"""A total against its parts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.rules import EQUAL, WITHIN, sum_gap, sum_sentence

amounts = st.decimals("0", "1000", places=2)


@pytest.mark.parametrize(
    ("total", "parts", "rule", "gap"),
    [
        (12, [5, 7], EQUAL, None),
        (12, [5, 6], EQUAL, (11, 1)),
        (12, [5, 6], WITHIN, None),
        (12, [5, 8], WITHIN, (13, 1)),
        (12, [5, 8], EQUAL, (13, 1)),
        (12, [5, None], EQUAL, None),  # what is still to come may make it right
        (12, [13, None], EQUAL, (13, 1)),  # nothing will
        (12, [13, None], WITHIN, (13, 1)),
        (0, [None], EQUAL, None),
    ],
)
def test_what_parts_come_to(
    total: int, parts: list[int | None], rule: str, gap: tuple[int, int] | None
) -> None:
    given = [None if part is None else Decimal(part) for part in parts]
    assert sum_gap(Decimal(total), given, rule=rule) == gap


@given(st.lists(amounts, min_size=1, max_size=6))
def test_the_exact_sum_is_right_and_a_hundredth_more_is_not(parts: list[Decimal]) -> None:
    total = sum(parts, Decimal(0))
    assert sum_gap(total, parts) is None
    more = [*parts[:-1], parts[-1] + Decimal("0.01")]
    assert sum_gap(total, more, rule=WITHIN) == (total + Decimal("0.01"), Decimal("0.01"))


def test_the_sentence_names_both_numbers_and_the_gap() -> None:
    gap = (Decimal(1115), Decimal("5.5"))
    assert sum_sentence("CT05", Decimal("1120.5"), "CT05a, CT05b", gap) == (
        "CT05a, CT05b cộng lại là 1.115, phải bằng CT05 (1.120,5): lệch 5,5."
    )
    assert sum_sentence(
        "CT05", Decimal(1000), "CT05a", (Decimal(1115), Decimal(115)), rule=WITHIN
    ) == ("CT05a cộng lại là 1.115, vượt CT05 (1.000): lệch 115.")
