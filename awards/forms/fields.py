"""Fields that every form here uses."""

from django import forms

DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "input--date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=DAY_FORMATS,
        widget=widget,
    )


def clock_field(label: str) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "class": "input--date"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, widget=widget)


def long_text(label: str, rows: int, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, widget=widget, help_text=help_text)
