"""Numbers as people type them."""

import re
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal

from criteria.rules.targets import LEVEL, RELATIVE
from units.rules import DomainError, decimal_text

GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+)(?:,[0-9]+)?")
COMMA = re.compile(r"[0-9]+(?:,[0-9]+)?")
POINT = re.compile(r"[0-9]+\.[0-9]+")
ENGLISH = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
DECIMAL_WAY = "Viết dấu chấm giữa hàng nghìn và dấu phẩy trước phần thập phân, ví dụ 1.234,5."
WHOLE_WAY = "Ô này chỉ nhận số nguyên viết bằng chữ số, ví dụ 1.250."
PLACES, WHOLE_DIGITS = 4, 14  # what a stored number holds (criteria.models.NUMBER)


def parse_number(text: str, way: str = DECIMAL_WAY) -> Decimal:
    """ "1.234,5", "1 234,5", "1234,5" and the plain "1234.5" are one number; "1.234" is 1234.

    Raises DomainError, with what is allowed, for anything else: "1,234.5" mixes two ways of
    writing, so nobody can tell what was meant. `way` tells how a number is written here.
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
        raise DomainError(f"“{bare[:40]}” không đọc được là một số. {way}")
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


# --- people and things, of which there is no fraction ---------------------------------------------
def parse_whole(text: str) -> Decimal:
    """The same where whole things are counted. Raises DomainError for a fraction, and for "1,250",
    which is 1,25 here and 1250 elsewhere: which of the two was meant only the writer knows.
    """
    bare = re.sub(r"\s+", " ", text).strip()
    if ENGLISH.fullmatch(bare):
        meant = int(bare.replace(",", ""))
        written = f"gõ {decimal_text(meant)}" + (f" hoặc {meant}" if meant > 999 else "")
        read = "không đọc được" if bare.count(",") > 1 else f"là {decimal_text(parse_number(bare))}"
        raise DomainError(
            f"“{bare}” {read} theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là "
            f"{in_words(meant)}, {written}."
        )
    number = parse_number(text, WHOLE_WAY)
    if number != number.to_integral_value():
        raise DomainError(
            f"“{bare[:40]}” có phần lẻ. Ô này đếm từng đơn vị trọn vẹn nên chỉ nhận số nguyên, ví "
            "dụ 1.250."
        )
    return number


def plain_readings(text: str) -> list[tuple[str, str]]:
    """What `text` may mean to who writes Vietnamese or English numbers: the number in plain digits,
    as a file holds it, and in words or the Vietnamese way; nothing where it is no number.
    """
    bare = re.sub(r"\s+", " ", text).strip()
    found = []
    if ENGLISH.fullmatch(bare):
        meant = int(bare.replace(",", ""))
        found.append((str(meant), in_words(meant)))
    with suppress(DomainError):
        number = parse_number(bare)
        found.append(
            (decimal_text(number).replace(".", "").replace(",", "."), decimal_text(number))
        )
    return found


# Units of measure, and beginnings of names, of what is measured and so may have a fraction; of
# people told in thousands there is one, too.
MEASURED_UNIT = re.compile(
    r"%|ha|k?m[23²³]?|cm|kg|g|tấn|tạ|yến|lít|giờ|phút|ngày công|k?wh|mw|[mgt]b|điểm|usd|"
    r"đồng|(?:(?:trăm|nghìn|ngàn|triệu|tỷ|tỉ) )+\w.*",
    re.IGNORECASE,
)
MEASURED_NAME = re.compile(
    r"(?:tổng )?(?:số tiền|diện tích|doanh thu|doanh số|mức bán|kinh phí|vốn|giá trị|thu nhập|"
    r"chi phí|sản lượng|khối lượng|dung lượng|chiều dài|thời gian)\b",
    re.IGNORECASE,
)

# Units of measure of which there are whole ones only, whatever else a quantity may be: people, and
# what an office counts. Averages (“người/lớp”) and thousands (“nghìn người”) are none of them.
COUNTED_UNIT = re.compile(
    r"(?:lượt )?(?:người(?: dân| lao động| học| nghèo)?|lao động|cá nhân|cán bộ|công chức|"
    r"viên chức|đảng viên|đoàn viên|hội viên|học sinh|sinh viên|học viên|giáo viên)|"
    r"lượt|hộ(?: dân| nghèo| gia đình)?|tập thể|đơn vị|cơ quan|tổ chức|doanh nghiệp|hợp tác xã|"
    r"(?:xã|phường|thôn|ấp|khóm|buôn)|văn bản|hồ sơ|mô hình|sản phẩm|sáng kiến|đề tài|"
    r"(?:cuộc|lớp|buổi|đợt|tin|bài|công trình)(?: \w+){0,2}",
    re.IGNORECASE,
)


def takes_whole(
    kind: str, *, said: str = "", measure_unit: str = "", names: Iterable[str] = ()
) -> bool:
    """Whether the numbers of an indicator count whole things. What the plan says of it (`said`)
    holds; where it says nothing, the parts of a ratio are counted unless their unit of measure or
    their name is one of hectares, money, weight, time…, and a quantity is where it is one of people
    or of what comes in wholes.
    """
    if kind == "count" or said:
        return kind == "count" or said == "whole"
    if kind == "quantity":
        return bool(COUNTED_UNIT.fullmatch(measure_unit))
    measured = MEASURED_UNIT.fullmatch(measure_unit) or any(map(MEASURED_NAME.match, names))
    return kind == "ratio" and not measured


def target_takes_whole(
    kind: str,
    *,
    basis: str = LEVEL,
    said: str = "",
    measure_unit: str = "",
    derivation: str = "",
    of_wholes: bool = False,
) -> bool:
    """Whether a target of an indicator is a number of whole things. That of a ratio is a percentage
    and a change may be one; units that meet a condition are counted, and a sum is of what it sums
    (`of_wholes`).
    """
    if kind == "ratio" or basis in RELATIVE:
        return False
    if kind == "derived":
        return derivation == "count" or (derivation == "sum" and of_wholes)
    return takes_whole(kind, said=said, measure_unit=measure_unit)


# --- a number read aloud --------------------------------------------------------------------------
DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", " nghìn", " triệu", " tỷ", " nghìn tỷ")


def in_words(number: int) -> str:
    """1250 → "một nghìn hai trăm năm mươi"; from 1 up to what a stored number holds."""
    groups = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    last = len(groups) - 1
    spoken = [
        _group_words(group, leading=index == last) + SCALES[index]
        for index, group in reversed(list(enumerate(groups)))
        if group
    ]
    return " ".join(spoken)


def _group_words(group: int, *, leading: bool) -> str:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [] if leading and not hundreds else [f"{DIGITS[hundreds]} trăm"]
    if tens:
        words.append("mười" if tens == 1 else f"{DIGITS[tens]} mươi")
    elif ones and words:
        words.append("linh")
    if ones:
        after_ten = {5: "lăm"} if tens == 1 else {1: "mốt", 5: "lăm"} if tens else {}
        words.append(after_ten.get(ones, DIGITS[ones]))
    return " ".join(words)
