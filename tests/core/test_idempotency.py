"""The same request sent twice has one effect. Real processes on both databases; see benchmarks/api_retries.py for many."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core import alone, idempotency
from core.due import forget_old_answers
from core.idempotency import Answer, once
from core.models import IdempotencyKey
from core.refusals import InFlight, KeyReused, Refused
from people.models import Partnership, Person
from tests.conftest import MONDAY_MORNING
from tests.factories.people import PartnershipFactory, PersonFactory
from tests.tools import processes

pytestmark = pytest.mark.both_databases


def ask(person: Person, work: Callable[[], Answer], *, key: str = "k1", scope: str = "POST /x/", sent: Any = None) -> Answer:
    return once(by=person, scope=scope, key=key, sent=sent or {"a": 1, "b": [2]}, at=MONDAY_MORNING, work=work)


class Work:
    """Something with an effect that can be counted: each time it is done, another partnership stands there."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        Partnership.objects.create(
            name=f"P{self.done}", short_name=f"P{self.done}", slug=f"p{self.done}", team_email="a@b.example"
        )
        return Answer(201, {"number": self.done})


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_the_second_gets_the_answer_of_the_first_and_does_nothing(self) -> None:
        person, work = PersonFactory(), Work()
        assert ask(person, work) == Answer(201, {"number": 1})
        assert ask(person, work) == Answer(201, {"number": 1}, is_repeated=True)
        assert work.done == 1

    def test_the_order_in_which_a_body_says_it_does_not_matter(self) -> None:
        person, work = PersonFactory(), Work()
        ask(person, work, sent={"a": 1, "b": {"c": 2, "d": 3}})
        assert ask(person, work, sent={"b": {"d": 3, "c": 2}, "a": 1}).is_repeated

    def test_another_body_is_refused(self) -> None:
        person, work = PersonFactory(), Work()
        ask(person, work)
        with pytest.raises(KeyReused):
            ask(person, work, sent={"a": 2})
        assert work.done == 1

    def test_another_persons_key_and_another_address_are_other_keys(self) -> None:
        person, work = PersonFactory(), Work()
        ask(person, work)
        assert ask(PersonFactory(), work) == Answer(201, {"number": 2})
        assert ask(person, work, scope="POST /y/") == Answer(201, {"number": 3})
        assert IdempotencyKey.objects.count() == 3

    def test_without_a_key_it_is_done_each_time(self) -> None:
        person, work = PersonFactory(), Work()
        assert [ask(person, work, key="").body["number"] for _ in range(2)] == [1, 2]
        assert IdempotencyKey.objects.count() == 0

    @pytest.mark.parametrize("error", [Refused("No.", code="no"), RuntimeError("a fault")])
    @pytest.mark.parametrize("key", ["k1", ""])
    def test_what_was_refused_or_failed_leaves_nothing_and_may_be_tried_again(self, error: Exception, key: str) -> None:
        person, work = PersonFactory(), Work()

        def fails() -> Answer:
            work()
            raise error

        with pytest.raises(type(error)):
            ask(person, fails, key=key)
        assert (Partnership.objects.filter(name="p1").count(), IdempotencyKey.objects.count()) == (0, 0)
        work.done = 0
        assert ask(person, work, key=key).status == 201

    def test_answers_are_forgotten_after_two_days(self) -> None:
        person, work = PersonFactory(), Work()
        ask(person, work)
        assert forget_old_answers(at=MONDAY_MORNING + timedelta(hours=47, minutes=59)) == 0
        assert forget_old_answers(at=MONDAY_MORNING + timedelta(hours=48)) == 1
        assert ask(person, work) == Answer(201, {"number": 2})

    def test_whoever_acted_is_kept_without_a_name(self) -> None:
        person = PersonFactory()
        ask(person, Work())
        key = IdempotencyKey.objects.get()
        assert (key.actor_id, key.actor_label) == (person.pk, "a person")


HOLD = """
from core.alone import alone_in_transaction
with alone_in_transaction({name!r}) as is_alone:
    print(is_alone, flush=True)
    import time; time.sleep(60)
"""


@pytest.fixture
def held(tmp_path: Path, transactional_db: None) -> Iterator[tuple[Person, subprocess.Popen[bytes]]]:
    """Another process is doing what a person asked with the key k1."""
    PartnershipFactory()
    person = PersonFactory()
    with processes.shared_database(tmp_path) as url:
        name = f"{person.pk} POST /x/ k1"
        other = processes.start(HOLD.format(name=name), DATABASE_URL=url)
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        yield person, other
        other.kill()
        other.wait()


def test_while_another_process_does_it_the_answer_is_to_ask_again(held: Any) -> None:
    person, _ = held
    work = Work()
    with pytest.raises(InFlight):
        ask(person, work)
    assert work.done == 0


def test_a_process_that_is_killed_leaves_nothing_behind(held: Any) -> None:
    """No row says that something is being done, so nothing has to run out first."""
    person, other = held
    other.kill()
    other.wait()
    _until_free(person)
    assert ask(person, Work()) == Answer(201, {"number": 1})


def _until_free(person: Person) -> None:
    """PostgreSQL notices a dead client when it next writes to it; here it reads the closed socket at once, or nearly."""
    for _ in range(100):
        with alone.alone_in_transaction(f"{person.pk} POST /x/ k1") as is_alone:
            if is_alone:
                return
        time.sleep(0.05)


def test_another_key_is_not_kept_waiting_on_postgresql(held: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time, whatever it is about")
    assert ask(held[0], Work(), key="k2").status == 201


@contextmanager
def everybody_in_transaction(name: str) -> Iterator[bool]:
    with transaction.atomic():
        yield True


@pytest.mark.django_db
def test_with_the_lock_off_the_database_still_lets_only_one_of_two_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: two requests that both found no answer yet. Without the lock the second does the work too, and then fails."""
    person, work = PersonFactory(), Work()
    monkeypatch.setattr(idempotency, "alone_in_transaction", everybody_in_transaction)

    def meanwhile_another_does_it() -> Answer:
        ask(person, work)
        return work()

    with pytest.raises(IntegrityError):
        ask(person, meanwhile_another_does_it)
    assert work.done == 2
