"""Everything that can happen to an import, and to the organisations it could not match."""

from imports.operations.batches import bring_over, forget_files, give_up, receive_files, run_batch, start_batch
from imports.operations.organisations import settle_organisation, unsettle_organisation

__all__ = [
    "bring_over",
    "forget_files",
    "give_up",
    "receive_files",
    "run_batch",
    "settle_organisation",
    "start_batch",
    "unsettle_organisation",
]
