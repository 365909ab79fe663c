"""One shape for a plan, wherever it comes from: every key there, dates and decimals typed.

`canonical` fills what a file leaves out from the schema's defaults; `sparse` is its reverse. Two
plans are the same exactly when their canonical forms are equal.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from config.planfile.schema import item_schema, plan_schema, resolved
from units.rules import nfc


def canonical(data: Mapping[str, Any]) -> dict[str, Any]:
    """A valid plan with every key of the schema, in its order."""
    return _filled(plan_schema(), data)


def scoring_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """One scoring table with every key, also as it comes back from JSON."""
    return _filled(item_schema(plan_schema()["properties"]["scoring"]), values)


def sparse(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical plan without what a file need not say."""
    return _stripped(plan_schema(), plan)


def exact(number: int | str | Decimal) -> Decimal:
    """90, 90.0 and 90.0000 as the same plain Decimal."""
    plain = Decimal(number).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def _empty(schema: Mapping[str, Any]) -> Any:
    if "default" in schema:
        return _filled(schema, schema["default"])
    kind = schema.get("type")
    if kind == "array" or item_schema(schema):
        return []
    if kind == "object":
        return None if schema.get("x-optional") else _filled(schema, {})
    if kind in {"integer", "number"} or schema.get("format") == "date":
        return None
    return ""


def _filled(schema: Mapping[str, Any], value: Any) -> Any:
    if value is None:
        return _empty(schema)
    if isinstance(value, Mapping):
        return {
            key: _filled(resolved(field), value[key]) if key in value else _empty(resolved(field))
            for key, field in schema["properties"].items()
        }
    if isinstance(value, list | tuple):
        items = [_filled(item_schema(schema), item) for item in value]
        return sorted(items, key=_sort_key) if schema.get("x-unordered") else items
    if schema.get("format") == "date" and isinstance(value, str):
        return date.fromisoformat(value) if value else None
    if schema.get("type") == "number":
        return exact(value)
    return nfc(value).strip() if isinstance(value, str) else value


def _sort_key(item: Any) -> str:
    return "\x00".join(map(str, item.values())) if isinstance(item, dict) else str(item)


def _stripped(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _stripped(resolved(field), value[key])
            for key, field in schema["properties"].items()
            if value[key] != _empty(resolved(field)) or key in schema.get("required", ())
        }
    if isinstance(value, list):
        return [_stripped(item_schema(schema), item) for item in value]
    return value
