"""Accounts, the people behind them, and what they may do where."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from units.models.fields import name_field, ref_field
from units.models.tree import Unit, lived_in_order
from units.rules import REMINDERS, ROLES, WEEKLY


class UserManager(BaseUserManager["User"]):
    """Accounts are made by `units.services`; this only serves Django's own needs."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An account. It can do nothing by itself: every right is a grant on a unit."""

    username = models.CharField(
        "tên đăng nhập",
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$",
                "Tên đăng nhập chỉ gồm chữ thường không dấu, số và dấu chấm, gạch nối.",
            )
        ],
    )
    full_name = name_field("họ và tên", max_length=150)
    email = models.EmailField("thư điện tử", blank=True)
    reminders = models.CharField(
        "nhịp thư nhắc việc", max_length=6, choices=REMINDERS.items(), default=WEEKLY
    )
    reminded_on = models.DateField("nhắc lần cuối ngày", null=True, blank=True, editable=False)
    is_active = models.BooleanField("đang hoạt động", default=True)
    must_change_password = models.BooleanField("phải đổi mật khẩu", default=False)
    # Part of the session hash: raising it ends every session of this person at once.
    session_generation = models.PositiveIntegerField("thế hệ phiên", default=0, editable=False)
    created_at = models.DateTimeField("tạo lúc", auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]

    objects = UserManager()

    class Meta:
        verbose_name = "tài khoản"
        verbose_name_plural = "các tài khoản"
        ordering = ["full_name", "pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        base = super()._get_session_auth_hash(secret=secret)
        return f"{base}.{self.session_generation}"


class Person(models.Model):
    """Somebody who may be nominated, sit on a council or sign; not every person has an account."""

    class Gender(models.TextChoices):
        FEMALE = "female", "Bà"
        MALE = "male", "Ông"

    ref = ref_field()
    full_name = name_field("họ và tên", max_length=150)
    gender = models.CharField("giới tính", max_length=10, choices=Gender.choices, blank=True)
    born_on = models.DateField("ngày sinh", null=True, blank=True)
    home_town = name_field("quê quán", blank=True)
    residence = name_field("nơi thường trú", blank=True)
    qualification = name_field("trình độ chuyên môn", blank=True)
    user = models.OneToOneField(
        User,
        verbose_name="tài khoản",
        on_delete=models.PROTECT,
        related_name="person",
        null=True,
        blank=True,
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    folded = models.TextField("tên không dấu", editable=False, default="")

    class Meta:
        verbose_name = "cá nhân"
        verbose_name_plural = "các cá nhân"
        ordering = ["full_name", "pk"]

    def __str__(self) -> str:
        return self.full_name


class Posting(models.Model):
    """A post held in a unit between two days; the role as of a day is read from here."""

    person = models.ForeignKey(
        Person, verbose_name="cá nhân", on_delete=models.PROTECT, related_name="postings"
    )
    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.PROTECT, related_name="postings"
    )
    title = name_field("chức vụ", max_length=150)
    is_leader = models.BooleanField("là lãnh đạo, quản lý", default=False)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "quá trình công tác"
        verbose_name_plural = "quá trình công tác"
        ordering = ["person", F("valid_from").asc(nulls_first=True)]
        constraints = [lived_in_order("posting_lived_in_order")]

    def __str__(self) -> str:
        return f"{self.title}, {self.unit}"


class Household(models.Model):
    """Hộ gia đình: the third kind of recipient (law, article 3)."""

    ref = ref_field()
    head_name = name_field("họ tên chủ hộ", max_length=150)
    address = name_field("địa chỉ")
    unit = models.ForeignKey(
        Unit, verbose_name="địa bàn", on_delete=models.PROTECT, related_name="households"
    )
    is_sample = models.BooleanField("số liệu mẫu", default=False)

    class Meta:
        verbose_name = "hộ gia đình"
        verbose_name_plural = "các hộ gia đình"
        ordering = ["head_name", "pk"]

    def __str__(self) -> str:
        return f"Hộ {self.head_name}"


class RoleAssignment(models.Model):
    """A role given to an account on one unit. The grants below follow from it."""

    user = models.ForeignKey(
        User, verbose_name="tài khoản", on_delete=models.PROTECT, related_name="roles"
    )
    unit = models.ForeignKey(
        Unit, verbose_name="đơn vị", on_delete=models.PROTECT, related_name="roles"
    )
    role = models.CharField(
        "vai trò", max_length=30, choices=[(r.code, r.name) for r in ROLES.values()]
    )
    and_below = models.BooleanField("cả đơn vị cấp dưới", default=False)
    granted_by = models.ForeignKey(
        User,
        verbose_name="người giao",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    granted_at = models.DateTimeField("giao lúc")

    class Meta:
        verbose_name = "vai trò được giao"
        verbose_name_plural = "các vai trò được giao"
        ordering = ["user", "unit", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                name="one_role_a_unit",
                violation_error_message="Tài khoản đã có vai trò này tại đơn vị.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.unit}"


class UnitUserPermission(UserObjectPermissionBase):
    """A grant (person, permission, unit), read and written by units.policies alone."""

    content_object = models.ForeignKey(Unit, verbose_name="đơn vị", on_delete=models.CASCADE)
    and_below = models.BooleanField("cả đơn vị cấp dưới", default=False)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = "quyền của tài khoản trên đơn vị"
        verbose_name_plural = "quyền của tài khoản trên đơn vị"


class UnitGroupPermission(GroupObjectPermissionBase):
    """A grant (group, permission, unit)."""

    content_object = models.ForeignKey(Unit, verbose_name="đơn vị", on_delete=models.CASCADE)
    and_below = models.BooleanField("cả đơn vị cấp dưới", default=False)

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = "quyền của nhóm trên đơn vị"
        verbose_name_plural = "quyền của nhóm trên đơn vị"
