"""Mail that must arrive although workers are killed and mail servers fail.

    python -m benchmarks.mail_failures --kills 1000             workers killed before, during and after the dialogue
    python -m benchmarks.mail_failures --kills 200 --guard-off  the twin: a message counts as sent before it is handed over
    python -m benchmarks.mail_failures --outage 5000            so many wait while the server is away for three days

Workers are forked from a warm parent and talk to a real mail server on this machine, which also drops connections and answers
421, 451 and 550 at random. The clock moves on from round to round, so that leases run out. On a database of the run's own:
PostgreSQL (DATABASE_URL, or a server of the run's own) or, with ``--database sqlite``, a file. Exit status 0 when the run
gave what it must: nothing lost; once more only what the server had taken when the worker died or heard nothing, with the same
Message-ID. The twin must lose some.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

from benchmarks.live import site
from tests.tools.smtp_sink import DROP, KEEP_AND_DROP, SmtpSink, smtp_sink

MOMENT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
A_ROUND = 8  # messages
SPEAKING = 0.85  # how many are killed once they have come to the mail server
TROUBLE = ["", "", "", "", "", "", "451 4.7.1 Come back later", "421 4.3.2 Closing", "550 5.1.1 Nobody of that name"]
fork = get_context("fork")


@dataclass(frozen=True)
class Outcome:
    """``lost``: called sent, but never came. ``again``: how often something came once more.

    That may be once for each kill and for each time the server kept a message and never said so (``kept_unheard``).
    """

    database: str
    messages: int
    kills: int
    amid_the_dialogue: int
    sent: int
    refused: int
    lost: int
    again: int
    kept_unheard: int
    with_another_id: int
    stuck: int
    out_of_order: int
    seconds: float


def write(first: int, count: int, at: datetime) -> None:
    from notifications.models import Message
    from people.models import Partnership

    partnership = Partnership.objects.get()
    Message.objects.bulk_create(
        Message(
            partnership=partnership,
            kind="booking_confirmed",
            about=f"booking:{number}",
            dedupe_key=f"booking:{number}:booking_confirmed:0",
            to_address=f"person{number}@school.example",
            subject=f"Booked, number {number}",
            text="You have a place.",
            created_at=at + timedelta(milliseconds=number),
            due_at=at,
            next_attempt_at=at,
        )
        for number in range(first, first + count)
    )


def send(at: datetime) -> int:
    from notifications.due import send_waiting_messages

    return send_waiting_messages(at)


def take_the_guard_off() -> None:
    from notifications import delivery

    handed_over = delivery.hand_over

    def too_early(connection: Any, message: Any, *, at: datetime) -> None:
        delivery.Delivery(at).sent(message)
        handed_over(connection, message, at=at)

    delivery.hand_over = too_early


def warm_up() -> None:
    """Everything that a worker needs is imported and drawn once before the first is forked."""
    from notifications.models import Message
    from notifications.rendering import as_email

    write(0, 1, MOMENT)
    message = Message.objects.select_related("partnership").get()
    as_email(message, at=MOMENT).message().as_bytes()
    send(MOMENT - timedelta(days=1))
    message.delete()


def kill_workers(sink: SmtpSink, options: argparse.Namespace, lots: random.Random) -> int:
    """So many workers, each killed at another moment, most while they speak to the server. Returns how many of those."""
    from django.db import connections

    written = amid = 0
    for number in range(options.kills):
        at = MOMENT + timedelta(minutes=6 * number)  # the dead one's lease of five minutes has run out
        write(written, A_ROUND, at)
        written += A_ROUND
        for stage in ("mail", "rcpt", "data"):
            sink.answer(stage, *(lots.choice(TROUBLE) for _ in range(2)))
        sink.answer("data", *(lots.choice(["", "", DROP, KEEP_AND_DROP]) for _ in range(2)))
        connections.close_all()
        process = fork.Process(target=send, args=(at + timedelta(seconds=30),))
        process.start()
        amid += wait_until_it_speaks(sink, process) if lots.random() < SPEAKING else False
        time.sleep(lots.uniform(0, 0.06))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    return amid


def wait_until_it_speaks(sink: SmtpSink, process: Any) -> bool:
    """Until the worker has come to the mail server; False where it had nothing to send."""
    before, until = sink.connections, time.monotonic() + 5
    while sink.connections == before and process.is_alive() and time.monotonic() < until:
        time.sleep(0.001)
    return sink.connections > before


def let_the_server_be_away(count: int, port: int) -> SmtpSink:
    """Three days without anybody at the port, a round every five minutes; then the server comes up."""
    write(0, count, MOMENT)
    for number in range(3 * 24 * 12):
        send(MOMENT + timedelta(minutes=5 * number))
    with smtp_sink(port) as sink:
        send_all(MOMENT + timedelta(days=3))
    return sink


def send_all(at: datetime) -> None:
    """Rounds, an hour and a bit of the clock apart, until nothing waits. Two hundred must be enough."""
    from notifications.models import Message

    for number in range(200):
        if not Message.objects.waiting().exists():
            return
        send(at + timedelta(minutes=6 * number))


def outcome(sink: SmtpSink, *, kills: int, amid: int, seconds: float) -> Outcome:
    from django.db import connection

    from notifications.models import Message, MessageState
    from notifications.rendering import message_id

    rows = {message.to_address: message for message in Message.objects.all()}
    came = Counter(received.to[0] for received in sink.messages)
    ids = {(received.to[0], received.email["Message-ID"]) for received in sink.messages}
    order = [rows[address].created_at for address in came]
    sent = {address for address, message in rows.items() if message.state == MessageState.SENT}
    return Outcome(
        database=connection.vendor,
        messages=len(rows),
        kills=kills,
        amid_the_dialogue=amid,
        sent=len(sent),
        refused=sum(message.state == MessageState.FAILED for message in rows.values()),
        lost=len(sent - set(came)),
        again=came.total() - len(came),
        kept_unheard=sink.kept_unheard,
        with_another_id=sum(given != message_id(rows[address]) for address, given in ids),
        stuck=sum(message.state == MessageState.WAITING for message in rows.values()),
        out_of_order=sum(later < earlier for earlier, later in pairwise(order)),
        seconds=round(seconds, 1),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--kills", type=int, default=0)
    what.add_argument("--outage", type=int, default=0)
    parser.add_argument("--guard-off", action="store_true")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, site.database(options.database):
        port = site.free_port()
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        site.set_up(home, settings="config.settings", shows_pages=False)
        from tests.factories.people import PartnershipFactory

        logging.disable(logging.WARNING)  # a line for each failure
        PartnershipFactory()
        return report(options, port)


def report(options: argparse.Namespace, port: int) -> int:
    from django.db import connections

    warm_up()
    began, amid = time.monotonic(), 0
    if options.outage:
        sink = let_the_server_be_away(options.outage, port)
    else:
        if options.guard_off:
            take_the_guard_off()
        with smtp_sink(port) as sink:
            amid = kill_workers(sink, options, random.Random(options.seed))
            sink.forget_answers()
            send_all(MOMENT + timedelta(minutes=6 * (options.kills + 1)))
    result = outcome(sink, kills=options.kills, amid=amid, seconds=time.monotonic() - began)
    connections.close_all()
    print(json.dumps(asdict(result), indent=1))
    if options.guard_off:
        return 0 if result.lost else 1
    too_often = max(0, result.again - result.kills - result.kept_unheard)
    missed_the_dialogue = max(0, result.kills // 2 - result.amid_the_dialogue)
    bad = result.lost + result.with_another_id + result.stuck + too_often + missed_the_dialogue
    if options.outage:
        bad += result.out_of_order + result.again + result.messages - result.sent
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
