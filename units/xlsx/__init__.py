"""Typed sheets in and out, the only door to openpyxl; it knows no word of the domain."""

from openpyxl.utils import get_column_letter as column_letter

from units.xlsx.forms import Field, Form, Hint, Look, write_form
from units.xlsx.reading import ReadCell, ReadSheet, read
from units.xlsx.writing import (
    CUT,
    Column,
    Kind,
    Properties,
    Sheet,
    Typed,
    Value,
    sheet_titles,
    write,
)

__all__ = [
    "CUT",
    "Column",
    "Field",
    "Form",
    "Hint",
    "Kind",
    "Look",
    "Properties",
    "ReadCell",
    "ReadSheet",
    "Sheet",
    "Typed",
    "Value",
    "column_letter",
    "read",
    "sheet_titles",
    "write",
    "write_form",
]
