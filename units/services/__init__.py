"""Every write of the ground floor."""

from units.services.access import (
    issue_password,
    mail_reset_link,
    mail_reset_links,
    open_account,
    random_password,
    request_reset_links,
    reset_password,
    unlock_user,
    withdraw_role,
)
from units.services.accounts import (
    change_password,
    create_user,
    deactivate_user,
    end_sessions,
    give_role,
    reactivate_user,
    take_role,
    update_user,
)
from units.services.audit import seal_audit
from units.services.blocs import set_bloc_year
from units.services.files import FileError
from units.services.health import note_worker
from units.services.imports import import_units
from units.services.reminders import choose_reminders, claim_reminder, release_reminder
from units.services.tree import place_unit
from units.services.unit_file import read_unit_files

__all__ = [
    "FileError",
    "change_password",
    "choose_reminders",
    "claim_reminder",
    "create_user",
    "deactivate_user",
    "end_sessions",
    "give_role",
    "import_units",
    "issue_password",
    "mail_reset_link",
    "mail_reset_links",
    "note_worker",
    "open_account",
    "place_unit",
    "random_password",
    "reactivate_user",
    "read_unit_files",
    "release_reminder",
    "request_reset_links",
    "reset_password",
    "seal_audit",
    "set_bloc_year",
    "take_role",
    "unlock_user",
    "update_user",
    "withdraw_role",
]
