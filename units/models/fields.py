"""Text columns that store one Unicode form, whoever writes."""

import re
from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from units.rules import PAPER, REF_PATTERN, nfc, one_line, within

ref_validator = RegexValidator(
    re.compile(REF_PATTERN),
    "Mã tham chiếu chỉ gồm chữ thường không dấu, số, gạch nối và dấu chấm.",
)


class NormalText(models.TextField):
    """Any text a person typed, of `limit` characters at most; None for what the portal writes.

    Whoever writes it, a text that is longer raises DomainError in words, and nothing is stored. The
    limit is no part of the table, so that it can be changed without a migration; and no `maxlength`
    either, by which browsers cut what is pasted without a word.
    """

    def __init__(self, *args: Any, limit: int | None = PAPER, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = limit

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return nfc(value) if isinstance(value, str) else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return _within(self, super().get_db_prep_save(value, connection), self.limit)


class NormalLine(models.CharField):
    """One line a person typed; sorts as Vietnamese does when asked (`db_collation`)."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return one_line(value) if isinstance(value, str) else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return _within(self, super().get_db_prep_save(value, connection), self.max_length)


def _within(field: Any, value: Any, limit: int | None) -> Any:
    if limit is None or not isinstance(value, str):
        return value
    return within(str(field.verbose_name), value, limit)


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
