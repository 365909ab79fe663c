"""Files that people write: YAML read with line numbers, every error found at once."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from units.rules import REF_PATTERN, DomainError, nfc


class Where(NamedTuple):
    """A line of a file, as an error names it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, dòng {self.line}" if self.line else self.file


class Entry(dict[str, Any]):
    """A mapping of the file that knows on which line it begins."""

    at: Where


class FileError(DomainError):
    """A file refused as a whole; `problems` holds one sentence for each error in it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Problems:
    """Collects sentences, so that a wrong file is told everything in one go."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, at: Where, sentence: str) -> None:
        self.sentences.append(f"{at}: {sentence}")

    def stop(self) -> None:
        """Raises FileError when anything was found."""
        if self.sentences:
            raise FileError(self.sentences)


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML whose mappings are `Entry` and whose text is NFC."""

    file = ""
    problems: Problems


def read_entry(loader: Loader, node: yaml.MappingNode) -> Iterator[Entry]:
    """Two steps, as YAML wants it for containers. A key written twice is an error, not the last."""
    entry = Entry()
    entry.at = Where(loader.file, node.start_mark.line + 1)
    yield entry
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = Where(loader.file, key_node.start_mark.line + 1)
        if not isinstance(key, str | int) or isinstance(key, bool):
            loader.problems.add(line, f"tên trường “{key_node.value}” phải là chữ.")
        elif str(key) in entry:
            loader.problems.add(line, f"trường “{key}” ghi hai lần; chỉ ghi một lần.")
        else:
            entry[str(key)] = loader.construct_object(value_node, deep=True)


def read_day(loader: Loader, node: yaml.ScalarNode) -> Any:
    """A day that no calendar has (2025-02-30) stays text, and is refused where a day is asked."""
    with suppress(ValueError):
        return yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    return node.value


Loader.add_constructor("tag:yaml.org,2002:map", read_entry)
Loader.add_constructor("tag:yaml.org,2002:timestamp", read_day)
Loader.add_constructor(
    "tag:yaml.org,2002:str", lambda loader, node: nfc(loader.construct_scalar(node))
)


def read_yaml(path: Path, problems: Problems) -> Entry | None:
    """The file as one `Entry`; None, with the reason in `problems`, when it is no such thing."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        problems.add(Where(name, 0), f"không đọc được tệp ({error.strerror}).")
        return None
    except UnicodeDecodeError:
        problems.add(Where(name, 0), "tệp phải là văn bản UTF-8.")
        return None
    loader = Loader(text)
    loader.file, loader.problems = name, problems
    try:
        data = loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        problems.add(Where(name, mark.line + 1 if mark else 0), f"sai cú pháp YAML ({reason}).")
        return None
    finally:
        loader.dispose()
    if not isinstance(data, Entry):
        problems.add(Where(name, 1), "tệp phải gồm các mục, mỗi mục một tên.")
        return None
    return data


class Field(NamedTuple):
    """What one field of an entry may hold.

    type: line, text, ref, day, number, decimal, flag, list, entry. `longest` counts characters.
    """

    type: str = "line"
    required: bool = False
    longest: int = 300
    choices: tuple[str, ...] = ()
    default: Any = ""


ALLOWED = {
    "line": "chữ trên một dòng, số thì đặt trong ngoặc kép",
    "text": "chữ",
    "ref": "mã tham chiếu gồm chữ thường không dấu, số, gạch nối và dấu chấm",
    "day": "ngày viết năm-tháng-ngày, ví dụ 2025-06-30",
    "number": "số nguyên từ 0 trở lên",
    "decimal": "số, phần lẻ viết sau dấu chấm",
    "flag": "true hoặc false",
    "list": "danh sách",
    "entry": "các mục con",
}
EMPTY = {"day": None, "number": None, "decimal": None, "flag": False}


def as_decimal(value: Any) -> Decimal | None:
    """A number of the file without passing through binary fractions; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    with suppress(InvalidOperation):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    return None


def accepted(field: Field, value: Any) -> Any:
    """The value as the field wants it. Raises ValueError when it is not allowed."""
    kind = field.type
    if kind in {"line", "text"} and isinstance(value, str):
        if kind == "text" or "\n" not in value.strip():
            return value.strip()
    elif kind == "ref" and isinstance(value, str) and re.fullmatch(REF_PATTERN, value):
        return value
    elif kind == "decimal" and (number := as_decimal(value)) is not None:
        return number
    else:
        wanted = {"day": date, "number": int, "flag": bool, "list": list, "entry": Entry}.get(kind)
        exact = wanted is not None and type(value) is wanted
        if exact and not (kind == "number" and value < 0):
            return value
    raise ValueError(kind)


def take(
    entry: Any, fields: dict[str, Field], thing: str, at: Where, problems: Problems
) -> dict[str, Any] | None:
    """The fields of one entry, checked; what is absent gets its default.

    None when the entry is no mapping. Every fault goes to `problems`, with what is allowed.
    """
    if not isinstance(entry, Entry):
        problems.add(at, f"{thing}: phải gồm các trường {', '.join(fields)}.")
        return None
    for name in entry:
        if name not in fields:
            problems.add(
                entry.at,
                f"{thing}: không có trường “{name}”. Các trường được dùng: {', '.join(fields)}.",
            )
    found: dict[str, Any] = {}
    for name, field in fields.items():
        value = entry.get(name)
        found[name] = EMPTY.get(field.type, field.default)
        if value is None or value == "":
            if field.required:
                problems.add(entry.at, f"{thing}: thiếu “{name}” ({ALLOWED[field.type]}).")
            elif field.type == "list":
                found[name] = []
            elif field.default != "":
                found[name] = field.default
            continue
        try:
            found[name] = accepted(field, value)
        except ValueError:
            problems.add(
                entry.at, f"{thing}: “{name}” là “{value}”; phải là {ALLOWED[field.type]}."
            )
            continue
        if field.choices and found[name] not in field.choices:
            problems.add(
                entry.at,
                f"{thing}: “{name}” là “{value}”; chọn một trong: {', '.join(field.choices)}.",
            )
        elif field.type in {"line", "ref"} and len(found[name]) > field.longest:
            problems.add(
                entry.at,
                f"{thing}: “{name}” dài {len(found[name])} ký tự; nhiều nhất {field.longest}.",
            )
    return found


def named(thing: str, entry: Any, key: str) -> str:
    """How errors call an entry: "đơn vị dong-thap", or the bare thing when it has no key."""
    ref = entry.get(key, "") if isinstance(entry, Entry) else ""
    return f"{thing} {ref}".strip()


def once(refs: Iterable[tuple[str, Where]], thing: str, problems: Problems) -> None:
    """A ref may be described once, in whichever file."""
    seen: dict[str, Where] = {}
    for ref, at in refs:
        if ref in seen:
            problems.add(at, f"{thing} {ref} đã ghi ở {seen[ref]}; mỗi mã chỉ ghi một lần.")
        else:
            seen[ref] = at
