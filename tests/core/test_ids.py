from __future__ import annotations

from uuid import UUID

from core.ids import id_in, ids_in

ONE, TWO = UUID(int=1), UUID(int=2)


def test_what_is_no_id_names_nothing() -> None:
    assert [id_in(text) for text in (str(ONE), "", None, "x", f"{ONE}x")] == [ONE, None, None, None, None]


def test_ids_come_once_each_in_their_order_without_what_is_mangled() -> None:
    assert ids_in([str(TWO), "nonsense", str(ONE), str(TWO), ""]) == [TWO, ONE]
