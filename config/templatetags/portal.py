"""Tags and filters every page uses: how a number, a day, a state and a link look here.

`templates/ui/index.html` shows each of them with an example. Everything returns escaped HTML or
plain text; nothing here writes.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from django import template
from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from units import policies

register = template.Library()

BLANK = "–"  # what a cell without a value shows; never an empty cell
SOON = 7  # days left from which a date is drawn in red

# What a result is, measured against its target: icon and word, never the colour alone.
RESULT_STATES = {
    "ok": ("ok", "Đạt"),
    "miss": ("miss", "Chưa đạt"),
    "none": ("none", "Chưa có số liệu"),
    "nil": ("nil", "Không phát sinh"),
    "na": ("na", "Không áp dụng"),
    "error": ("warn", "Chưa hợp lệ"),
    "wait": ("ask", "Chờ xem xét"),
}

# Where a paper stands: tone of the badge and its icon. A state that is not listed is plain grey.
PAPER_TONES = {
    "draft": ("info", "edit"),
    "open": ("info", "edit"),
    "queued": ("info", "clock"),
    "running": ("info", "clock"),
    "submitted": ("info", "clock"),
    "reviewing": ("info", "clock"),
    "signed": ("ok", "ok"),
    "sent": ("ok", "ok"),
    "issued": ("ok", "ok"),
    "accepted": ("ok", "ok"),
    "approved": ("ok", "ok"),
    "verified": ("ok", "ok"),
    "complete": ("ok", "ok"),
    "done": ("ok", "ok"),
    "decided": ("ok", "ok"),
    "awarded": ("award", "medal"),
    "confirmed": ("ok", "ok"),
    "locked": ("", "lock"),
    "closed": ("", "lock"),
    "stale": ("miss", "warn"),
    "returned": ("error", "back"),
    "refused": ("error", "miss"),
    "rejected": ("error", "miss"),
    "withdrawn": ("error", "miss"),
    "revoked": ("error", "miss"),
    "failed": ("error", "warn"),
}


# --- numbers and days -------------------------------------------------------------------------
def _decimal(value: Decimal | int | float | str) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _round(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _vietnamese(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


@register.filter
def number(value: Decimal | int | float | None, digits: int | None = None) -> str:
    """4231.50 → “4.231,5”; with `digits` it is rounded half up to at most that many decimals."""
    if value is None or value == "":
        return BLANK
    exact = _decimal(value)
    if digits is not None:
        exact = _round(exact, int(digits))
    text = f"{exact:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _vietnamese("0" if text == "-0" else text)


@register.filter
def percent(value: Decimal | int | float | None, digits: int = 1) -> str:
    """92.914… (already in per cent) → “92,9%”; `digits` decimals are always written."""
    if value is None or value == "":
        return BLANK
    return _vietnamese(f"{_round(_decimal(value), int(digits)):,f}") + "%"


def _local_day(value: date) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: date | None) -> str:
    """A date, or the local day of a moment → “24/11/2025”."""
    return f"{_local_day(value):%d/%m/%Y}" if value else BLANK


@register.filter
def moment(value: datetime | None) -> str:
    """An aware moment → “24/11/2025 14:03” where the portal stands."""
    return f"{timezone.localtime(value):%d/%m/%Y %H:%M}" if value else BLANK


@register.filter
def clock(value: datetime | None) -> str:
    """An aware moment → “14:03”, for what happened today (“Đã lưu lúc 14:03”)."""
    return f"{timezone.localtime(value):%H:%M}" if value else BLANK


@register.filter
def minutes(value: timedelta) -> str:
    """A duration → “15 phút”, “1 giờ 30 phút”; less than a minute counts as one."""
    hours, rest = divmod(max(1, round(value.total_seconds() / 60)), 60)
    parts = [f"{hours} giờ"] * bool(hours) + [f"{rest} phút"] * bool(rest)
    return " ".join(parts)


@register.filter
def file_size(value: int | None) -> str:
    """Bytes → “84 KB”, “1,8 MB”."""
    if value is None:
        return BLANK
    if value < 1024 * 1024:
        return f"{max(1, round(value / 1024))} KB"
    return f"{number(value / 1024 / 1024, 1)} MB"


def _days(due: date | None, today: date) -> tuple[str, str, bool]:
    """(“Còn”, “6 ngày”, drawn in red) for a day, seen from `today`; no day gives “Chưa định”."""
    if not due:
        return "Hạn", "Chưa định", False
    left = (_local_day(due) - _local_day(today)).days
    if left < 0:
        return "Quá hạn", f"{-left} ngày", True
    if left == 0:
        return "Hạn", "Hôm nay", True
    return "Còn", f"{left} ngày", left <= SOON


@register.filter
def days_left(due: date | None, today: date) -> str:
    """“còn 6 ngày”, “hôm nay”, “quá hạn 3 ngày”, “chưa định”."""
    lead, count, _soon = _days(due, today)
    return count.lower() if lead == "Hạn" else f"{lead} {count}".lower()


@register.filter
def days_lead(due: date | None, today: date) -> str:
    """The small word before the count: “Còn”, “Quá hạn”, “Hạn”."""
    return _days(due, today)[0]


@register.filter
def days_count(due: date | None, today: date) -> str:
    """The count itself: “6 ngày”, “Hôm nay”, “Chưa định”."""
    return _days(due, today)[1]


@register.filter
def days_soon(due: date | None, today: date) -> bool:
    """Whether the day is near or past, and so drawn in red."""
    return _days(due, today)[2]


@register.simple_tag
def days(due: date | None, today: date) -> SafeString:
    """The same words in red when they are near or past: {% days duty.due_on today %}."""
    soon = " days--soon" if _days(due, today)[2] else ""
    return format_html('<span class="days{}">{}</span>', soon, days_left(due, today))


# --- icons, states, badges --------------------------------------------------------------------
@register.simple_tag
@cache
def icon(name: str, label: str = "") -> SafeString:
    """{% icon "ok" %} beside a word; {% icon "ok" "Đạt" %} where it stands alone."""
    use = format_html('<use href="{}#i-{}"></use>', static("img/icons.svg"), name)
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}">{}</svg>', label, use)
    return format_html('<svg class="i" aria-hidden="true">{}</svg>', use)


@register.inclusion_tag("ui/state.html")
def result_state(state: str, word: str = "") -> dict[str, str]:
    """{% result_state "miss" %} or with words of one's own: {% result_state "miss" "Thiếu 1" %}."""
    picture, usual = RESULT_STATES[state]
    return {"state": state, "picture": picture, "word": word or usual}


