"""A total against its parts: whether what was reported as the whole is what the parts come to."""

from collections.abc import Sequence
from decimal import Decimal

from units.rules import decimal_text

# How the parts stand to their total, by the stored value of criteria.models.Indicator.sum_rule.
EQUAL, WITHIN = "equal", "within"


def sum_gap(
    total: Decimal, parts: Sequence[Decimal | None], *, rule: str = EQUAL
) -> tuple[Decimal, Decimal] | None:
    """(the sum of the parts, by how much it is beside the total), None where nothing is wrong.

    A part without a figure yet (None) leaves open whether the sum will be equal; too much it may
    be already.
    """
    told = sum((part for part in parts if part is not None), Decimal(0))
    over = told - total
    open_still = any(part is None for part in parts)
    if over > 0 or (over and rule == EQUAL and not open_still):
        return told, abs(over)
    return None


def sum_sentence(
    code: str, total: Decimal, parts: str, gap: tuple[Decimal, Decimal], *, rule: str = EQUAL
) -> str:
    """Both numbers and what is between them; `parts` names what was added."""
    told, by = map(decimal_text, gap)
    if rule == WITHIN:
        return f"{parts} cộng lại là {told}, vượt {code} ({decimal_text(total)}): lệch {by}."
    return f"{parts} cộng lại là {told}, phải bằng {code} ({decimal_text(total)}): lệch {by}."
