"""Plan files: every error with its line, nothing lost out and back, issued plans safe."""

import re
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from awards.models import AwardForm, Quota, QuotaPosting
from campaigns.models import (
    Amendment,
    Campaign,
    ParentIndicator,
    Period,
    Phase,
    Result,
    ResultSheet,
)
from campaigns.services.plans import add_amendment, write_campaign
from config.planfile import (
    PlanFileError,
    load_plans,
    parse_plan,
    plan_data,
    plan_text,
    read_plan,
)
from config.planfile.canonical import canonical, sparse
from config.planfile.dumping import yaml_text
from criteria.models import CriteriaSet, Group, Indicator, RubricLevel, Target
from criteria.services import write_criteria
from dossiers.models import DossierRequirement, PaperForm
from tests.factories import (
    NOW,
    IndicatorFactory,
    KindFactory,
    LevelFactory,
    ParticipationFactory,
    UnitFactory,
    UserFactory,
)
from units.models import AuditEntry, Bloc, Unit
from units.rules import DomainError
from units.services import import_units, read_unit_files
from units.services.rows import Changes

SAMPLE = Path(__file__).parents[2] / "config" / "sample"

PLAN = """\
format: thidua-plan/1
ref: a.2024.so
state: draft
title: Phong trào thi đua chuyển đổi số
short_title: Chuyển đổi số
level: province
issuer: a
standing_agency: a.b
document: {number: "12", symbol: KH-UBND, issued_on: 2024-02-01}
period: {from: 2024-01-01, to: 2025-12-31}
phases:
  - {ref: tong-ket, kind: final, name: Tổng kết}
  - {ref: so-ket, kind: interim, name: Sơ kết}
periods:
  - {ref: "2024", name: Năm 2024, from: 2024-01-01, to: 2024-12-31, closes_on: 2025-01-31}
  - {ref: "2025", name: Năm 2025, from: 2025-01-01, to: 2025-12-31, closes_on: 2026-01-31}
groups:
  - ref: tap-the
    name: Tập thể
    unit_kinds: [so]
    indicators:
      - ref: ho-so
        code: A1
        name: Hồ sơ trên mạng
        kind: ratio
        targets:
          - {op: ">", value: 90}
      - ref: tap-huan
        code: A2
        name: Tập huấn
        kind: ratio
        of_which: ho-so
        targets:
          - {op: between, value: 65, value_to: 70}
      - ref: ty-le-dat
        code: A3
        name: Tỷ lệ đơn vị đạt
        kind: derived
        derive: {how: share, from: ho-so}
  - ref: ca-nhan
    name: Cá nhân
    subject_kind: individual
    measured: nominee
awards:
  quotas:
    - {ref: tap-the, phase: tong-ket, form: bang-khen, recipients: collective, basis: fixed,
       number: 5}
    - {ref: ca-nhan, phase: so-ket, form: bang-khen, recipients: individual, basis: later}
  composition:
    - {ref: truc-tiep, counts: direct, op: ">=", percent: 70, base: all, rounding: up}
dossier:
  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}
duties:
  - {ref: nam, what: report, name: Báo cáo năm, rhythm: yearly, day: 30, month: 11,
     groups: [tap-the]}
"""
PERIOD_2024, PERIOD_2025 = (line for line in PLAN.splitlines(keepends=True) if "closes_on" in line)
INDIVIDUALS = PLAN[PLAN.index("  - ref: ca-nhan\n") : PLAN.index("awards:")]


@pytest.fixture
def world(db):
    """One province, one department, one award form, one paper form."""
    level = LevelFactory(code="province", name="Cấp tỉnh")
    LevelFactory(code="commune", name="Cấp xã", rank=3)
    so = KindFactory(code="so", level=level)
    top = UnitFactory(ref="a", name="UBND tỉnh A", kind=so)
    UnitFactory(ref="a.b", name="Sở B", kind=so, parent=top, tags=["mien-nui"])
    AwardForm.objects.create(
        ref="bang-khen", name="Bằng khen", short_name="Bằng khen", rank=1, authority="Chủ tịch"
    )
    PaperForm.objects.create(ref="mau-1", code="Mẫu số 01", name="Tờ trình")
    Bloc.objects.create(ref="khoi", name="Khối 1", organiser=top)
    return top


def parse(text: str, name: str = "thu.yaml"):
    return parse_plan(text.encode(), name)


def load(*texts: str, **options):
    files = [parse(text, f"tep-{number}.yaml") for number, text in enumerate(texts, 1)]
    return load_plans(files, actor=None, now=NOW, **options)


def edited(*changes: tuple[str, str], text: str = PLAN) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def rubric(kind: str, *levels: str) -> str:
    return f"kind: {kind}\n        rubric: [{', '.join(f'{{{one}}}' for one in levels)}]"


def line_of(needle: str, text: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if needle in line)


def issued(text: str = PLAN) -> str:
    return edited(("state: draft", "state: issued"), text=text)


