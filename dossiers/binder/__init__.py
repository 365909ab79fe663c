"""The binder: many files to one PDF for reading. What may come into it is `units.binder`'s to say;
these two are the only doors to pikepdf.

The bound PDF is a reading copy: uploaded pages stay as they are (their text can be searched), get a
small line in the bottom margin, and lose only what acts by itself (scripts, launches, embedded
files). The signed originals are kept as files of their own by the caller.

What is printed (cover with contents, lines at the foot) comes from the caller as functions, so that
the binder knows no template.
"""

from dossiers.binder.binding import KINDS, BoundPdf, Entry, Part, bind, check

__all__ = ["KINDS", "BoundPdf", "Entry", "Part", "bind", "check"]
