"""Numbers as people type them."""

import re
from decimal import Decimal

from units.rules import DomainError

GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+)(?:,[0-9]+)?")
COMMA = re.compile(r"[0-9]+(?:,[0-9]+)?")
POINT = re.compile(r"[0-9]+\.[0-9]+")
PLACES, WHOLE_DIGITS = 4, 14  # what a stored number holds (criteria.models.NUMBER)


def parse_number(text: str) -> Decimal:
    """ "1.234,5", "1 234,5", "1234,5" and the plain "1234.5" are one number; "1.234" is 1234.

    Raises DomainError, with what is allowed, for anything else: "1,234.5" mixes two ways of
    writing, so nobody can tell what was meant.
    """
    bare = re.sub(r"\s+", " ", text).strip()
    sign, digits = ("-", bare[1:].strip()) if bare[:1] == "-" else ("", bare)
    if GROUPED.fullmatch(digits):
        plain = digits.replace(".", "").replace(" ", "").replace(",", ".")
    elif COMMA.fullmatch(digits):
        plain = digits.replace(",", ".")
    elif POINT.fullmatch(digits):
        plain = digits
    else:
        raise DomainError(
            f"“{bare[:40]}” không đọc được là một số. Viết dấu chấm giữa hàng nghìn và dấu phẩy "
            "trước phần thập phân, ví dụ 1.234,5."
        )
    number = Decimal(sign + plain)
    whole, _, places = plain.partition(".")
    if len(places.rstrip("0")) > PLACES:
        raise DomainError(
            f"“{bare[:40]}” có quá {PLACES} chữ số thập phân. Làm tròn đến {PLACES} chữ số."
        )
    if len(whole.lstrip("0")) > WHOLE_DIGITS:
        raise DomainError(
            f"“{bare[:40]}” lớn quá mức nhận được ({WHOLE_DIGITS} chữ số). Kiểm tra lại số đã gõ."
        )
    return number