# --- errors, each with its line ------------------------------------------------------------------
IN_FILE = [
    pytest.param(
        "        of_which: ho-so\n",
        "        of_which: ho-so\n        sum_of: [ho-xo]\n",
        "sum_of: [ho-xo]",
        "không có tiêu chí “ho-xo” trong kế hoạch; các mã: ho-so, tap-huan, ty-le-dat.",
        id="a-part-that-is-not-there",
    ),
    pytest.param(
        "        of_which: ho-so\n",
        "        of_which: ho-so\n        sum_of: [tap-huan]\n",
        "sum_of: [tap-huan]",
        "tiêu chí không là một phần của chính nó.",
        id="a-part-of-itself",
    ),
    pytest.param(
        "        of_which: ho-so\n",
        "        of_which: ho-so\n        sum_of: [ty-le-dat]\n",
        "sum_of: [ty-le-dat]",
        "không cộng được tiêu chí loại derived (“ty-le-dat”).",
        id="a-part-that-is-no-number",
    ),
    pytest.param(
        "derive: {how: share, from: ho-so}",
        "derive: {how: share, from: ho-so}\n        sum_of: [ho-so]",
        "sum_of: [ho-so]",
        "chỉ ghi các phần cộng lại cho loại ratio, quantity, count.",
        id="a-total-that-is-no-number",
    ),
    pytest.param(
        "derive: {how: share, from: ho-so}",
        "derive: {how: share, from: ho-so}\n        numbers: whole",
        "numbers: whole",
        "chỉ ghi kiểu số cho loại ratio, quantity, count.",
        id="numbers-of-a-derived-one",
    ),
    pytest.param(
        "kind: ratio\n        of_which: ho-so",
        "kind: count\n        numbers: decimal",
        "numbers: decimal",
        "số đếm (count) luôn là số nguyên; số có phần thập phân là loại quantity.",
        id="a-count-with-decimals",
    ),
    pytest.param(
        "level: province",
        "theme_x: 1\nlevel: province",
        "theme_x: 1",
        "không có khóa này",
        id="unknown key",
    ),
    pytest.param('op: ">"', 'op: ">>"', '">>"', "“>>” không hợp lệ; được ghi", id="wrong word"),
    pytest.param('number: "12"', "number: 12", "number: 12", "chuỗi chữ", id="number as text"),
    pytest.param("value: 90", "value: chín mươi", "chín mươi", "phải là số", id="text as number"),
    pytest.param(
        "kind: ratio\n        of_which",
        "cumulative: yes\n        kind: ratio\n        of_which",
        "cumulative: yes",
        "true hoặc false",
        id="yes is a word",
    ),
    pytest.param(
        "title: Phong trào thi đua chuyển đổi số", "title:", "title:", "để trống", id="empty"
    ),
    pytest.param("name: Tập huấn", 'name: ""', 'name: ""', "để trống", id="quoted empty"),
    pytest.param(
        "issued_on: 2024-02-01", "issued_on: 2024-02-30", "2024-02-30", "ngày dạng", id="not a day"
    ),
    pytest.param(
        "ref: ho-so\n", "ref: Hồ sơ\n", "ref: Hồ sơ", "chữ thường không dấu", id="bad ref"
    ),
    pytest.param("symbol: KH-UBND", "symbol: 12/KH", "12/KH", "KH-UBND", id="bad symbol"),
    pytest.param(
        "name: Sơ kết",
        "name: "
        "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "ddd",
        "nhiều nhất 300 ký tự",
        id="too long",
    ),
    pytest.param("day: 30", "day: 0", "day: 0", "nhỏ nhất là 1", id="too small"),
    pytest.param("month: 11", "month: 13", "month: 13", "lớn nhất là 12", id="too large"),
    pytest.param("day: 30", "day: 31", "day: 31", "tháng 11 không có ngày 31", id="no such day"),
    pytest.param("day: 30, ", "", "ref: nam", "có “month” thì phải có “day”", id="half a day"),
    pytest.param(
        "        name: Hồ sơ trên mạng\n", "", "ref: ho-so", "thiếu khóa “name”", id="missing key"
    ),
    pytest.param(
        "{op: between, value: 65, value_to: 70}",
        "{op: between, value: 70, value_to: 65}",
        "value: 70",
        "phải lớn hơn",
        id="unordered",
    ),
    pytest.param(", value_to: 70", "", "op: between", "thiếu khóa “value_to”", id="between one"),
    pytest.param(
        "value: 90}",
        "value: 90, value_to: 95}",
        "value: 90,",
        "chỉ phép so between",
        id="one with two",
    ),
    pytest.param(
        'op: ">", value', "op: none, value", "op: none", "không ghi value", id="none with value"
    ),
    pytest.param(
        '{op: ">", value: 90}', '{op: ">"}', '{op: ">"}', "thiếu khóa “value”", id="value missing"
    ),
    pytest.param(
        "value: 90", "value: 90.12345", "90.12345", "4 chữ số thập phân", id="too many places"
    ),
    pytest.param("[so]", "[so, so]", "[so, so]", "mỗi mục chỉ ghi một lần", id="twice in a list"),
    pytest.param(
        "ref: tap-huan", 'ref: "ho-so"', 'ref: "ho-so"', "đã dùng cho tiêu chí khác", id="ref twice"
    ),
    pytest.param(
        "level: province",
        "level: province\nlevel: commune",
        "level: commune",
        "ghi hai lần",
        id="key twice",
    ),
    pytest.param(
        "to: 2025-12-31}\nphases",
        "to: 2023-12-31}\nphases",
        "to: 2023-12-31",
        "trước ngày bắt đầu",
        id="period order",
    ),
    pytest.param(
        "from: 2024-01-01, to: 2024-12-31, closes",
        "from: 2023-01-01, to: 2024-12-31, closes",
        "from: 2023-01-01",
        "nằm ngoài thời gian",
        id="period outside",
    ),
    pytest.param(
        "from: 2025-01-01, to: 2025-12-31, closes",
        "from: 2024-12-01, to: 2025-12-31, closes",
        "2024-12-01",
        "chồng nhau",
        id="periods overlap",
    ),
    pytest.param(
        "closes_on: 2025-01-31",
        "closes_on: 2023-01-31",
        "closes_on: 2023",
        "trước khi kỳ bắt đầu",
        id="closes early",
    ),
    pytest.param(
        "kind: final, name: Tổng kết",
        "kind: final, name: Tổng kết, from: 2025-01-01, to: 2024-01-01",
        "from: 2025-01-01, to: 2024-01-01",
        "trước ngày bắt đầu",
        id="phase order",
    ),
    pytest.param(
        "of_which: ho-so", "of_which: ho-xo", "of_which: ho-xo", "các mã: ho-so", id="no such part"
    ),
    pytest.param(
        "of_which: ho-so",
        "of_which: ty-le-dat",
        "of_which: ty",
        "phải là tỷ lệ",
        id="part of no ratio",
    ),
    pytest.param(
        "from: ho-so}",
        "from: ho-xo}",
        "from: ho-xo",
        "không có tiêu chí “ho-xo”",
        id="no such source",
    ),
    pytest.param(
        "derive: {how: share, from: ho-so}",
        "derive: {how: sum, from: ty-le-dat}",
        "how: sum",
        "không cộng được",
        id="sum of words",
    ),
    pytest.param("from: ho-so}", "from: ty-le-dat}", "ref: ty-le-dat", "vòng quanh", id="circle"),
    pytest.param(
        "        derive: {how: share, from: ho-so}\n",
        "",
        "ref: ty-le-dat",
        "thiếu khóa “derive”",
        id="derived alone",
    ),
    pytest.param(
        "of_which: ho-so",
        "derive: {how: sum, from: ho-so}",
        "how: sum",
        "loại derived",
        id="derive on ratio",
    ),
    pytest.param(
        "phase: tong-ket",
        "phase: tong-kat",
        "tong-kat",
        "các mã: so-ket, tong-ket",
        id="no such phase",
    ),
    pytest.param(
        ",\n       number: 5", "", "basis: fixed", "thiếu khóa “number”", id="fixed without"
    ),
    pytest.param(
        "basis: later", "basis: later, number: 3", "basis: later", "phân bổ sau", id="later with"
    ),
    pytest.param(
        "groups: [tap-the]", "groups: [tap-tha]", "tap-tha", "không có nhóm", id="no such group"
    ),
    pytest.param(
        "issuer: a\n", "issuer: a\nbloc: khoi\n", "format", "đúng một trong hai", id="two issuers"
    ),
    pytest.param("standing_agency: a.b\n", "", "format", "standing_agency", id="nobody verifies"),
    pytest.param(
        "dossier:\n  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}",
        "dossier: mac-dinh",
        "mac-dinh",
        "chữ default",
        id="dossier word",
    ),
    pytest.param(
        "part: letter", "part: leter", "part: leter", "letter (tờ trình)", id="dossier part"
    ),
    pytest.param("name: Tổng kết}", "name: &x Tổng kết}", "&x", "nhãn neo", id="alias"),
    pytest.param(
        "title: Phong",
        "title: !!python/name:os.system Phong",
        "!!python",
        "không dùng thẻ",
        id="tag",
    ),
    pytest.param("value: 90", "value: !!int chín", "!!int", "không đọc được", id="bad tagged"),
    pytest.param(
        "title: Phong trào", "title: Phong: trào", "Phong: trào", "dấu hai chấm", id="syntax"
    ),
    pytest.param(
        "unit_kinds: [so]", "unit_kinds: [so", "indicators:", "sai cú pháp YAML", id="brackets"
    ),
    pytest.param(
        "title: Phong trào thi đua chuyển đổi số",
        'title: "a\\0b"',
        "a\\0b",
        "ký tự điều khiển",
        id="nul",
    ),
    pytest.param(
        "short_title: Chuyển đổi số", 'short_title: "a\\nb"', "a\\nb", "một dòng", id="two lines"
    ),
    pytest.param(
        "awards:\n",
        "amendments:\n  - {document: 1/QĐ, in_force_from: 2024-05-01, reason: x}\nawards:\n",
        "amendments",
        "dự thảo không có lần điều chỉnh",
        id="draft amended",
    ),
    pytest.param(
        "value: 90}",
        "value: 90, from: 2024-05-01}",
        "from: 2024-05-01",
        "phải có “decision”",
        id="reason missing",
    ),
    pytest.param(
        "basis: later",
        "basis: later, parent: {plan: x, quota: y}",
        "plan: x",
        "đề nghị cấp trên (upward)",
        id="upward missing",
    ),
    pytest.param(
        "          - {op: between",
        "          - {op: none}\n          - {op: between",
        "op: between",
        "đã có chỉ tiêu",
        id="same rule",
    ),
    pytest.param(
        "to: 2024-12-31", "to: 2023-12-31", "to: 2023-12-31", "trước ngày bắt đầu", id="kỳ ngược"
    ),
    pytest.param(
        "day: 30, month: 11",
        "day: 30, month: 11, on: 2024-11-30",
        "on: 2024-11-30",
        "không ghi ngày cụ thể",
        id="two kinds of day",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        'kind: qualitative\n        targets: [{op: ">", value: 1}]',
        "targets: [{",
        "chỉ ghi none",
        id="words with a number",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        rubric("narrative", "ref: tot, name: Tốt, met: true", "ref: kem, name: Kém, met: false"),
        "rubric: [{",
        "chỉ tiêu chí định tính",
        id="a rubric beside what is not judged",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        rubric("qualitative", "ref: tot, name: Tốt, met: true", "ref: kha, name: Khá, met: true"),
        "rubric: [{",
        "một mức không (met: false)",
        id="a rubric that nobody can miss",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        rubric("qualitative", "ref: tot, name: Tốt, met: true", "ref: kem, name: tốt, met: false"),
        "rubric: [{",
        "trùng tên với mức khác",
        id="two levels of one name",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        rubric("qualitative", "ref: tot, name: Tốt, met: true", "ref: tot, name: Kém, met: false"),
        "rubric: [{",
        "đã dùng cho mức khác",
        id="two levels of one ref",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        rubric(
            "qualitative", "ref: tot, name: Tốt | khá, met: true", "ref: kem, name: Kém, met: false"
        ),
        "rubric: [{",
        "không có dấu phẩy",
        id="a level that a list in Excel would cut",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        'kind: yes_no\n        targets: [{op: ">", value: 1}]',
        "targets: [{",
        "value 1 (có)",
        id="yes with a number",
    ),
    pytest.param(
        "kind: derived\n        derive: {how: share, from: ho-so}",
        'kind: yes_no\n        targets: [{basis: rise, op: "=", value: 1}]',
        "targets: [{",
        "không có mức tăng, giảm",
        id="yes that rises",
    ),
    pytest.param(
        '{op: ">", value: 90}',
        "{basis: fall, op: none}",
        "basis: fall",
        "phải ghi con số",
        id="a fall without a number",
    ),
    pytest.param(
        '{op: ">", value: 90}',
        '{basis: climb, op: ">", value: 90}',
        "basis: climb",
        "rise (tăng so năm trước)",
        id="no such basis",
    ),
    pytest.param(
        "level: province",
        "level: province\nparent: a.2024.so",
        "parent:",
        "chính nó",
        id="own parent",
    ),
    pytest.param(
        "format: thidua-plan/1",
        "format: thidua-plan/2",
        "format",
        "phải ghi thidua-plan/1",
        id="other format",
    ),
    pytest.param(
        "    unit_kinds: [so]\n",
        "    unit_kinds: so\n",
        "unit_kinds",
        "phải là danh sách",
        id="no list",
    ),
    pytest.param(
        "    unit_kinds: [so]\n",
        "    unit_kinds: {so: 1}\n",
        "unit_kinds",
        "“nhóm khóa” phải là",
        id="mapping for list",
    ),
    pytest.param(
        "    unit_kinds: [so]\n",
        "    unit_kinds: [[so]]\n",
        "unit_kinds",
        "“danh sách” phải là",
        id="list in list",
    ),
    pytest.param(
        "state: draft", "state: true", "state:", "“true” không hợp lệ", id="true for a word"
    ),
    pytest.param(
        "dossier:\n",
        "dossier:\n  - {part: letter, title: x, ref: y, copies: 0}\n",
        "copies: 0",
        "nhỏ nhất là 1",
        id="no copies",
    ),
    pytest.param(
        "dossier:\n", "dossier:\n  - chữ\n", "- chữ", "phải là nhóm khóa", id="word for a part"
    ),
    pytest.param(
        "from: 2024-01-01, to: 2024-12-31, ",
        "to: 2024-12-31, ",
        "to: 2024-12-31",
        "thiếu khóa “from”",
        id="half a period",
    ),
]


