"""Text columns that store one Unicode form, whoever writes."""

import re
from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from units.rules import REF_PATTERN, nfc

ref_validator = RegexValidator(
    re.compile(REF_PATTERN),
    "Mã tham chiếu chỉ gồm chữ thường không dấu, số, gạch nối và dấu chấm.",
)


class NormalText(models.TextField):
    """Any text a person typed."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return nfc(value) if isinstance(value, str) else value


class NormalLine(models.CharField):
    """One line a person typed; sorts as Vietnamese does when asked (`db_collation`)."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return nfc(value) if isinstance(value, str) else value


def ref_field(**options: Any) -> models.CharField:
    """Our own permanent name, the only key that files use; never a code, never a name."""
    options.setdefault("unique", True)
    return models.CharField(
        "mã tham chiếu",
        max_length=80,
        validators=[ref_validator],
        **options,
    )


def name_field(label: str, **options: Any) -> NormalLine:
    options.setdefault("max_length", 300)
    return NormalLine(label, db_collation="vi-x-icu", **options)
