"""Every change of a register. Call these from here; the modules are only a division of the file."""

from registers.operations.attendance import Recomputed, lock_event, recompute_attendance, set_attendance_rule
from registers.operations.calling_off import call_off_afterwards
from registers.operations.certifying import certify
from registers.operations.closing import close_register, reopen_register
from registers.operations.head_counts import add_head_count, remove_head_count
from registers.operations.letters import release_absence_letters, remind_trainers, send_absence_letters
from registers.operations.marks import (
    Choice,
    Conflict,
    Saved,
    mark,
    mark_all_present,
    mark_rest_absent,
    mark_several,
    open_register,
)
from registers.operations.naming import correct_certificate_name
from registers.operations.walk_ins import add_walk_in, remove_walk_in

__all__ = [
    "Choice",
    "Conflict",
    "Recomputed",
    "Saved",
    "add_head_count",
    "add_walk_in",
    "call_off_afterwards",
    "certify",
    "close_register",
    "correct_certificate_name",
    "lock_event",
    "mark",
    "mark_all_present",
    "mark_rest_absent",
    "mark_several",
    "open_register",
    "recompute_attendance",
    "release_absence_letters",
    "remind_trainers",
    "remove_head_count",
    "remove_walk_in",
    "reopen_register",
    "send_absence_letters",
    "set_attendance_rule",
]