@pytest.mark.parametrize(("old", "new", "needle", "said"), IN_FILE)
def test_error_is_told_with_its_line_and_what_is_allowed(old, new, needle, said):
    text = edited((old, new))
    file = parse(text)
    found = [problem for problem in file.problems if said in problem.message]
    assert found, [str(problem) for problem in file.problems]
    assert line_of(needle, text) in {problem.line for problem in found}, list(map(str, found))
    assert file.plan == {}
    assert str(found[0]).startswith(f"thu.yaml:{found[0].line}: ")


def test_the_plan_of_these_tests_is_right():
    assert parse(PLAN).problems == []


def test_field_is_named_in_words():
    (problem,) = parse(edited(('op: ">"', 'op: ">>"'))).problems
    assert problem.field == "nhóm “tap-the” / tiêu chí “ho-so” / chỉ tiêu 1 / phép so (op)"


def test_every_error_at_once():
    text = edited(
        ("level: province", "level: Tỉnh"),
        ("issued_on: 2024-02-01", "issued_on: hôm nay"),
        ("of_which: ho-so", "of_which: khong-co"),
        ("phase: so-ket", "phase: khong-co"),
    )
    problems = parse(text).problems
    assert len(problems) == 4
    assert {
        line_of(word, text) for word in ("level: Tỉnh", "hôm nay", "of_which", "phase: khong")
    } == {problem.line for problem in problems}


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (PLAN.encode("utf-16"), 1, "UTF-8"),
        (b"format: thidua-plan/1\nref: \xff\n", 2, "UTF-8"),
        (b"format: thidua-plan/1\nref: a\x01b\n", 2, "ký tự điều khiển"),
        (b"", 1, "tệp phải là một kế hoạch"),
        (b"- a\n- b\n", 1, "tệp phải là một kế hoạch"),
        (b"a: 1\n---\nb: 2\n", 2, "mỗi tệp chỉ có một kế hoạch"),
        (b"a: &x [1]\nb: [*x, *x]\n", 1, "nhãn neo"),
        (b"a: 1\n" + b"b: " + b"[" * 60 + b"]" * 60, 2, "quá sâu"),
        (b"a: 1\n\tb: 2\n", 2, "sai cú pháp YAML"),
        (b"a: " + b"9" * 5000, 1, "không đọc được"),
    ],
)
def test_what_is_no_plan_at_all(content, line, said):
    problems = parse_plan(content, "x.yaml").problems
    found = [problem for problem in problems if said in problem.message]
    assert [problem.line for problem in found][:1] == [line], [str(p) for p in problems]


