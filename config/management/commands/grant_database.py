"""Gives the role of the web and the workers its rights. Run as the owner, after `migrate`."""

import os
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from psycopg2 import sql

READ_AND_ADD = (  # what happened cannot be rewritten
    "units_auditentry",
    "units_auditdigest",
    "campaigns_resulthistory",
    "campaigns_scorehistory",
)
READ_ONLY = ("django_migrations",)


class Command(BaseCommand):
    help = "Cấp quyền cho vai trò của cổng; nhật ký, lịch sử ô chỉ được thêm và đọc."

    def handle(self, **options: Any) -> None:
        role = sql.Identifier(os.environ.get("DATABASE_APP_ROLE", "thidua_app"))
        with connection.cursor() as cursor:

            def run(statement: str, **names: sql.Composable) -> None:
                cursor.execute(
                    sql.SQL(statement).format(role=role, **names).as_string(cursor.connection)
                )

            run("GRANT USAGE ON SCHEMA public TO {role}")
            run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
            for table in READ_AND_ADD:
                run("REVOKE ALL ON {table} FROM {role}", table=sql.Identifier(table))
                run("GRANT SELECT, INSERT ON {table} TO {role}", table=sql.Identifier(table))
            for table in READ_ONLY:
                run("REVOKE ALL ON {table} FROM {role}", table=sql.Identifier(table))
                run("GRANT SELECT ON {table} TO {role}", table=sql.Identifier(table))
