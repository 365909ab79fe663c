"""YAML in, plain values and their lines out; then everything that can be checked in the file.

YAML's surprises are switched off: only true and false are yes or no, a date stays the text that
the schema checks, a number with a point is a Decimal of its own digits, and anchors, tags,
duplicate keys and text that is not UTF-8 are refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import yaml

from config.planfile.canonical import canonical
from config.planfile.checks import inner_errors
from config.planfile.problems import PlanFileError, Problem
from config.planfile.schema import Path, field_words, schema_errors
from config.planfile.scoring import scoring_faults
from units.rules import UNSEEN, DomainError, nfc

MAX_BYTES = 400_000  # the longest of the real plans has 20,000; PyYAML reads 35,000 a second
MAX_DEPTH = 20
TAG = "tag:yaml.org,2002:"
SYNTAX = {
    "mapping values are not allowed here": "thừa dấu hai chấm trong dòng; đặt cả chuỗi trong dấu "
    "nháy",
    "that cannot start any token": "có ký tự không được đứng đầu (dấu tab, %, @ hay `); thụt dòng "
    "bằng dấu cách, hoặc đặt chuỗi trong dấu nháy",
    "found duplicate anchor": "không dùng nhãn neo (&) trong tệp kế hoạch",
    "but found another document": "mỗi tệp chỉ có một kế hoạch; bỏ dòng “---” ở giữa",
    "special characters are not allowed": "có ký tự điều khiển không được phép",
}


class PlanLoader(yaml.SafeLoader):
    """The safe loader with resolvers of its own; used to compose nodes only."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="không dùng nhãn neo (& và *) trong tệp kế hoạch; ghi đủ ở từng chỗ",
                problem_mark=event.start_mark,
            )
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="lồng nhau quá sâu", problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
):
    PlanLoader.add_implicit_resolver(TAG + tag, re.compile(pattern), list(first))


@dataclass
class PlanFile:
    """A plan as read: the raw values, the line of every value and key, and the one shape."""

    name: str
    data: Any
    lines: dict[Path, int]
    problems: list[Problem] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return self.plan["ref"]

    def line_of(self, path: Path) -> int:
        """The line of the value at `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str) -> Problem:
        return Problem(self.name, self.line_of(path), field_words(path, self.data), message, path)


def read_plan(path: FilePath) -> PlanFile:
    """Read and check one file. Raises DomainError when there is no such file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DomainError(f"{path}: tệp quá lớn; tệp kế hoạch nhiều nhất 2 MB.")
        content = path.read_bytes()
    except OSError as error:
        raise DomainError(
            f"{path}: không đọc được tệp; kiểm tra lại đường dẫn và quyền đọc."
        ) from error
    return parse_plan(content, path.name)


def parse_plan(content: bytes, name: str) -> PlanFile:
    """Check `content` by itself; `problems` holds every error, `plan` the shape when there is none.

    What needs other files or the database is checked when it is loaded.
    """
    try:
        data, lines, wrong = _values(content, name)
    except PlanFileError as error:
        return PlanFile(name, {}, {}, error.problems)
    file = PlanFile(name, data, lines)
    file.problems += [
        Problem(name, line, field_words(path, data), message, path) for path, line, message in wrong
    ]
    if not isinstance(data, dict):
        file.problems.append(Problem(name, 1, "", "tệp phải là một kế hoạch gồm các khóa."))
        return file
    return _checked(file)


def plan_of_values(data: Mapping[str, Any], name: str, *, at_work: bool = False) -> PlanFile:
    """Check a plan that comes as values and not as text: dates may be dates, lines there are none.

    The same checks as of a file, so that what a page saves is what a file may say; while somebody
    is `at_work` on its scoring tables, they need not add up even if the plan is issued.
    """
    wrong: list[tuple[Path, str]] = []
    file = PlanFile(name, _raw(data, (), wrong), {})
    file.problems += [file.problem(path, message) for path, message in wrong]
    return _checked(file, at_work=at_work)


def _checked(file: PlanFile, *, at_work: bool = False) -> PlanFile:
    errors = [*schema_errors(file.data), *inner_errors(file.data)]
    file.problems += [file.problem(path, message) for path, message in errors]
    if file.problems:
        return file
    plan = canonical(file.data)
    if plan["state"] == "issued" and not at_work:  # nor need those of a draft
        file.problems += [file.problem(path, message) for path, message in scoring_faults(plan)]
    if not file.problems:
        file.plan = plan
    return file


def _raw(value: Any, path: Path, wrong: list[tuple[Path, str]]) -> Any:
    """What reading the text of a file would have given."""
    if isinstance(value, Mapping):
        return {key: _raw(item, (*path, key), wrong) for key, item in value.items()}
    if isinstance(value, list):
        return [_raw(item, (*path, index), wrong) for index, item in enumerate(value)]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and UNSEEN.search(value):
        wrong.append((path, "có ký tự điều khiển không được phép; xóa ký tự đó."))
    return nfc(value) if isinstance(value, str) else value


Wrong = list[tuple[Path, int, str]]  # the path it is told at, the line, the sentence


def _values(content: bytes, name: str) -> tuple[Any, dict[Path, int], Wrong]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "tệp không ở dạng UTF-8; lưu lại tệp với bảng mã UTF-8."
        raise PlanFileError([Problem(name, line, "", message)]) from error
    try:
        loader = PlanLoader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = "có ký tự điều khiển không được phép trong tệp; xóa ký tự đó."
        raise PlanFileError([Problem(name, line, "", message)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlanFileError(
            [Problem(name, mark.line + 1 if mark else 1, "", f"{_syntax(error)}.")]
        ) from error
    lines: dict[Path, int] = {}
    wrong: Wrong = []
    value = _value(node, (), lines, wrong) if node else None
    return value, lines, wrong


def _syntax(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.problem or ''} {error.context or ''}"
    if not said.isascii():
        return said.strip()
    known = next((text for key, text in SYNTAX.items() if key in said), None)
    return "sai cú pháp YAML: " + (known or "dấu nháy, dấu ngoặc hoặc thụt dòng không khớp")


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], wrong: Wrong) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    kind = node.tag.removeprefix(TAG)
    if kind not in {"map", "seq", "str", "bool", "int", "float", "null"}:
        wrong.append((path, line, f"không dùng thẻ “{node.tag}” trong tệp kế hoạch; bỏ thẻ đó."))
        return None
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = nfc(str(key_node.value))
            line = key_node.start_mark.line + 1
            if key in values:
                wrong.append((path, line, f"khóa “{key}” ghi hai lần; mỗi khóa chỉ ghi một lần."))
                continue
            lines[(*path, key)] = line
            values[key] = _value(value_node, (*path, key), lines, wrong)
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), lines, wrong) for index, item in enumerate(node.value)]
    if UNSEEN.search(node.value):
        wrong.append((path, line, "có ký tự điều khiển không được phép; xóa ký tự đó."))
        return None
    try:
        return SCALARS[kind](nfc(node.value))
    except (ValueError, ArithmeticError, KeyError):
        wrong.append((path, line, f"“{node.value[:60]}” không đọc được; ghi lại giá trị."))
        return None


SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "bool": {"true": True, "false": False}.__getitem__,
    "int": int,
    "float": Decimal,
    "null": lambda _: None,
}
