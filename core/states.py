"""One table of allowed steps for each status, from which the diagrams in docs/ are drawn."""

from __future__ import annotations

from collections.abc import Mapping


class IllegalStep(Exception):
    """The status can't go from where it is to where it was asked to go: a fault in the code, never a person's."""


class StateTable:
    """The steps that a status may take. ``steps`` maps each state to the states that may follow it."""

    def __init__(self, name: str, steps: Mapping[str, frozenset[str]]) -> None:
        self.name = name
        self.steps = {state: frozenset(following) for state, following in steps.items()}
        unknown = {to for following in self.steps.values() for to in following} - set(self.steps)
        if unknown:
            raise ValueError(f"{name}: states with no row of their own: {sorted(unknown)}")

    def allows(self, from_state: str, to_state: str) -> bool:
        return to_state in self.steps[from_state]

    def check(self, from_state: str, to_state: str) -> None:
        """Raise IllegalStep unless the step is in the table."""
        if not self.allows(from_state, to_state):
            raise IllegalStep(f"{self.name}: {from_state} can't become {to_state}")

    def as_mermaid(self) -> str:
        """The table as a Mermaid state diagram, for docs/."""
        lines = ["stateDiagram-v2"]
        for state, following in self.steps.items():
            lines += [f"    {state} --> {to}" for to in sorted(following)] or [f"    {state} --> [*]"]
        return "\n".join(lines)
