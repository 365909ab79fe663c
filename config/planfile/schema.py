"""The published JSON Schema, and its errors said in Vietnamese.

The schema is the only list of fields: their words (`title`), what they allow (`x-allowed`), their
order and their defaults come from it, for checking, loading and writing alike.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from criteria.rules import plain_readings
from units.rules import far_off

SCHEMA_FILE = FilePath(__file__).parents[1] / "sample" / "plan.schema.json"
Path = tuple[str | int, ...]
TYPES = {
    "string": "chuỗi chữ (chữ số thì đặt trong dấu nháy)",
    "integer": "số nguyên",
    "number": "số, phần lẻ sau dấu chấm",
    "boolean": "true hoặc false",
    "array": "danh sách",
    "object": "nhóm khóa",
}

NO_KEY = "không có khóa này; được ghi: {}."
COMMA = (
    "trong ngoặc { } dấu phẩy ngăn hai khóa, không nằm trong số; số viết liền như 1250, phần lẻ "
    "sau dấu chấm như 1.25."
)


@cache
def plan_schema() -> dict[str, Any]:
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of one field with its `$ref` followed; its own words win."""
    if "$ref" not in schema:
        return dict(schema)
    target = plan_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def item_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of one item of a list (`dossier` is a list or a word)."""
    for option in (schema, *schema.get("anyOf", ())):
        if "items" in option:
            return resolved(option["items"])
    return {}


def field_words(path: Path, data: Any) -> str:
    """("groups", 0, "indicators", 2, "name") → "nhóm “tap-the” / tiêu chí “ct3” / tên (name)"."""
    words: list[str] = []
    schema: dict[str, Any] = plan_schema()
    value = data
    for position, step in enumerate(path):
        value = _inside(value, step)
        if isinstance(step, int):
            schema = item_schema(schema)
            ref = value.get("ref") if isinstance(value, dict) else None
            words[-1] = f"{schema.get('title', 'mục')} " + (f"“{ref}”" if ref else str(step + 1))
            continue
        schema = resolved(schema.get("properties", {}).get(step, {}))
        title = schema.get("title", "khóa")
        words.append(f"{title} ({step})" if position == len(path) - 1 else title)
    return " / ".join(words)


def _inside(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


formats = FormatChecker(formats=())


@formats.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    day = date.fromisoformat(value)
    return day.isoformat() == value and not far_off(day)


def schema_errors(data: Any) -> Iterator[tuple[Path, str]]:
    """Every breach of the schema: the path it is told at, and the sentence."""
    validator = Draft202012Validator(plan_schema(), format_checker=formats)
    for error in validator.iter_errors(data):
        yield from _said(error)


def _said(error: ValidationError) -> Iterator[tuple[Path, str]]:
    path: Path = tuple(error.absolute_path)
    rule, value, limit = str(error.validator), _any(error.instance), _any(error.validator_value)
    schema = error.schema if isinstance(error.schema, dict) else {}
    allowed = schema.get("x-allowed")
    if rule == "additionalProperties":
        known = schema.get("properties", {})
        for key in sorted(set(value) - set(known), key=str):
            yield (*path, key), COMMA if key.isdigit() else NO_KEY.format(", ".join(known))
    elif rule == "required":
        missing = [key for key in limit if key not in value]
        # iter_errors yields one error a missing key; the key is the quoted word of its message
        key = next((key for key in missing if error.message.startswith(repr(key))), missing[0])
        yield path, f"thiếu khóa “{key}” ({_title(path, key)})."
    elif rule == "dependentRequired":
        for key, needed in limit.items():
            for other in needed if key in value else ():
                if other not in value and error.message.startswith(repr(other)):
                    yield path, f"có “{key}” thì phải có “{other}”."
    elif rule == "anyOf" and error.context and isinstance(value, list):
        for inner in error.context:
            if inner.validator != "const":
                yield from _said(inner)
    elif value is None and rule in {"type", "enum", "const"}:
        yield path, "để trống; ghi giá trị, hoặc bỏ khóa nếu không có."
    elif rule == "type":
        yield path, f"“{_short(value)}” phải là {TYPES[str(limit)]}{_readings(value, limit)}."
    elif rule in {"enum", "pattern", "format"}:
        yield path, f"“{_short(value)}” không hợp lệ; được ghi: {allowed}."
    elif rule == "const":
        yield path, f"“{_short(value)}” không hợp lệ; phải ghi {limit}."
    elif rule == "minLength":
        yield path, "để trống; ghi giá trị, hoặc bỏ khóa nếu không có."
    elif rule == "maxLength":
        yield path, f"dài {len(value)} ký tự; nhiều nhất {limit} ký tự."
    elif rule == "minimum":
        yield path, f"“{value}” quá nhỏ; nhỏ nhất là {limit}."
    elif rule == "maximum":
        yield path, f"“{value}” quá lớn; lớn nhất là {limit}."
    elif rule == "uniqueItems":
        yield path, "có mục ghi hai lần; mỗi mục chỉ ghi một lần."
    else:
        yield path, f"{schema.get('x-message', 'không hợp lệ')}."


def _readings(value: Any, limit: str) -> str:
    """How a number that is written as on paper is written in a file; both ways of one that may be
    two."""
    if not isinstance(value, str) or limit not in {"number", "integer"}:
        return ""
    ways = [
        f"ghi {plain} nếu là {read}"
        for plain, read in plain_readings(value)
        if limit == "number" or plain.isdigit()
    ]
    return ": " * bool(ways) + ", ".join(ways)


def _any(value: Any) -> Any:
    """An attribute that jsonschema may leave unset; here a rule has always failed."""
    return value


def _title(path: Path, key: str) -> str:
    schema: dict[str, Any] = plan_schema()
    for step in path:
        schema = (
            item_schema(schema)
            if isinstance(step, int)
            else resolved(schema.get("properties", {}).get(step, {}))
        )
    return resolved(schema.get("properties", {}).get(key, {})).get("title", "khóa")


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal | int | str):
        return str(value)[:60]
    return "danh sách" if isinstance(value, list) else "nhóm khóa"
