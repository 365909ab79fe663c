"""What pages show for numbers, days and states; and the living page with every component."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from config.templatetags import portal

TODAY = date(2025, 11, 24)
NOON = datetime(2025, 11, 24, 7, 3, tzinfo=UTC)  # 14:03 where the portal stands


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (Decimal("-0.00"), "0"),
        (4231, "4.231"),
        (Decimal("4231.50"), "4.231,5"),
        (Decimal("1E+3"), "1.000"),
        (Decimal("-1234567.891"), "-1.234.567,891"),
    ],
)
def test_number_is_exact_and_vietnamese(value, shown):
    assert portal.number(value) == shown


def test_number_rounds_half_up_when_asked():
    assert portal.number(Decimal("2.25"), 1) == "2,3"
    assert portal.number(Decimal("2.04"), 1) == "2"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (Decimal("92.914"), 1, "92,9%"),
        (Decimal("100"), 1, "100,0%"),
        (Decimal("89.989"), 2, "89,99%"),
        (Decimal("1250.05"), 1, "1.250,1%"),
        (None, 1, "–"),
    ],
)
def test_percent_always_writes_its_decimals(value, digits, shown):
    assert portal.percent(value, digits) == shown


def test_days_and_moments_are_local():
    late = datetime(2025, 11, 24, 18, 30, tzinfo=UTC)  # already the 25th in Việt Nam
    assert portal.day(late) == "25/11/2025"
    assert portal.day(TODAY) == "24/11/2025"
    assert portal.day(None) == portal.moment(None) == portal.clock(None) == "–"
    assert portal.moment(NOON) == "24/11/2025 14:03"
    assert portal.clock(NOON) == "14:03"


@pytest.mark.parametrize(
    ("due", "words", "red"),
    [
        (TODAY + timedelta(8), "còn 8 ngày", False),
        (TODAY + timedelta(7), "còn 7 ngày", True),
        (TODAY, "hôm nay", True),
        (TODAY - timedelta(3), "quá hạn 3 ngày", True),
        (None, "chưa định", False),
    ],
)
def test_days_left_says_it_in_words(due, words, red):
    assert portal.days_left(due, TODAY) == words
    assert ("days--soon" in portal.days(due, TODAY)) is red


def test_sizes_and_spans():
    assert portal.file_size(10) == "1 KB"
    assert portal.file_size(1887436) == "1,8 MB"
    assert portal.file_size(None) == "–"
    assert portal.minutes(timedelta(minutes=15)) == "15 phút"
    assert portal.minutes(timedelta(minutes=90)) == "1 giờ 30 phút"
    assert portal.minutes(timedelta(hours=2)) == "2 giờ"
    assert portal.minutes(timedelta(seconds=5)) == "1 phút"


def page_of(address, **context):
    request = RequestFactory().get(address)
    request.user = AnonymousUser()
    return Context({"request": request, **context})


def test_links_keep_the_rest_of_the_address():
    source = "{% load portal %}{% query_with request page=2 state=None %}"
    shown = Template(source).render(page_of("/x/?q=a%26b&state=draft&page=9"))
    assert shown == "?q=a%26b&amp;page=2"


@pytest.mark.parametrize(
    ("address", "link", "order"),
    [
        ("/x/", "?sort=name", ""),
        ("/x/?sort=name&page=3", "?sort=-name", "ascending"),
        ("/x/?sort=-name", "?sort=name", "descending"),
    ],
)
def test_a_column_head_turns_its_own_order(address, link, order):
    source = '{% load portal %}{% sort_header "name" "Đơn vị" %}'
    shown = Template(source).render(page_of(address))
    assert f'href="{link}"' in shown
    assert (f'aria-sort="{order}"' in shown) is bool(order)


def test_a_tab_knows_its_own_page():
    source = '{% load portal %}{% tab "A" "/x/" %}{% tab "B" "?state=draft" %}'
    here = page_of("/x/?state=draft&page=2")
    assert re.findall(r'aria-current="true">(\w)', Template(source).render(here)) == ["A", "B"]
    assert "aria-current" not in Template(source).render(page_of("/y/"))


def test_a_word_is_escaped():
    source = '{% load portal %}{% paper_badge "draft" label %}{% result_state "miss" label %}'
    shown = Template(source).render(Context({"label": "<b>"}))
    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;") == 2


def test_every_icon_that_is_used_is_drawn():
    drawn = set(
        re.findall(r'id="i-(\w+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text())
    )
    used = {name for name, _ in portal.RESULT_STATES.values()}
    used |= {picture for _, picture in portal.PAPER_TONES.values()}
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        used |= set(re.findall(r'{% icon "(\w+)"', path.read_text()))
    assert used <= drawn


class SampleForm(forms.Form):
    name = forms.CharField(label="Tên", help_text="Ghi đủ tên.")
    why = forms.ChoiceField(label="Vì sao?", widget=forms.RadioSelect, choices=[("a", "A")])
    sure = forms.BooleanField(label="Đã đối chiếu", required=False)


def test_the_living_page_renders_every_component_and_ties_errors_to_controls():
    request = RequestFactory().get("/ui/")
    request.user = AnonymousUser()
    request.resolver_match = None
    shown = render_to_string(
        "ui/index.html",
        {
            "today": TODAY,
            "now": NOON,
            "soon": TODAY + timedelta(6),
            "later": TODAY + timedelta(16),
            "past": TODAY - timedelta(3),
            "page": Paginator(range(118), 24).page(2),
            "form": SampleForm({"name": ""}),
            "steps": [("Nhập số liệu", "done"), ("Thủ trưởng ký", "now")],
            "entries": [{"at": NOON, "sentence": "Đã gửi phiếu kết quả."}],
        },
        request=request,
    )
    assert '<a href="#id_name">Tên: ' in shown
    assert '<a href="#id_why_0">Vì sao: ' in shown
    assert 'aria-describedby="id_name_helptext id_name_error"' in shown
    assert 'aria-describedby="id_why_error"' in shown
    assert "25–48 trên 118 đơn vị" in shown
    assert "style=" not in shown
    assert not re.search(r"<script(?![^>]*\bsrc=)", shown)


@pytest.mark.parametrize("name", ["400", "403_csrf", "413", "500"])
def test_pages_of_failure_need_neither_request_nor_database(name):
    assert "<h1>" in render_to_string(f"{name}.html")