OUTSIDE = [
    pytest.param(
        "standing_agency: a.b",
        "standing_agency: a.c",
        "a.c",
        "đơn vị cùng cấp trên đang có: a.b",
        id="unit",
    ),
    pytest.param("issuer: a\n", "issuer: zz\n", "issuer: zz", "import_units", id="far unit"),
    pytest.param(
        "level: province", "level: tinh", "level: tinh", "đang có: commune, province", id="level"
    ),
    pytest.param("unit_kinds: [so]", "unit_kinds: [xo]", "[xo]", "loại đơn vị “xo”", id="kind"),
    pytest.param(
        "form: bang-khen, recipients: collective",
        "form: bang, recipients: collective",
        "form: bang,",
        "hình thức khen thưởng “bang”",
        id="form",
    ),
    pytest.param("form: mau-1", "form: mau-2", "mau-2", "mẫu văn bản “mau-2”", id="paper"),
    pytest.param(
        "value: 90}", "value: 90, region: bien}", "region: bien", "đang có: mien-nui", id="region"
    ),
    pytest.param(
        "level: province",
        "parent: cha\nlevel: province",
        "parent: cha",
        "parent_document",
        id="parent",
    ),
    pytest.param(
        "        of_which",
        "        lead: a.x\n        assist: [a.y]\n        of_which",
        "lead: a.x",
        "đơn vị “a.x”",
        id="lead",
    ),
    pytest.param(
        "        of_which",
        "        lead: a.x\n        assist: [a.y]\n        of_which",
        "assist: [a.y]",
        "đơn vị “a.y”",
        id="assist",
    ),
    pytest.param(
        "groups: [tap-the]", "groups: [tap-the], to: a.q", "to: a.q", "đơn vị “a.q”", id="owed to"
    ),
    pytest.param("issuer: a\n", "bloc: khoi-2\n", "khoi-2", "Khối, Cụm “khoi-2”", id="bloc"),
]


@pytest.mark.parametrize(("old", "new", "needle", "said"), OUTSIDE)
def test_names_must_be_on_the_portal(world, old, new, needle, said):
    text = edited((old, new))
    with pytest.raises(PlanFileError, match=r"tep-1\.yaml") as error:
        load(text)
    found = [problem for problem in error.value.problems if said in problem.message]
    assert [problem.line for problem in found] == [line_of(needle, text)], str(error.value)
    assert not Campaign.objects.exists()


CHILD = edited(
    ("ref: a.2024.so", "ref: a.b.2024.so"),
    ("issuer: a\n", "issuer: a.b\n"),
    ("level: province", "parent: a.2024.so\nlevel: province"),
    (
        "basis: later",
        "basis: later, upward: true, parent: {plan: a.2024.so, quota: ca-nhan}",
    ),
)


def test_parents_are_loaded_first_whatever_the_order(world):
    assert [outcome.ref for outcome in load(CHILD, PLAN)] == ["a.2024.so", "a.b.2024.so"]
    child = Quota.objects.get(campaign__ref="a.b.2024.so", ref="ca-nhan")
    assert child.parent == Quota.objects.get(campaign__ref="a.2024.so", ref="ca-nhan")
    assert child.campaign.parent.ref == "a.2024.so"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("quota: ca-nhan}", "quota: khong-co}"), "các mã: ca-nhan, tap-the"),
        (("quota: ca-nhan}", "quota: tap-the}"), "cùng đối tượng"),
        (("{plan: a.2024.so,", "{plan: khac,"), "không phải kế hoạch cấp trên"),
        (("period: {from: 2024-01-01", "period: {from: 2023-01-01"), "kế hoạch cấp trên"),
    ],
)
def test_child_must_fit_its_parent(world, change, said):
    with pytest.raises(PlanFileError, match=said):
        load(PLAN, edited(change, text=CHILD))
    load(PLAN)
    with pytest.raises(PlanFileError, match=said):
        load(edited(change, text=CHILD))


def test_circle_of_parents_and_the_same_plan_twice(world):
    above = edited(("level: province", "parent: a.b.2024.so\nlevel: province"))
    with pytest.raises(PlanFileError, match="thành vòng"):
        load(above, CHILD)
    with pytest.raises(PlanFileError, match=r"đã có ở tệp tep-1\.yaml"):
        load(PLAN, PLAN)


