"""Whether the lines of an export fit each other and what is here already, and what is to be written for them.

Reads the database, writes nothing.
"""

from imports.planning.plan import Plan
from imports.planning.steps import make_plan

__all__ = ["Plan", "make_plan"]
