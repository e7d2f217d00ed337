from tests.legacy import imported_riverside, riverside

__all__ = ["imported_riverside", "riverside"]
