"""Where a value of a plan stands, and what its schema says of that place."""

from typing import Any

from config.planfile.counting import source_of
from config.planfile.schema import Path, item_schema, plan_schema, resolved


def path_of(dotted: str) -> Path:
    """ "scoring.0.name" → ("scoring", 0, "name")."""
    return tuple(int(step) if step.isdigit() else step for step in dotted.split("."))


def schema_at(path: Path) -> dict[str, Any]:
    """The schema of what stands at `path` of a plan."""
    schema: dict[str, Any] = plan_schema()
    for step in path:
        schema = item_schema(schema) if isinstance(step, int) else inner(schema, step)
    return schema


def inner(schema: dict[str, Any], dotted: str) -> dict[str, Any]:
    for key in dotted.split("."):
        schema = resolved(schema["properties"][key])
    return schema


def source_kind(plan: dict[str, Any], row: dict[str, Any]) -> str:
    """The kind of what a derived indicator of `plan` is computed from, "" where it is none."""
    source = source_of(plan, row)
    return str(source["kind"]) if source else ""


def value_at(plan: Any, path: Path) -> Any:
    for step in path:
        plan = plan[step]
    return plan


def put_at(plan: dict[str, Any], path: Path, value: Any) -> None:
    """Set or, with None, take away what stands at `path`; objects on the way are made."""
    *way, last = path
    for step in way:
        plan = plan[step] if isinstance(step, int) else plan.setdefault(step, {})
    if value is None and isinstance(plan, dict):
        plan.pop(last, None)
    else:
        plan[last] = value
