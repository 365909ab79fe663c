"""What people type to start a plan and to bring a file in."""

from datetime import date
from typing import Any

from django import forms

from awards.forms.fields import Form
from config.planfile.reading import MAX_BYTES
from config.plans.cells import Cell
from config.plans.names import unit_ref
from config.plans.starting import Head
from units.models import Bloc, Level, Unit
from units.rules import REF_PATTERN, day_text, far_off, nfc, slug

MAX_YEARS = 15  # a plan gets a period a year


def day_field(label: str, help_text: str = "", **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text=help_text,
        **options,
    )


class StartForm(Form):
    """What a draft needs before it can be kept; all else is written part by part."""

    title = forms.CharField(
        label="Tên kế hoạch",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Trích yếu nội dung, như sẽ in dưới chữ KẾ HOẠCH.",
    )
    short_title = forms.CharField(
        label="Tên gọi tắt", max_length=300, help_text="Hiện trong danh sách và ở đầu các trang."
    )
    body = forms.ChoiceField(label="Cơ quan ban hành")
    standing_agency = forms.CharField(
        label="Cơ quan thường trực",
        required=False,
        widget=forms.TextInput(attrs={"list": "don-vi", "class": "input--wide"}),
        help_text="Đơn vị theo dõi, thẩm định kết quả. Gõ vài chữ rồi chọn.",
    )
    level = forms.ModelChoiceField(
        label="Cấp", queryset=Level.objects.all(), to_field_name="code", empty_label=None
    )
    first = day_field("Thực hiện từ ngày")
    last = day_field("Thực hiện đến ngày")
    ref = forms.RegexField(
        REF_PATTERN,
        label="Mã tham chiếu",
        required=False,
        max_length=80,
        help_text="Tên riêng vĩnh viễn của kế hoạch trong tệp: chữ thường không dấu, số, gạch nối, "
        "dấu chấm. Để trống thì cổng đặt theo cơ quan, năm và tên gọi tắt.",
        error_messages={
            "invalid": "Chỉ dùng chữ thường không dấu, số, gạch nối và dấu chấm, ví dụ "
            "so-noi-vu.2026.chuyen-doi-so."
        },
    )

    def __init__(
        self, *args: Any, issuers: list[Unit], blocs: list[Bloc], units: dict[str, Unit], **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.units = units
        self.fields["body"].choices = [
            *((f"issuer:{unit.ref}", unit.name) for unit in issuers),
            *((f"bloc:{bloc.ref}", bloc.name) for bloc in blocs),
        ]
        agency = self.fields["standing_agency"]
        agency.required = not blocs
        if blocs:
            agency.help_text += " Kế hoạch của Khối, Cụm để trống: Trưởng Khối của năm thẩm định."

    def clean_standing_agency(self) -> str:
        typed = self.cleaned_data["standing_agency"].strip()
        ref = unit_ref(typed, self.units)
        if typed and ref is None:
            raise forms.ValidationError(
                f"Không có đơn vị “{typed}” trên cổng. Gõ một phần tên rồi chọn trong danh sách."
            )
        return ref or ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        for name in ("first", "last"):
            if data.get(name) and (said := far_off(data[name])):
                self.add_error(name, said)
        years = last.year - first.year + 1 if first and last else 1
        if first and last and last < first:
            self.add_error("last", f"Ngày kết thúc trước ngày bắt đầu {first:%d/%m/%Y}.")
        elif years > MAX_YEARS:
            self.add_error(
                "last",
                f"Từ {day_text(first)} đến {day_text(last)} là {years} năm, nhiều nhất {MAX_YEARS} "
                "năm. Xem lại năm.",
            )
        if data.get("body", "").startswith("issuer:") and data.get("standing_agency") == "":
            self.add_error("standing_agency", "Chọn đơn vị theo dõi, thẩm định kết quả.")
        return data

    def head(self) -> Head:
        data = self.cleaned_data
        kind, _, body = data["body"].partition(":")
        named = f"{body}.{data['first'].year}.{slug(data['short_title'])}"[:76].rstrip("-.")
        return Head(
            ref=data["ref"] or named,
            title=data["title"],
            short_title=data["short_title"],
            level=data["level"].code,
            body={kind: body},
            standing_agency=data["standing_agency"],
            first=data["first"],
            last=data["last"],
        )


class IssueForm(Form):
    """What the clerk of documents gives a plan once it is signed."""

    number = forms.RegexField(
        r"^[0-9]+[a-zđA-ZĐ]?$",
        label="Số",
        max_length=20,
        help_text="Chỉ ghi số văn thư cấp, ví dụ 207; ký hiệu ghi ở ô bên.",
        error_messages={"invalid": "Chỉ ghi số, ví dụ 207; không ghi dấu gạch chéo và ký hiệu."},
    )
    symbol = forms.CharField(label="Ký hiệu", max_length=40, help_text="Ví dụ KH-UBND.")
    issued_on = day_field("Ngày ban hành", "Ngày ghi trên văn bản đã ký.")
    place = forms.CharField(label="Địa danh", max_length=120)
    signing_capacity = forms.CharField(
        label="Quyền hạn ký",
        required=False,
        max_length=200,
        help_text="Ví dụ TM. ỦY BAN NHÂN DÂN; KT. GIÁM ĐỐC. Nhiều dòng cách nhau bằng dấu chấm "
        "phẩy; thủ trưởng cơ quan tự ký thì để trống.",
    )
    signer_title = forms.CharField(
        label="Chức vụ người ký", max_length=200, help_text="Ví dụ CHỦ TỊCH."
    )
    signer_name = forms.CharField(
        label="Họ và tên người ký", max_length=150, help_text="Không ghi học hàm, học vị."
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    @property
    def cells(self) -> dict[str, Cell]:
        """The fields with what the plan says in them."""
        return {
            name: Cell(
                name,
                name,
                field.label,
                "day" if name == "issued_on" else "line",
                str(self.initial.get(name, "")),
            )
            for name, field in self.fields.items()
        }

    def clean_issued_on(self) -> date:
        day: date = self.cleaned_data["issued_on"]
        if day > self.today:
            raise forms.ValidationError(
                f"Ngày ban hành sau hôm nay ({self.today:%d/%m/%Y}). Ghi ngày trên văn bản đã ký."
            )
        return day


class FileForm(forms.Form):
    """A plan as text: a file, or the text of one that was refused and mended here."""

    file = forms.FileField(label="Tệp kế hoạch (.yaml)", required=False)
    text = forms.CharField(
        label="Nội dung tệp",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "code-text"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        file = data.get("file")
        if file and file.size > MAX_BYTES:
            self.add_error("file", "Tệp quá lớn; tệp kế hoạch nhiều nhất 2 MB.")
        if not self.errors and not file and not data.get("text", "").strip():
            self.add_error("file", "Chọn tệp kế hoạch cần nạp.")
        return data

    def content(self) -> tuple[bytes, str]:
        """The bytes to read and the name to tell errors by."""
        file = self.cleaned_data["file"]
        if file:
            return file.read(), nfc(file.name)
        return self.cleaned_data["text"].replace("\r\n", "\n").encode(), "nội dung đã sửa"