@register.inclusion_tag("ui/badge.html")
def paper_badge(state: str, label: str) -> dict[str, str]:
    """{% paper_badge sheet.state sheet.get_state_display %}."""
    tone, picture = PAPER_TONES.get(str(state), ("", ""))
    return {"tone": tone, "picture": picture, "label": label}


# --- links that keep the rest of the address ----------------------------------------------------
def _changed(query: QueryDict, changes: Mapping[str, object]) -> str:
    changed = query.copy()
    for key, value in changes.items():
        if value is None or value == "":
            changed.pop(key, None)
        else:
            changed[key] = str(value)
    return "?" + changed.urlencode()


@register.simple_tag
def query_with(request: HttpRequest, **changes: object) -> str:
    """{% query_with request page=2 sort="name" %}; an empty value takes the key away."""
    return conditional_escape(_changed(request.GET, changes))


@register.simple_tag(takes_context=True)
def sort_header(context: Context, key: str, label: str, css: str = "") -> SafeString:
    """{% sort_header "name" "Đơn vị" %}: a column head that sets ?sort=name or ?sort=-name."""
    query = context["request"].GET
    now = query.get("sort", "")
    order, arrow = {key: ("ascending", " ↑"), f"-{key}": ("descending", " ↓")}.get(now, ("", ""))
    url = _changed(query, {"sort": f"-{key}" if now == key else key, "page": None})
    aria = format_html(' aria-sort="{}"', order) if order else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}">{}<span aria-hidden="true">{}</span></a></th>',
        css, aria, url, label, arrow,
    )  # fmt: skip


