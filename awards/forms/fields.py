"""Fields that every form here uses, and the words they use when something is wrong."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from units.rules import WORDS, far_off, field_sentences

KINDS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.ChoiceField, "choice"),
    (forms.IntegerField, "number"),
    (forms.DateField, "day"),
    (forms.TimeField, "clock"),
)
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class Form(forms.Form):
    """Says what is wrong in the portal's words; a field with words of its own keeps them."""

    def full_clean(self) -> None:
        for field in self.fields.values():
            kind = next((kind for of, kind in KINDS if isinstance(field, of)), "text")
            own = {k: v for k, v in field.error_messages.items() if v != _usual(field).get(k)}
            field.error_messages |= field_sentences(str(field.label), kind) | own
        super().full_clean()


def _usual(field: forms.Field) -> dict[str, object]:
    """What Django would say of a field of this type."""
    said: dict[str, object] = {}
    for base in reversed(type(field).__mro__):
        said |= getattr(base, "default_error_messages", {})
    return said


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "input--date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=DAY_FORMATS,
        widget=widget,
        validators=[_refuse_far_off],
    )


def _refuse_far_off(day: date) -> None:
    if said := far_off(day):
        raise ValidationError(said)


def clock_field(label: str) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "class": "input--date"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


def long_text(label: str, rows: int, help_text: str = "", *, limit: int = WORDS) -> forms.CharField:
    """No `max_length`: it would let browsers cut what is pasted without a word."""
    return forms.CharField(
        label=label,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
        validators=[MaxLengthValidator(limit, field_sentences(label, "text")["max_length"])],
    )
