"""Gives a role from the server's console; the page for it is /tai-khoan/."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from units import services
from units.models import Unit, User
from units.rules import ROLES, DomainError


class Command(BaseCommand):
    help = f"Giao một vai trò cho tài khoản tại một đơn vị. Vai trò: {', '.join(ROLES)}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="tên đăng nhập")
        parser.add_argument("role", help="mã vai trò")
        parser.add_argument("unit", help="mã tham chiếu của đơn vị")
        parser.add_argument("--and-below", action="store_true", help="cả đơn vị cấp dưới")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"].lower()).first()
        unit = Unit.objects.filter(ref=options["unit"]).first()
        if user is None:
            raise CommandError(
                f"Không có tài khoản “{options['username']}”. Lập bằng lệnh create_user."
            )
        if unit is None:
            raise CommandError(
                f"Không có đơn vị mã “{options['unit']}”. Nạp đơn vị bằng lệnh import_units."
            )
        try:
            role = services.give_role(
                user=user,
                unit=unit,
                role=options["role"],
                and_below=options["and_below"],
                actor=None,
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Đã giao cho {user}: {role}.")