@register.inclusion_tag("ui/pagination.html", takes_context=True)
def pagination(context: Context, page: Page, noun: str = "dòng") -> dict[str, object]:
    """{% pagination page "đơn vị" %}: “1–24 trên 68 đơn vị” and the page numbers."""
    return {
        "request": context["request"],
        "page": page,
        "noun": noun,
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1)),
    }


@register.inclusion_tag("ui/tab.html", takes_context=True)
def tab(
    context: Context, label: str, url: str, count: int | None = None, current: bool | None = None
) -> dict[str, object]:
    """One entry of <ul class="tabs">. It is the current one when its address is this page's."""
    request = context["request"]
    if current is None and url.startswith("?"):
        here = request.GET.copy()
        here.pop("page", None)
        current = QueryDict(url[1:]) == here
    elif current is None:
        current = url in (request.path, request.get_full_path())
    return {"label": label, "url": url, "count": count, "current": current}


@register.inclusion_tag("ui/crumbs.html")
def crumbs(*parts: str) -> dict[str, object]:
    """{% crumbs "Phong trào" list_url plan.title plan_url "Phiếu năm 2025" %}: the last is here.

    A part whose address is "" is plain text: the reader may not open it.
    """
    *trail, here = parts
    return {"trail": list(zip(trail[::2], trail[1::2], strict=True)), "here": here}


# --- the page frame -----------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def nav_item(context: Context, label: str, url_name: str, *places: str) -> SafeString | str:
    """One entry of the main navigation, current on its own page and on those of `places`: an app or
    the name of a page.
    """
    try:
        url = reverse(url_name)
    except NoReverseMatch:
        return ""  # a part of the portal that this installation does not serve
    match = context["request"].resolver_match
    here = bool(match) and not {match.view_name, match.namespace}.isdisjoint({url_name, *places})
    current = SafeString(' aria-current="true"') if here else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', url, current, label)


@register.simple_tag(takes_context=True)
def viewer_unit(context: Context) -> str:
    """For which office the reader acts on this page: what the view says, or where he has a role."""
    if said := context.get("viewer_unit"):
        return str(said)
    user = context["user"]
    held = policies.offices(user) if user.is_authenticated else []
    first, *others = held or [""]
    return f"{first} và {len(others)} đơn vị khác" if others else first


@register.simple_tag
def may_manage_accounts(user) -> bool:
    return bool(user.is_authenticated) and policies.manageable_units(user).exists()


@register.filter
def links_to_rows(left) -> SafeString:
    """“sửa CT01, nhập CT02”: what is left to do in a grid, each code a link to its row."""
    return format_html_join(
        ", ", '{} <a href="#{}">{}</a>', ((one.why, one.key, one.indicator.code) for one in left)
    )


# --- forms --------------------------------------------------------------------------------------
@register.filter
def error_links(form) -> list[tuple[str, str]]:
    """Every error of a form as (id of the control or "", sentence), in the order of the fields."""
    found = [("", sentence) for sentence in form.non_field_errors()]
    for field in form:
        anchor = f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
        name = str(field.label).rstrip("?: ")
        found += [(anchor, f"{name}: {sentence}") for sentence in field.errors]
    return found


@register.simple_tag
def choice_errors(field) -> SafeString:
    """aria-describedby of a group of choices; Django gives it to single controls only."""
    ids = field.aria_describedby
    return format_html(' aria-describedby="{}"', ids) if ids else SafeString("")
