"""A dossier on paper: facts frozen first, then printed from the frozen facts alone."""

from dossiers.documents.compiling import compile_dossier
from dossiers.documents.freezing import freeze

__all__ = ["compile_dossier", "freeze"]