def test_one_wrong_file_changes_nothing(world):
    with pytest.raises(PlanFileError, match=r"tep-2\.yaml:7: cấp \(level\)"):
        load(PLAN, edited(("level: province\n", "level: 3\n"), text=CHILD))
    assert not Campaign.objects.exists()
    assert not Indicator.objects.exists()


def test_files_broken_to_the_root_are_told_beside_the_others(world):
    with pytest.raises(PlanFileError) as error:
        load("- a\n", edited(("ref: a.2024.so\n", "")), edited(("[so]", "[so, 7]")))
    said = str(error.value)
    assert "tep-1.yaml:1: tệp phải là một kế hoạch" in said
    assert "tep-2.yaml:1: thiếu khóa “ref”" in said
    assert "tep-3.yaml:20: " in said


def test_draft_quota_may_go_while_the_ledger_is_empty(world):
    load(PLAN)
    line = next(line for line in PLAN.splitlines(keepends=True) if "basis: later" in line)
    load(edited((line, "")))
    assert list(Quota.objects.values_list("ref", flat=True)) == ["tap-the"]


# --- drafts --------------------------------------------------------------------------------------
def test_draft_is_created_and_loading_it_again_changes_nothing(world):
    (outcome,) = load(PLAN)
    assert outcome.done == "đã tạo"
    campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.DRAFT
    assert campaign.folded == "phong trao thi dua chuyen doi so chuyen doi so"
    assert campaign.number_text == "12/KH-UBND"
    assert not campaign.is_sample
    entry = AuditEntry.objects.get(action="campaign.loaded")
    assert (entry.actor, entry.at, entry.subject_id) == (None, NOW, campaign.pk)
    trail = AuditEntry.objects.count()
    assert [outcome.done for outcome in load(PLAN)] == ["không đổi"]
    assert AuditEntry.objects.count() == trail


def test_draft_is_updated_by_ref(world):
    load(PLAN)
    kept = Indicator.objects.get(ref="ho-so").pk
    text = edited(
        ("title: Phong trào thi đua chuyển đổi số", "title: Tên mới"),
        ("name: Hồ sơ trên mạng", "name: Hồ sơ trực tuyến"),
        ('{op: ">", value: 90}', '{op: ">=", value: 80.5}'),
        (PERIOD_2025, ""),
        ("  - {ref: so-ket, kind: interim, name: Sơ kết}\n", ""),
        ("phase: so-ket", "phase: tong-ket"),
        ("        derive: {how: share, from: ho-so}\n", ""),
        ("kind: derived", "kind: count"),
        (INDIVIDUALS, ""),
        (
            "dossier:\n  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}",
            "dossier: default",
        ),
    )
    (outcome,) = load(text)
    assert outcome.done == "đã cập nhật"
    row = Indicator.objects.get(ref="ho-so")
    assert (row.pk, row.name) == (kept, "Hồ sơ trực tuyến")
    (target,) = Target.objects.filter(indicator=row)
    assert (target.operator, target.value) == (">=", Decimal("80.5"))
    assert list(Period.objects.values_list("ref", flat=True)) == ["2024"]
    assert list(Phase.objects.values_list("ref", flat=True)) == ["tong-ket"]
    assert list(Group.objects.values_list("ref", flat=True)) == ["tap-the"]
    parts = DossierRequirement.objects.all()
    assert [part.part for part in parts] == ["letter", "achievement_report", "minutes", "proof"]
    assert all(part.is_default for part in parts)
    assert [part.required for part in parts] == [True, True, True, False]
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    assert [outcome.done for outcome in load(PLAN)] == ["đã cập nhật"]
    assert [outcome.done for outcome in load(PLAN)] == ["không đổi"]


def test_a_target_on_the_change_comes_back(world):
    text = edited(
        (
            "{op: between, value: 65, value_to: 70}",
            "{basis: rise, op: between, value: 5, value_to: 10}",
        ),
    )
    load(text)
    target = Target.objects.get(indicator__ref="tap-huan")
    assert (target.basis, target.operator, target.value, target.value_to) == (
        "rise",
        "between",
        5,
        10,
    )
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    dumped = plan_text(Campaign.objects.get())
    assert "basis: rise" in dumped
    assert dumped.count("basis: level") == 0  # need not be said
    assert [outcome.done for outcome in load(dumped)] == ["không đổi"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.filter(pk=target.pk).update(operator="none", value=None, value_to=None)


def test_an_indicator_says_whether_its_numbers_are_whole(world):
    text = edited(
        ("        of_which: ho-so\n", "        of_which: ho-so\n        numbers: decimal\n")
    )
    load(text)
    campaign = Campaign.objects.get()
    assert Indicator.objects.get(ref="tap-huan").numbers == "decimal"
    assert parse(plan_text(campaign)).plan == parse(text).plan
    load(PLAN)
    assert Indicator.objects.get(ref="tap-huan").numbers == ""


def test_a_rubric_comes_back_in_its_order_and_changes_by_ref(world):
    old = "kind: derived\n        derive: {how: share, from: ho-so}"
    first, last = "{ref: tot, name: Tốt, met: true}", "{ref: kem, name: Kém, met: false}"
    text = edited((old, f"kind: qualitative\n        rubric: [{first}, {last}]"))
    load(text)
    campaign = Campaign.objects.get()
    best = RubricLevel.objects.get(ref="tot")
    assert parse(plan_text(campaign)).plan == parse(text).plan
    middle = "{ref: kha, name: Khá, text: Ổn định, met: true}"
    renamed = "{ref: tot, name: Nhì, met: false}"
    load(text.replace(f"[{first}, {last}]", f"[{middle}, {renamed}]"))
    levels = RubricLevel.objects.filter(indicator=best.indicator)
    assert [(one.ref, one.name, one.text, one.is_met) for one in levels] == [
        ("kha", "Khá", "Ổn định", True),
        ("tot", "Nhì", "", False),
    ]
    assert levels.get(ref="tot").pk == best.pk


def test_a_total_names_its_parts(world):
    said = "        of_which: ho-so\n        sum_of: [ho-so]\n        sum_grade: blocks\n"
    text = edited(("        of_which: ho-so\n", said))
    load(text)
    total = Indicator.objects.get(ref="tap-huan")
    assert (total.sum_of, total.sum_rule, total.sum_grade) == (["ho-so"], "equal", "blocks")
    dumped = plan_text(Campaign.objects.get())
    assert parse(dumped).plan == parse(text).plan
    assert "sum_rule" not in dumped  # need not be said


def test_indicators_go_in_any_order_of_dependence(world):
    load(PLAN)
    start, end = PLAN.index("    indicators:"), PLAN.index("  - ref: ca-nhan\n")
    load(PLAN[:start] + PLAN[end:])
    assert not Indicator.objects.exists()


def entered(indicator_ref: str = "ho-so") -> Result:
    """A result on a draft sheet, as if it had been typed."""
    campaign = Campaign.objects.get()
    sheet = ResultSheet.objects.create(
        participation=ParticipationFactory(campaign=campaign),
        period=Period.objects.get(ref="2024"),
    )
    return Result.objects.create(
        result_sheet=sheet,
        indicator=Indicator.objects.get(ref=indicator_ref),
        state="reported",
        numerator=9,
        denominator=10,
        saved_at=NOW,
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            [
                (PLAN[PLAN.index("      - ref: ho-so") : PLAN.index("      - ref: tap-huan")], ""),
                ("        of_which: ho-so\n", ""),
                ("kind: derived", "kind: count"),
                ("        derive: {how: share, from: ho-so}\n", ""),
            ],
            "tiêu chí “A1 Hồ sơ trên mạng”",
        ),
        (
            [(PERIOD_2024, "")],
            "kỳ báo cáo “Năm 2024”",
        ),
        (
            [
                (
                    "name: Hồ sơ trên mạng\n        kind: ratio",
                    "name: Hồ sơ trên mạng\n        kind: count",
                ),
                ("        of_which: ho-so\n", ""),
            ],
            "không đổi loại",
        ),
    ],
)
def test_entered_results_are_never_dropped(world, changes, said):
    load(PLAN)
    result = entered()
    with pytest.raises(DomainError, match=said):
        load(edited(*changes))
    assert Result.objects.get() == result
    assert Indicator.objects.count() == 3
    assert Period.objects.count() == 2


