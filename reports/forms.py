"""What people type about a report."""

from django import forms
from django.http import QueryDict

from reports.models import Sending
from units.rules import field_sentences


def number(text: str) -> int | None:
    """A version from the address, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def chapter_text(post: QueryDict) -> tuple[str, int]:
    """The words of a chapter and the version they were written upon; a field that was pressed is
    put behind them, for a browser that cannot put it where the cursor stands.
    """
    text, field = post.get("text", ""), post.get("insert", "")
    if field:
        text = f"{text.rstrip()} {field}".strip()
    return text, number(post.get("version", "")) or 0


class SendingForm(forms.ModelForm):
    letter_on = forms.DateField(
        label="Ngày văn bản",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "class": "input--date"}, format="%Y-%m-%d"),
        error_messages=field_sentences("Ngày văn bản", "day"),
    )

    class Meta:
        model = Sending
        fields = ["sent_to", "letter_number", "letter_on"]
        labels = {"sent_to": "Nơi nhận", "letter_number": "Số, ký hiệu văn bản"}
        help_texts = {
            "sent_to": "Cơ quan nhận báo cáo, mỗi cơ quan một dòng.",
            "letter_number": "Ghi như trên văn bản, ví dụ 215/BC-SNN.",
        }
        widgets = {"sent_to": forms.Textarea(attrs={"rows": 2})}
        error_messages = {
            "sent_to": field_sentences("Nơi nhận", "text"),
            "letter_number": field_sentences("Số, ký hiệu văn bản", "text"),
        }


def annexes(sent: QueryDict) -> dict[str, bool]:
    """The detailed appendices that were ticked; nothing where the form did not ask."""
    if "annexes" not in sent:
        return {}
    ticked = sent.getlist("annex")
    return {name: name in ticked for name in ("by_indicator", "by_unit")}
