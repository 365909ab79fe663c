"""Whether one target asks at least as much as another: a plan below may ask more, never less."""

from decimal import Decimal

from criteria.rules.targets import BETWEEN, EQ, GE, GT, LE, LEVEL, LT, NONE, Rule

# A bound and whether it is itself excluded.
Bound = tuple[Decimal, bool]
NOUGHT = (Decimal(0), False)


def floor_of(rule: Rule) -> Bound | None:
    """What a result must reach at least; None where the target has only a ceiling."""
    if rule.value is None or rule.operator not in {GE, GT, EQ, BETWEEN}:
        return None
    return rule.value, rule.operator == GT


def ceiling_of(rule: Rule) -> Bound | None:
    """What a result must not pass; None where the target has only a floor."""
    if rule.operator == BETWEEN and rule.value_to is not None:
        return rule.value_to, False
    if rule.value is None or rule.operator not in {LE, LT, EQ}:
        return None
    return rule.value, rule.operator == LT


def is_weaker(rule: Rule, above: Rule) -> bool | None:
    """Whether `rule` lets pass what `above` refuses; None where the two cannot be compared.

    A floor is held against a floor, “trên 90” being more than “từ 90”; a ceiling against a ceiling.
    Doing better than a fixed level or a range is not weaker, but nothing is better than “không có
    vụ nào”; a ceiling alone is weaker where that has a floor above nought. A rise cannot be held
    against a level.
    """
    if rule.basis != above.basis:
        return None
    floor, ceiling = floor_of(above), ceiling_of(above)
    mine, most = floor_of(rule), ceiling_of(rule)
    passes_over = ceiling is not None and (most is None or _at(most) > _at(ceiling))
    if floor and mine:
        none_at_all = ceiling == NOUGHT and rule.basis == LEVEL
        return mine < floor or (none_at_all and passes_over)
    if ceiling and most:
        open_below = floor and (floor[0] > 0 or rule.basis != LEVEL)
        return bool(open_below) or passes_over
    return None


def _at(ceiling: Bound) -> tuple[Decimal, bool]:
    """“Dưới 10” is below “từ 10 trở xuống”."""
    return ceiling[0], not ceiling[1]


def asks_more(rule: Rule, above: Rule | None) -> bool:
    """Whether `rule` asks for anything that `above` does not; so it is where the two cannot be
    compared, or where either says words and no level."""
    return above is None or is_weaker(above, rule) is not False


def registered(value: Decimal, above: Rule | None) -> Rule:
    """The level that somebody sets himself under the plan's target: on the same basis, compared as
    the plan compares it, as a floor where the plan gives a range or no level."""
    if above is None:
        return Rule(GE, value)
    open_ended = above.operator in {BETWEEN, NONE}
    return Rule(GE if open_ended else above.operator, value, basis=above.basis)
