"""Every write of the ruler."""

from criteria.services.quoted import save_quoted_sets
from criteria.services.ruler import add_targets, write_criteria
from criteria.services.scoring import activate_tables, add_tables

__all__ = ["activate_tables", "add_tables", "add_targets", "save_quoted_sets", "write_criteria"]