def test_quota_with_postings_stays(world):
    load(PLAN)
    quota = Quota.objects.get(ref="ca-nhan")
    QuotaPosting.objects.create(quota=quota, kind="allot", places=3, document="1/CV", at=NOW)
    line = next(line for line in PLAN.splitlines(keepends=True) if "basis: later" in line)
    with pytest.raises(DomainError, match="sổ phân bổ đã có dòng"):
        load(edited((line, "")))
    assert quota.postings.count() == 1


# --- issued --------------------------------------------------------------------------------------
AMENDMENTS = (
    "amendments:\n  - {document: 15/QĐ-UBND, in_force_from: 2024-07-01, reason: Đủ hạ tầng}\n"
)
REVISED = (
    '          - {op: ">", value: 90}\n',
    '          - {op: ">", value: 90}\n          - {op: ">=", value: 95, from: 2024-07-01, '
    "decision: 15/QĐ-UBND, reason: Đủ hạ tầng}\n",
)


def test_issued_plan_steps_through_the_workflow(world):
    load(PLAN)
    load(issued())
    campaign = Campaign.objects.get()
    assert campaign.state == Campaign.State.ISSUED
    assert AuditEntry.objects.filter(action="campaign.issued").count() == 1
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    # a fixed quota's places are its number; the ledger stays for letters and nominations
    assert Quota.objects.get(ref="tap-the").number == 5
    assert not QuotaPosting.objects.exists()


def test_criteria_written_again_as_they_are_leave_no_second_line(world):
    load(PLAN)
    criteria_set = CriteriaSet.objects.get()
    plan = plan_data(Campaign.objects.get())
    write_criteria(
        ref=criteria_set.ref,
        name=criteria_set.name,
        groups=plan["groups"],
        units={unit.ref: unit for unit in Unit.objects.all()},
        scoring=plan["scoring"],
        actor=None,
        now=NOW,
    )
    assert AuditEntry.objects.filter(action="criteriaset.written").count() == 1


def test_who_waits_for_the_leads_is_part_of_the_file_and_later_of_the_page(world):
    load(PLAN.replace("level: province\n", "level: province\nleads_first: true\n"))
    campaign = Campaign.objects.get()
    assert campaign.leads_first
    assert plan_data(campaign)["leads_first"] is True
    load(issued())
    campaign.refresh_from_db()
    assert not campaign.leads_first
    Campaign.objects.update(leads_first=True)  # as the page does after the plan was issued
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    assert Campaign.objects.get().leads_first


@pytest.mark.parametrize(
    ("change", "needle"),
    [
        (("name: Hồ sơ trên mạng", "name: Hồ sơ khác"), "name: Hồ sơ khác"),
        (("short_title: Chuyển đổi số", "short_title: Tên khác"), "Tên khác"),
        (("value: 90", "value: 85"), "targets:"),
        (REVISED, "from: 2024-07-01"),
        (("number: 5", "number: 6"), "number: 6"),
        (("closes_on: 2026-01-31", "closes_on: 2026-02-28"), "2026-02-28"),
        (("state: issued", "state: draft"), "state: draft"),
        (
            (
                "dossier:\n  - {ref: to-trinh, part: letter, title: Tờ trình, form: mau-1}",
                "dossier: default",
            ),
            "dossier: default",
        ),
    ],
)
def test_issued_plan_is_refused_line_by_line(world, change, needle):
    load(issued())
    before = plan_data(Campaign.objects.get())
    text = edited(change, text=issued())
    with pytest.raises(PlanFileError) as error:
        load(text)
    assert line_of(needle, text) in {problem.line for problem in error.value.problems}
    assert plan_data(Campaign.objects.get()) == before


def test_dated_amendment_adds_a_target_and_keeps_the_old_one(world):
    load(issued())
    campaign = Campaign.objects.get()
    result = entered()
    text = edited(REVISED, ("number: 5", "number: 8"), text=issued()) + AMENDMENTS
    user = UserFactory()
    (outcome,) = load_plans([parse(text)], actor=user, now=NOW)
    assert outcome.done == "đã điều chỉnh"
    rows = Target.objects.filter(indicator__ref="ho-so").order_by("pk")
    assert [(row.operator, row.value, row.in_force_from) for row in rows] == [
        (">", 90, None),
        (">=", 95, date(2024, 7, 1)),
    ]
    amendment = Amendment.objects.get()
    assert (amendment.document, amendment.made_by, amendment.made_at) == ("15/QĐ-UBND", user, NOW)
    assert amendment.changes == [
        {
            "indicator": "ho-so",
            "target": {
                "op": ">=",
                "value": "95",
                "from": "2024-07-01",
                "decision": "15/QĐ-UBND",
                "reason": "Đủ hạ tầng",
            },
        },
        {
            "quota": "tap-the",
            "before": {"basis": "fixed", "number": 5, "note": ""},
            "after": {"basis": "fixed", "number": 8, "note": ""},
        },
    ]
    assert Quota.objects.get(ref="tap-the").number == 8
    assert AuditEntry.objects.get(action="campaign.amended").actor == user
    campaign.refresh_from_db()
    assert campaign.revision == 2
    assert Result.objects.get() == result
    assert [outcome.done for outcome in load(text)] == ["không đổi"]
    # going back to the old file would lose the amendment
    with pytest.raises(PlanFileError, match="thiếu lần điều chỉnh"):
        load(issued())


