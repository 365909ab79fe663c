"""The arithmetic of commendation: places left, the make-up of a list, what a vote amounts to.

Exact: shares are fractions of whole numbers and nothing is rounded before it is compared.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from units.rules import day_text, decimal_text

Number = Decimal | Fraction | int


# --- places --------------------------------------------------------------------------------------
def places_left(number: int | None, postings: Iterable[int]) -> int:
    """What a limited quota still holds: the number in the plan (none when it is allotted later)
    plus every line of the ledger, allotments and releases positive, uses and withdrawals negative.
    """
    return (number or 0) + sum(postings)


# --- words for numbers ---------------------------------------------------------------------------
def percent_text(share: Number, digits: int = 2) -> str:
    """A share in percent units, at most `digits` decimals, rounded half up: "86,67%"."""
    exact = Fraction(share)
    scaled = floor(exact * 10**digits + Fraction(1, 2))
    text = decimal_text(Decimal(scaled).scaleb(-digits))
    return f"{text}%"


def share_of(part: int, base: int) -> Fraction:
    """part ÷ base in percent units, exactly; 0 of nothing is 0."""
    return Fraction(part * 100, base) if base else Fraction(0)


# --- the make-up of a list -----------------------------------------------------------------------
AT_LEAST, AT_MOST = ">=", "<="
ROUNDINGS: dict[str, Callable[[Fraction], int]] = {
    "up": ceil,
    "down": floor,
    "half_up": lambda exact: floor(exact + Fraction(1, 2)),
}
ROUNDING_TEXT = {
    "up": "làm tròn lên",
    "down": "làm tròn xuống",
    "half_up": "làm tròn đến số gần nhất",
}
FAR = 10**7  # a list never grows so long; what is not mended by then is never mended


@dataclass(frozen=True)
class Composition:
    """How a list stands against one rule. `gap` is how many are missing (a floor) or too many
    (a ceiling); 0 when the rule is kept. `ways` are sentences that each mend it alone.
    """

    required: int
    gap: int
    ok: bool
    sentence: str
    ways: tuple[str, ...]


def composition(
    percent: Decimal,
    operator: str,
    counted: int,
    base: int,
    rounding: str,
    *,
    counted_name: str = "người trực tiếp thực hiện",
    other_name: str = "lãnh đạo",
) -> Composition:
    """At least (">=") or at most ("<=") `percent` of `base` people are of the counted kind.

    `counted` of the `base` in the list are; the bound is `percent` of `base`, rounded to a whole
    person as the rule states. Adding and taking away change the base too, and so does the bound
    (plan 004: 70 % direct implementers, 30 % leaders, co-ordinators, publicity).
    """
    share = Fraction(percent) / 100
    whole = ROUNDINGS[rounding]

    def bound(people: int) -> int:
        return whole(share * people)

    required = bound(base)
    gap = max(0, required - counted if operator == AT_LEAST else counted - required)
    exact = share * base
    how = (
        ""
        if exact.denominator == 1
        else f" ({percent_text(percent)} của {base} là {_exact_text(exact)}, "
        f"{ROUNDING_TEXT[rounding]})"
    )
    limit = "cần ít nhất" if operator == AT_LEAST else "không quá"
    rule = f"{limit} {required} trên {base}{how}, nay có {counted}"
    if not base:
        return Composition(0, 0, True, "Chưa có ai trong danh sách để tính.", ())
    if not gap:
        return Composition(required, 0, True, f"Đạt: {rule}.", ())
    if operator == AT_LEAST:
        sentence = f"Thiếu {gap} {counted_name}: {rule}."
        add = _fewest(lambda n: counted + n >= bound(base + n), FAR)
        drop = _fewest(lambda n: counted >= bound(base - n), base - counted)
        ways = [(add, "Thêm", counted_name), (drop, "Bớt", other_name)]
    else:
        sentence = f"Thừa {gap} {counted_name}: {rule}."
        drop = _fewest(lambda n: counted - n <= bound(base - n), counted)
        add = _fewest(lambda n: counted <= bound(base + n), FAR)
        ways = [(drop, "Bớt", counted_name), (add, "Thêm", other_name)]
    return Composition(
        required,
        gap,
        False,
        sentence,
        tuple(f"{verb} {n} {who}" for n, verb, who in ways if n is not None),
    )


def _fewest(mends: Callable[[int], bool], limit: int) -> int | None:
    """The smallest number that mends, or None. A share is at most 1, so once mended, mended."""
    found = bisect_left(range(limit + 1), True, key=mends)
    return found if found <= limit else None


def _exact_text(value: Fraction) -> str:
    return decimal_text(Decimal(value.numerator) / Decimal(value.denominator))


# --- the vote ------------------------------------------------------------------------------------
MEMBERS, PRESENT, CAST = "members", "present", "cast"
BASE_TEXT = {
    MEMBERS: "tổng số thành viên hội đồng",
    PRESENT: "số thành viên dự họp",
    CAST: "số phiếu đồng ý và không đồng ý",
}


@dataclass(frozen=True)
class VotingRule:
    """The council's rule for one award form; percentages in percent units.

    Thresholds, bases and quorums differ by place (domain, sections 2.2 and 11), so they are data.
    """

    threshold: Decimal
    operator: str = ">="
    base: str = MEMBERS
    quorum: Decimal = Decimal(0)
    chair_must_agree: bool = False
    source: str = ""

    def base_of(self, *, members: int, yes: int, no: int, absent: int) -> int:
        """Of how many the rate is taken. A recused member stays in the membership and among those
        present: no text found lets him leave it (domain, 2.3). Only ballots cast leave him out.
        """
        return {MEMBERS: members, PRESENT: members - absent, CAST: yes + no}[self.base]

    def needed(self, base: int) -> int:
        """The smallest number of yes votes that passes."""
        exact = Fraction(self.threshold) * base / 100
        return floor(exact) + 1 if self.operator == ">" else ceil(exact)

    def sentence(self) -> str:
        """The rule as read out before a vote."""
        how = "trên" if self.operator == ">" else "từ"
        end = "" if self.operator == ">" else " trở lên"
        share = f"{percent_text(self.threshold)} {BASE_TEXT[self.base]}"
        parts = [f"Thông qua khi số đồng ý {how} {share}{end}"]
        if self.quorum:
            parts.append(f"phiên họp có ít nhất {percent_text(self.quorum)} thành viên dự")
        if self.chair_must_agree:
            parts.append("chủ tịch hội đồng đồng ý")
        left = "không tính" if self.base == CAST else "vẫn tính"
        return f"{'; '.join(parts)}. Người không tham gia do liên quan {left} trong mẫu số."


@dataclass(frozen=True)
class Outcome:
    """`rate` is yes ÷ base in percent units, exact. `reasons` say why it passed or did not."""

    base: int
    needed: int
    rate: Fraction
    passed: bool
    reasons: tuple[str, ...]

    @property
    def rate_kept(self) -> Decimal:
        """The rate to four decimals, as it is stored and printed; never compared."""
        scaled = floor(self.rate * 10**4 + Fraction(1, 2))
        return Decimal(scaled).scaleb(-4)


def tally_outcome(
    rule: VotingRule,
    *,
    members: int,
    yes: int,
    no: int,
    abstained: int,
    absent: int,
    recused: int,
    chair_agreed: bool | None = None,
) -> Outcome:
    """What five counts amount to under `rule`. Recused is not abstained is not absent.

    15 members, 2 absent, 13 yes is 86,67 % of the membership: it fails 90 % and passes 80 %
    (domain, 11.1, test 4). Raises ValueError unless the counts add up to `members`; the service
    says it in words before.
    """
    if yes + no + abstained + absent + recused != members:
        raise ValueError("the five counts do not add up to the membership")
    base = rule.base_of(members=members, yes=yes, no=no, absent=absent)
    needed = rule.needed(base)
    rate = share_of(yes, base)
    reached = base > 0 and yes >= needed
    sat = (members - absent) * 100 >= Fraction(rule.quorum) * members
    chair = bool(chair_agreed) or not rule.chair_must_agree
    word = "đạt" if reached else "chưa đạt"
    reasons = [
        f"Đồng ý {yes} trên {base}, bằng {percent_text(rate)} {BASE_TEXT[rule.base]}: {word}, cần "
        f"ít nhất {needed}."
    ]
    if not base:
        reasons = ["Không có phiếu nào để tính tỷ lệ."]
    if not sat:
        reasons.append(
            f"Dự họp {members - absent} trên {members} thành viên, chưa đủ "
            f"{percent_text(rule.quorum)}."
        )
    if not chair:
        reasons.append("Chủ tịch hội đồng không đồng ý.")
    return Outcome(base, needed, rate, reached and sat and chair, tuple(reasons))


# --- days ----------------------------------------------------------------------------------------
def outside_period(
    achieved_from: date | None,
    achieved_to: date | None,
    phase_from: date | None,
    phase_to: date | None,
) -> str:
    """A warning when the achievement does not lie within the phase; "" when it does.

    Commendation follows the achievement of the stated time (law, article 5).
    """
    early = achieved_from and phase_from and achieved_from < phase_from
    late = achieved_to and phase_to and achieved_to > phase_to
    if not (early or late):
        return ""
    own = f"từ {day_text(achieved_from) or '…'} đến {day_text(achieved_to) or '…'}"
    theirs = f"từ {day_text(phase_from) or '…'} đến {day_text(phase_to) or '…'}"
    return f"Thành tích {own} nằm ngoài thời gian của giai đoạn ({theirs})."


def overlap(a_from: date | None, a_to: date | None, b_from: date | None, b_to: date | None) -> bool:
    """Whether two spans of days share a day; an open end reaches without limit. The same
    achievement is not commended twice (law, article 5), a later period must not overlap.
    """
    return (a_to is None or b_from is None or b_from <= a_to) and (
        b_to is None or a_from is None or a_from <= b_to
    )
