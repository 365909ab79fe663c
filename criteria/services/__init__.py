"""Every write of the ruler."""

from criteria.services.quoted import save_quoted_sets
from criteria.services.ruler import add_targets, write_criteria
from criteria.services.scoring import activate_tables, add_tables
from criteria.services.table_drafts import drop_table, save_table, start_table

__all__ = [
    "activate_tables",
    "add_tables",
    "add_targets",
    "drop_table",
    "save_quoted_sets",
    "save_table",
    "start_table",
    "write_criteria",
]