@pytest.mark.parametrize(
    ("amendments", "target", "said"),
    [
        (
            AMENDMENTS,
            REVISED[1].replace("decision: 15/QĐ-UBND", "decision: 16/QĐ"),
            "decision trùng",
        ),
        (AMENDMENTS, REVISED[0].replace("90", "95"), "giữ dòng cũ"),
        (
            AMENDMENTS.replace("2024-07-01", "2024-08-01"),
            REVISED[1],
            "cần một mục ở “amendments”",
        ),
    ],
)
def test_amendment_that_is_none(world, amendments, target, said):
    load(issued())
    with pytest.raises(PlanFileError, match=said):
        load(edited((REVISED[0], target), text=issued()) + amendments)
    assert Target.objects.filter(indicator__ref="ho-so").count() == 1


def test_second_amendment_must_come_later(world):
    first = issued() + AMENDMENTS
    load(first)
    assert Amendment.objects.get().changes == []
    second = "  - {document: 20/QĐ-UBND, in_force_from: 2024-06-01, reason: Sớm hơn}\n"
    with pytest.raises(PlanFileError, match="theo thứ tự ngày"):
        load(first + second)
    earlier = first.replace("amendments:\n", "amendments:\n" + second)
    with pytest.raises(PlanFileError, match="phải sau lần điều chỉnh gần nhất"):
        load(earlier)
    (outcome,) = load(first + second.replace("2024-06-01", "2024-09-01"))
    assert outcome.done == "đã điều chỉnh"
    assert Amendment.objects.count() == 2


def test_plan_first_loaded_with_its_amendment_says_what_it_changed(world):
    load(edited(REVISED, text=issued()) + AMENDMENTS)
    assert [change["indicator"] for change in Amendment.objects.get().changes] == ["ho-so"]


def test_quota_amended_below_what_is_used_is_refused(world):
    load(issued())
    quota = Quota.objects.get(ref="ca-nhan")
    QuotaPosting.objects.create(quota=quota, kind="withdraw", places=-2, document="1/CV", at=NOW)
    text = edited(("basis: later", "basis: fixed, number: 1"), text=issued()) + AMENDMENTS
    with pytest.raises(DomainError, match="thiếu 1 chỗ"):
        load(text)
    assert Quota.objects.get(ref="ca-nhan").number is None


def test_closed_plan_is_not_amended(world):
    load(issued())
    Campaign.objects.update(state=Campaign.State.CLOSED)
    assert [outcome.done for outcome in load(issued())] == ["không đổi"]
    with pytest.raises(DomainError, match="đã tổng kết"):
        load(issued() + AMENDMENTS)


# --- out and back --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def shipped(django_db_setup, django_db_blocker):
    """The five shipped plans, loaded once with their units; all is rolled back."""
    files = [read_plan(path) for path in sorted((SAMPLE / "plans").glob("*.yaml"))]
    trees = sorted((SAMPLE / "units").glob("*.yaml"))
    with django_db_blocker.unblock(), transaction.atomic():
        import_units(read_unit_files(trees), actor=None, now=NOW)
        call_command("load_registries", stdout=StringIO())
        load_plans(files, actor=None, now=NOW)
        yield files
        transaction.set_rollback(True)


def test_load_dump_load_is_the_identity_for_every_shipped_plan(shipped):
    assert len(shipped) == 5
    for file in shipped:
        campaign = Campaign.objects.get(ref=file.ref)
        back = parse(plan_text(campaign))
        assert back.problems == []
        assert back.plan == file.plan == plan_data(campaign)
        assert plan_text(campaign) == plan_text(campaign)
    outcomes = load_plans(shipped, actor=None, now=NOW)
    assert [outcome.done for outcome in outcomes] == ["không đổi"] * 5


def test_dump_of_every_shipped_plan_loads_as_unchanged(shipped):
    again = [parse(plan_text(Campaign.objects.get(ref=file.ref))) for file in shipped]
    assert {outcome.done for outcome in load_plans(again, actor=None, now=NOW)} == {"không đổi"}


def test_the_example_is_a_right_plan():
    file = read_plan(SAMPLE / "plan-example.yaml")
    assert list(map(str, file.problems)) == []


def test_the_example_names_kinds_levels_and_forms_that_the_sample_holds(shipped):
    file = read_plan(SAMPLE / "plan-example.yaml")
    named = set(re.findall(r"'(vi-du(?:\.[a-z-]+)?)'", str(file.plan)))
    with transaction.atomic():
        for ref in sorted(named):
            UnitFactory(ref=ref)
        (outcome,) = load_plans([file], actor=None, now=NOW)
        paper = DossierRequirement.objects.get(campaign__ref=outcome.ref, ref="bao-cao").form
        assert paper.ref == "mau-07-nd91"
        transaction.set_rollback(True)


texts = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufeff"), min_size=1
).filter(lambda text: text.strip())


@settings(deadline=None, max_examples=60)
@given(
    title=texts,
    note=st.lists(texts, min_size=1, max_size=3).map("\n\n".join),
    value=st.decimals(0, 10**9, places=4),
)
def test_any_text_and_number_survives_dumping(title, note, value):
    plan = parse(PLAN).plan
    plan["theme"], plan["groups"][0]["note"] = title, note
    plan["groups"][0]["indicators"][0]["targets"][0]["value"] = value
    plan = canonical(plan)
    assert parse(yaml_text(sparse(plan))).plan == plan


def test_numbers_are_exact_and_words_stay_words():
    text = edited(("value: 90", "value: 0.1"), ("name: Tập huấn", 'name: "yes"'))
    rows = parse(text).plan["groups"][0]["indicators"]
    assert rows[0]["targets"][0]["value"] == Decimal("0.1")
    assert isinstance(rows[0]["targets"][0]["value"], Decimal)
    assert rows[1]["name"] == "yes"
    assert parse(PLAN).plan["document"]["issued_on"] == date(2024, 2, 1)


