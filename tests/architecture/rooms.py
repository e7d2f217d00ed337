"""The rooms in their order, read from the import contract, so that it stands in one place."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")

# 0 is the ground floor. Rooms of one layer share a number and may not know each other.
FLOOR = {room.strip(): floor for floor, layer in enumerate(reversed(LAYERS)) for room in layer.split("|")}


def may_know(room: str, other: str) -> bool:
    """Whether ``room`` may point at or import ``other``."""
    return room == other or FLOOR[other] < FLOOR[room]
