"""Plain values of a snapshot: JSON has no exact numbers and no days."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from criteria.models import Indicator
from units.models import User

Plain = dict[str, Any]
TOLD_IN_WORDS = (Indicator.Kind.NARRATIVE, Indicator.Kind.QUALITATIVE)


def text(value: Decimal | None) -> str | None:
    """An exact number as text; JSON has no exact one."""
    return None if value is None else format(value, "f")


def iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def moment(at: datetime | None) -> str:
    """ "14:05 ngày 20/12/2024" where the portal stands; "" for never."""
    return f"{timezone.localtime(at):%H:%M ngày %d/%m/%Y}" if at else ""


def name(person: User | None) -> str:
    return person.full_name if person else ""