# --- commands ------------------------------------------------------------------------------------
@pytest.fixture
def plan_path(tmp_path):
    path = tmp_path / "ke-hoach.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def test_load_plan_command(world, plan_path):
    said = run("load_plan", plan_path, "--check")
    assert "a.2024.so: đã tạo" in said
    assert "chưa ghi gì" in said
    assert not Campaign.objects.exists()
    assert not AuditEntry.objects.filter(action="campaign.loaded").exists()
    assert "đã tạo" in run("load_plan", plan_path, "--sample")
    assert Campaign.objects.get().is_sample
    assert "không đổi" in run("load_plan", plan_path)


def test_load_plan_command_refuses_with_every_error(world, plan_path, tmp_path):
    plan_path.write_text(edited(("level: province", "level: X"), ("value: 90", "value: a")))
    with pytest.raises(CommandError) as error:
        run("load_plan", plan_path)
    assert "ke-hoach.yaml:6: cấp (level)" in str(error.value)
    assert "ke-hoach.yaml:27: " in str(error.value)
    assert "Chưa ghi gì" in str(error.value)
    with pytest.raises(CommandError, match="không đọc được tệp"):
        run("load_plan", tmp_path / "khong-co.yaml")
    big = tmp_path / "to.yaml"
    big.write_bytes(b"#" * 2_000_001)
    with pytest.raises(CommandError, match="2 MB"):
        run("load_plan", big)


def test_dump_plan_command(world, plan_path, tmp_path):
    run("load_plan", plan_path)
    text = run("dump_plan", "a.2024.so")
    assert parse(text).plan == parse(PLAN).plan
    out = tmp_path / "ra.yaml"
    assert "Đã ghi" in run("dump_plan", "a.2024.so", "--out", out)
    assert out.read_text(encoding="utf-8") == text
    with pytest.raises(CommandError, match=r"đang có: a\.2024\.so"):
        run("dump_plan", "khong-co")
    with pytest.raises(CommandError, match="Không ghi được"):
        run("dump_plan", "a.2024.so", "--out", tmp_path / "khong" / "co.yaml")


def test_bloc_plan_needs_no_standing_agency(world):
    load(edited(("issuer: a\nstanding_agency: a.b\n", "bloc: khoi\n")))
    campaign = Campaign.objects.get()
    assert (campaign.issuer, campaign.bloc.ref) == (world, "khoi")
    assert plan_data(campaign)["issuer"] == ""


def test_a_draft_may_lose_its_parts_in_any_order_but_keep_its_name(world):
    load(PLAN)
    (outcome,) = load(edited(("short_title: Chuyển đổi số", "short_title: Tên gọi khác")))
    assert outcome.changes == "thêm 0, sửa 2, bỏ 0 dòng"  # the plan and its criteria set
    assert Campaign.objects.get().criteria_set.name == "Tiêu chí: Tên gọi khác"


def test_services_refuse_an_issued_plan_by_themselves(world):
    load(issued())
    campaign = Campaign.objects.get()
    with pytest.raises(DomainError, match="đã ban hành"):
        write_campaign(
            plan=parse(issued()).plan,
            criteria_set=campaign.criteria_set,
            parent=None,
            units={unit.ref: unit for unit in Unit.objects.all()},
            blocs={},
            is_sample=False,
            actor=None,
            now=NOW,
        )
    given = {"document": "1/QĐ", "reason": "x", "changes": [], "actor": None, "now": NOW}
    add_amendment(campaign, in_force_from=date(2024, 5, 1), **given)
    with pytest.raises(DomainError, match="không sau lần điều chỉnh gần nhất"):
        add_amendment(campaign, in_force_from=date(2024, 5, 1), **given)


def test_changes_count():
    assert not Changes()
    assert str(Changes(1, 2, 3)) == "thêm 1, sửa 2, bỏ 3 dòng"


# --- the plan above, indicator by indicator ------------------------------------------------------
ANSWERS = """\
parent: cha
parent_indicators:
  - {indicator: ho-so, way: covered, by: tap-huan}
  - {indicator: tap-huan, way: delegated, text: Giao Phòng Nội vụ}
  - {indicator: ty-le-dat, way: set_aside, text: Không có đơn vị cấp dưới}
"""
ABOVE = edited(("ref: a.2024.so", "ref: cha"))
ANSWERED = edited(("level: province", f"level: province\n{ANSWERS}"))


def test_how_a_plan_carries_out_the_one_above_comes_back(world):
    IndicatorFactory()  # of a ruler that no plan has
    load(ANSWERED, ABOVE)
    campaign = Campaign.objects.get(ref="a.2024.so")
    rows = ParentIndicator.objects.filter(campaign=campaign)
    assert [(row.parent_indicator.ref, row.way) for row in rows] == [
        ("ho-so", "covered"),
        ("tap-huan", "delegated"),
        ("ty-le-dat", "set_aside"),
    ]
    assert rows[0].indicator.criteria_set_id == campaign.criteria_set_id
    assert load(ANSWERED)[0].done == "không đổi"
    assert [row["way"] for row in plan_data(campaign)["parent_indicators"]] == [
        "covered",
        "delegated",
        "set_aside",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("indicator: ho-so", "indicator: sai", "kế hoạch cấp trên không có tiêu chí “sai”"),
        ("by: tap-huan", "by: sai", "không có tiêu chí “sai” trong kế hoạch"),
        (", by: tap-huan", "", "thiếu khóa “by”"),
        (", text: Giao Phòng Nội vụ", "", "thiếu khóa “text”"),
        ("indicator: tap-huan", "indicator: ho-so", "đã nêu cách thực hiện ở trên"),
        ("parent: cha\n", "", "chỉ ghi khi kế hoạch có kế hoạch cấp trên"),
    ],
)
def test_an_answer_that_is_none(world, old, new, said):
    with pytest.raises(PlanFileError, match=said):
        load(edited((old, new), text=ANSWERED), ABOVE)


def test_an_indicator_on_which_a_plan_below_stands_stays(world):
    load(ANSWERED, ABOVE)
    part = ABOVE[ABOVE.index("      - ref: tap-huan") : ABOVE.index("      - ref: ty-le-dat")]
    with pytest.raises(DomainError, match="thực hiện tiêu chí cấp trên"):
        load(edited((part, ""), text=ABOVE))


def test_an_own_indicator_goes_with_the_answer_that_names_it(world):
    load(ANSWERED, ABOVE)
    other = edited(("by: tap-huan", "by: ho-so"), text=ANSWERED)
    part = other[other.index("      - ref: tap-huan") : other.index("      - ref: ty-le-dat")]
    load(edited((part, ""), text=other))
    assert ParentIndicator.objects.get(way="covered").indicator.ref == "ho-so"
