"""The ground floor's tables: the map of units, people and grants, the register, files and jobs."""

from units.models.fields import NormalLine, NormalText, name_field, ref_field, ref_validator
from units.models.people import (
    Household,
    Person,
    Posting,
    RoleAssignment,
    UnitGroupPermission,
    UnitUserPermission,
    User,
)
from units.models.prepared import Prepared, Statement
from units.models.register import AuditDigest, AuditEntry, Beat, Blob, Job
from units.models.tree import (
    Bloc,
    BlocMembership,
    BlocYear,
    Level,
    Unit,
    UnitEvent,
    UnitKind,
    UnitName,
    UnitPlacement,
    UnitSuccession,
    lived_in_order,
)

__all__ = [
    "AuditDigest",
    "AuditEntry",
    "Beat",
    "Blob",
    "Bloc",
    "BlocMembership",
    "BlocYear",
    "Household",
    "Job",
    "Level",
    "NormalLine",
    "NormalText",
    "Person",
    "Posting",
    "Prepared",
    "RoleAssignment",
    "Statement",
    "Unit",
    "UnitEvent",
    "UnitGroupPermission",
    "UnitKind",
    "UnitName",
    "UnitPlacement",
    "UnitSuccession",
    "UnitUserPermission",
    "User",
    "lived_in_order",
    "name_field",
    "ref_field",
    "ref_validator",
]
