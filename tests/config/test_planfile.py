"""Plan files as they are read: every error with its line and what is allowed."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.planfile import parse_plan, read_plan
from config.planfile.canonical import canonical, sparse
from config.planfile.dumping import yaml_text
from tests.config.planfiles import PLAN, SAMPLE, edited, line_of, parse, rubric, world

__all__ = ["world"]

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
        "closes_on: 2025-01-31",
        "closes_on: 9999-12-31",
        "9999-12-31",
        "từ năm 1900 đến năm 2100",
        id="a year typed wrong",
    ),
    pytest.param("on: 2024-02-01", "on: 0001-01-01", "0001-01-01", "ngày dạng", id="long ago"),
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


def test_the_example_is_a_right_plan():
    file = read_plan(SAMPLE / "plan-example.yaml")
    assert list(map(str, file.problems)) == []


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
