"""What people type about accounts. A form only reads and checks; services write."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from units.models import BlocMembership, Unit, User
from units.policies import manageable_units
from units.queries import reaches_below
from units.rules import REMINDERS, ROLES, field_sentences, nfc

ROLE_CHOICES = [("", "Chọn vai trò"), *((role.code, role.name) for role in ROLES.values())]
BELOW_HELP = "Chỉ đánh dấu khi người này làm thay cả các đơn vị cấp dưới."
MIN_LENGTH = 12
PASSWORD_HELP = (
    f"Ít nhất {MIN_LENGTH} ký tự. Một câu ngắn dễ nhớ thì tốt; không dùng tên, tên đăng nhập hay "
    "dãy chỉ có số."
)
# Django's own Vietnamese leaves the commonest of these in English.
PASSWORD_SENTENCES = {
    "password_too_short": f"Mật khẩu quá ngắn. Dùng ít nhất {MIN_LENGTH} ký tự.",
    "password_too_common": "Mật khẩu này nhiều người dùng nên dễ đoán. Chọn mật khẩu khác.",
    "password_entirely_numeric": "Mật khẩu chỉ có số nên dễ đoán. Thêm chữ hoặc dùng một câu ngắn.",
    "password_too_similar": "Mật khẩu quá giống tên, tên đăng nhập hoặc thư điện tử. Chọn mật khẩu "
    "khác.",
}


def check_password(password: str, user: User) -> None:
    """The validators of the settings, each with its sentence in Vietnamese."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError(
            [PASSWORD_SENTENCES.get(e.code or "", e.messages[0]) for e in error.error_list]
        ) from error


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "Tên đăng nhập hoặc mật khẩu không đúng. Kiểm tra phím Caps Lock và bộ gõ "
        "tiếng Việt rồi nhập lại.",
        "inactive": "Tài khoản đã đóng. Hỏi người quản trị tài khoản của đơn vị.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Tên đăng nhập"
        self.fields["username"].error_messages["required"] = "Nhập tên đăng nhập."
        self.fields["password"].label = "Mật khẩu"
        self.fields["password"].error_messages["required"] = "Nhập mật khẩu."

    def clean_username(self) -> str:
        """Lower case, so that failures are counted for the account and not for each spelling."""
        return self.cleaned_data["username"].strip().lower()


class NewPasswordForm(forms.Form):
    """A password typed twice, for an account whose old one is not asked for."""

    new_password1 = forms.CharField(
        label="Mật khẩu mới",
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Nhập mật khẩu mới."},
    )
    new_password2 = forms.CharField(
        label="Nhập lại mật khẩu mới",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Nhập lại mật khẩu mới."},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password1(self) -> str:
        password = self.cleaned_data["new_password1"]
        check_password(password, self.user)
        if self.user.check_password(password):
            raise ValidationError("Mật khẩu mới trùng mật khẩu đang dùng. Chọn mật khẩu khác.")
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("new_password1"), data.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", "Hai lần nhập không giống nhau. Nhập lại mật khẩu mới.")
        return data


class PasswordChangeForm(NewPasswordForm):
    old_password = forms.CharField(
        label="Mật khẩu đang dùng",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Nhập mật khẩu đang dùng."},
    )
    field_order = ["old_password", "new_password1", "new_password2"]

    def clean_old_password(self) -> str:
        password = self.cleaned_data["old_password"]
        if not self.user.check_password(password):
            raise ValidationError("Mật khẩu đang dùng không đúng. Nhập lại.")
        return password


class PasswordResetForm(forms.Form):
    email = forms.EmailField(
        label="Thư điện tử",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Nhập địa chỉ thư điện tử.",
            "invalid": "Địa chỉ thư điện tử không đúng mẫu, ví dụ đúng: ten@donvi.gov.vn.",
        },
    )


class PersonalForm(forms.Form):
    """Name and address of an account."""

    full_name = forms.CharField(
        label="Họ và tên",
        max_length=150,
        error_messages=field_sentences("Họ và tên", "text") | {"required": "Nhập họ và tên."},
    )
    email = forms.EmailField(
        label="Thư điện tử",
        required=False,
        help_text="Để nhận đường dẫn đặt lại mật khẩu.",
        error_messages={
            "invalid": "Địa chỉ thư điện tử không đúng mẫu, ví dụ đúng: ten@donvi.gov.vn."
        },
    )

    def clean_full_name(self) -> str:
        return nfc(" ".join(self.cleaned_data["full_name"].split()))


class UnitChoice(forms.ModelChoiceField):
    def label_from_instance(self, unit: Unit) -> str:
        """Ward names repeat from district to district; the unit above tells them apart."""
        return f"{unit.name} ({unit.parent.name})" if unit.parent else unit.name


