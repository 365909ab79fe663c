"""Targets of what is counted: whole numbers only, as in the results that are held against them."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from campaigns.models import Campaign
from config.planfile.checks import named_code
from config.planfile.schema import Path
from config.planfile.walking import Error, Row, day, indicators, number, targets, text
from criteria.models import Target
from criteria.rules import in_words, target_takes_whole
from units.rules import decimal_text

GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")  # one thousand and more, as people write it


def source_of(data: Row, indicator: Row) -> Row | None:
    """What a derived indicator is computed from, where the plan itself asks it."""
    derive = indicator.get("derive")
    ref, code = text(derive, "from"), named_code(derive)
    for _, row in indicators(data):
        asked = named_code(row.get("external"))
        if text(row, "ref") == ref if ref else all(code) and asked == code:
            return row
    return None


def counts_whole(data: Row, indicator: Row, target: Row) -> bool:
    """Whether `target` of an `indicator` of the plan is a number of whole things."""
    source = source_of(data, indicator)
    return target_takes_whole(
        text(indicator, "kind"),
        basis=text(target, "basis"),
        said=text(indicator, "numbers"),
        measure_unit=text(indicator, "measure_unit"),
        derivation=text(indicator.get("derive"), "how"),
        of_wholes=source is not None
        and target_takes_whole(
            text(source, "kind"),
            said=text(source, "numbers"),
            measure_unit=text(source, "measure_unit"),
        ),
    )


def fractions(data: Row) -> Iterator[tuple[Path, Row, Row, Decimal]]:
    """Numbers with a fraction where whole things are counted: path, target, indicator, number."""
    for path, target, indicator in targets(data):
        for key in ("value", "value_to"):
            value = number(target, key)
            if value is None or value == value.to_integral_value():
                continue
            if counts_whole(data, indicator, target):
                yield (*path, key), target, indicator, value


def counting_errors(data: Row) -> list[Error]:
    """What a file says in fractions of whole things; not what its plan, once issued, says so from
    of old, since the targets of an issued plan stay as they are.
    """
    found = list(fractions(data))
    stands = _issued_targets(text(data, "ref")) if found else set()
    return [
        (path, _sentence(indicator, value))
        for path, target, indicator, value in found
        if (text(indicator, "ref"), day(target, "from"), value) not in stands
    ]


def _issued_targets(ref: str) -> set[tuple[str, date | None, Decimal | None]]:
    issued = Campaign.objects.filter(ref=ref).exclude(state=Campaign.State.DRAFT)
    rows = Target.objects.filter(indicator__criteria_set__in=issued.values("criteria_set"))
    said = rows.values_list("indicator__ref", "in_force_from", "value", "value_to")
    return {(one, day, level) for one, day, *levels in said for level in levels}


def _sentence(indicator: Row, value: Decimal) -> str:
    written = str(value)
    if GROUPED.fullmatch(written):
        meant = int(written.replace(".", ""))
        return (
            f"“{written}” trong tệp là {decimal_text(value)}, mà tiêu chí này chỉ nhận số nguyên. "
            f"Nếu là {in_words(meant)}, ghi {meant}."
        )
    other = "; nếu đo cả phần lẻ thì ghi numbers: decimal" * (text(indicator, "kind") == "quantity")
    return (
        f"“{written}” có phần lẻ, mà tiêu chí này đếm từng đơn vị trọn vẹn nên chỉ nhận số "
        f"nguyên{other}."
    )