class RoleForm(forms.Form):
    """A role on a unit that the administrator looks after, and never further than he reaches."""

    unit = UnitChoice(
        label="Đơn vị",
        queryset=Unit.objects.none(),
        to_field_name="ref",
        empty_label="Chọn đơn vị",
        error_messages={
            "required": "Chọn đơn vị.",
            "invalid_choice": "Đơn vị này không thuộc phạm vi quản trị của tài khoản này. Chọn "
            "trong danh sách.",
        },
    )
    role = forms.ChoiceField(
        label="Vai trò",
        choices=ROLE_CHOICES,
        error_messages={
            "required": "Chọn vai trò.",
            "invalid_choice": "Không có vai trò này. Chọn trong danh sách.",
        },
    )
    and_below = forms.BooleanField(
        label="Cả các đơn vị cấp dưới", required=False, help_text=BELOW_HELP
    )

    def __init__(self, manager: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manager = manager
        units = manageable_units(manager).select_related("parent").order_by("name", "pk")
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        unit = data.get("unit")
        if unit and data.get("and_below") and not reaches_below(self.manager, unit):
            self.add_error(
                "and_below",
                f"Tài khoản này chỉ quản trị tài khoản của riêng “{unit}”, nên không giao được "
                "vai trò cho các đơn vị cấp dưới. Bỏ đánh dấu ô này.",
            )
        return data


class AccountForm(RoleForm, PersonalForm):
    """A new account with its first role."""

    username = forms.CharField(
        label="Tên đăng nhập",
        max_length=60,
        help_text="Chữ thường không dấu, số, dấu chấm hoặc gạch nối, ví dụ: nguyen.van.an.",
        error_messages=field_sentences("Tên đăng nhập", "text")
        | {"required": "Nhập tên đăng nhập."},
    )
    field_order = ["username", "full_name", "email", "unit", "role", "and_below"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"].strip().lower()
        for validator in User._meta.get_field("username").validators:
            validator(username)
        return username


class AccountFilterForm(forms.Form):
    """The filters of the list, kept in the address; a wrong value filters nothing."""

    q = forms.CharField(label="Tên, tên đăng nhập, thư", required=False, max_length=150)
    role = forms.ChoiceField(
        label="Vai trò", required=False, choices=[("", "Mọi vai trò"), *ROLE_CHOICES[1:]]
    )
    unit = forms.CharField(label="Đơn vị", required=False, max_length=80)
    state = forms.ChoiceField(
        label="Tình trạng",
        required=False,
        choices=[("", "Tất cả"), ("open", "Đang hoạt động"), ("closed", "Đã đóng")],
    )

    def __init__(self, manager: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = manageable_units(manager).order_by("name", "pk").values_list("ref", "name")
        self.fields["unit"].widget = forms.Select(choices=[("", "Mọi đơn vị"), *units])

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("role", "unit", "state")} | {
            "text": self.cleaned_data.get("q", "")
        }

    def chosen(self) -> list[str]:
        """What is filtered, in words: the line that stands for the folded fields."""
        words = []
        for name, value in self.cleaned_data.items():
            choices = dict(getattr(self.fields[name].widget, "choices", ()))
            if value:
                words.append(str(choices.get(value, f"“{value}”")))
        return words


class ReminderForm(forms.Form):
    rhythm = forms.ChoiceField(
        label="Gửi thư nhắc việc",
        choices=[(code, name.capitalize()) for code, name in REMINDERS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Chọn nhịp gửi thư nhắc việc.",
            "invalid_choice": "Nhịp đã chọn không có trong danh sách. Chọn lại.",
        },
    )


class BlocYearForm(forms.Form):
    """The list of a bloc for one year: the decision, and the role of each unit that may sit."""

    decision = forms.CharField(
        label="Văn bản",
        max_length=300,
        help_text="Quyết định hoặc biên bản hội nghị nêu danh sách, ví dụ: Quyết định số "
        "12/QĐ-SNN.",
        error_messages=field_sentences("Văn bản", "text"),
    )
    decided_on = forms.DateField(
        label="Ngày văn bản",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "class": "input--date"}, format="%Y-%m-%d"),
        error_messages=field_sentences("Ngày văn bản", "day"),
    )

    def __init__(self, *args: Any, candidates: list[tuple[Unit, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        for unit, role in candidates:
            self.fields[f"role-{unit.pk}"] = forms.ChoiceField(
                label=unit.name,
                required=False,
                initial=role,
                choices=[
                    ("", "Không tham gia"),
                    *((code, name.capitalize()) for code, name in BlocMembership.Role.choices),
                ],
                error_messages=field_sentences(unit.name, "choice"),
            )

    def rows(self) -> list[tuple[Unit, forms.BoundField]]:
        return [(unit, self[f"role-{unit.pk}"]) for unit, _role in self.candidates]

    def members(self) -> list[tuple[Unit, str]]:
        """(unit, role) of everybody who sits."""
        chosen = ((unit, self.cleaned_data[f"role-{unit.pk}"]) for unit, _r in self.candidates)
        return [(unit, role) for unit, role in chosen if role]
