"""What was taught, and whom it reached."""

from __future__ import annotations

from reports.measures.words import (
    EVENTS,
    HOSTED,
    NAMELESS,
    REACH,
    SHARES,
)
from reports.shapes import (
    NOT_BY_SECTOR,
    Measure,
    Sum,
    all_attended,
    by_course,
    by_event,
    by_host,
    by_kind,
    by_part,
    by_sector,
    organisations_reached,
    people_by_event,
)

MEASURES = [
    Measure(
        key="events_delivered",
        name="Events delivered",
        section=EVENTS,
        sentence=f"An event {HOSTED}, was not cancelled, and had somebody there: every register is closed and holds an "
        "attendance, or there is a head count. Each date of a course is one event; an event of several days is "
        "one.",
        numerator="Events delivered",
        left_out="Forums, drafts, events cancelled by the organiser, and events whose register is not taken yet.",
        unit="events",
        cuts=NOT_BY_SECTOR,
        **by_event(lambda line: line.was_delivered),
    ),
    Measure(
        key="events_cancelled_by_organiser",
        name="Events cancelled by the organiser",
        section=EVENTS,
        sentence=f"An event {HOSTED} and was cancelled by whoever organised it. It was not delivered, and its bookings are "
        "not cancellations by delegates.",
        numerator="Events cancelled",
        left_out="Forums and drafts.",
        unit="events",
        cuts=NOT_BY_SECTOR,
        **by_event(lambda line: line.is_cancelled),
    ),
    Measure(
        key="events_register_not_taken",
        name="Events whose register is not taken",
        section=EVENTS,
        sentence=f"An event {HOSTED}, is over and not cancelled, and has a session whose register is not closed, and no "
        "head count. Until the register is taken nobody attended, nobody missed it, and it was not delivered.",
        numerator="Events without a closed register",
        left_out="Forums, events still to come, and events with a head count.",
        unit="events",
        cuts=NOT_BY_SECTOR,
        **by_event(lambda line: line.register_not_taken),
    ),
    Measure(
        key="attendances",
        name="Attendances",
        section=REACH,
        sentence=f"One person attending one event {HOSTED}. Somebody who comes to three events is three attendances; an "
        "event of two days is one.",
        numerator="Attendances",
        left_out=f"Who attended in part, who did not attend. {NAMELESS}",
        unit="attendances",
        **by_event(lambda line: line.attended),
    ),
    Measure(
        key="people_reached",
        name="People reached",
        section=REACH,
        sentence="Different people among the attendances. Somebody who comes to three events is one person.",
        numerator="Different people with an attendance",
        left_out=f"Who attended in part, who did not attend. {NAMELESS}",
        unit="people",
        total=lambda facts: Sum(facts.people),
        behind=people_by_event,
        rows_note="Each person stands at the first event of the period they came to, so that the rows add up.",
    ),
    Measure(
        key="organisations_reached",
        name="Organisations reached",
        section=REACH,
        sentence="Different organisations among the attendances, as they were matched on the day of the booking.",
        numerator="Different organisations with an attendance",
        left_out=f"Organisations nobody could match yet, people without one. {NAMELESS}",
        unit="organisations",
        total=lambda facts: Sum(facts.organisations),
        behind=organisations_reached,
        rows_note="Each organisation counts once, however often its people came.",
    ),
    Measure(
        key="attended_in_part",
        name="Attended in part",
        section=REACH,
        sentence="One person who was at an event but not at as much of it as its rule asks for. Not among the attendances.",
        numerator="People at an event in part",
        left_out=NAMELESS,
        unit="people at events",
        **by_event(lambda line: line.part),
    ),
    Measure(
        key="head_count_attendances",
        name="Attendances counted without names",
        section=REACH,
        sentence=f"People counted in the room or returned by a school, at an event {HOSTED}. Never added to the attendances "
        "and never people reached: without names nobody knows who came twice.",
        numerator="People in head counts",
        left_out="Everybody with a name, forums, and events cancelled by the organiser.",
        unit="people counted",
        **by_event(lambda line: line.head_count),
    ),
    Measure(
        key="own_share_attendances",
        name="Attendances in our own share",
        section=REACH,
        sentence="Attendances that count for this partnership where several host an event together: delegates whose "
        "organisation is in its boroughs. Delegates from elsewhere count for the lead host. The shares of all "
        "hosts add up to the attendances.",
        numerator="Attendances in the own share",
        left_out=f"Delegates who count for another host. {NAMELESS}",
        unit="attendances",
        **by_event(lambda line: line.own),
    ),
    Measure(
        key="attendances_by_sector",
        name="Attendances by sector",
        section=SHARES,
        sentence="Attendances by the sector of the delegate's organisation on the day of the booking. Organisations nobody "
        "could match yet stand under “Not matched”, people without one under “No organisation”.",
        numerator="Attendances of the sector",
        denominator="All attendances",
        left_out=f"Who attended in part, who did not attend. {NAMELESS}",
        unit="attendances",
        **by_part(by_sector, of=all_attended),
    ),
    Measure(
        key="attendances_by_course",
        name="Attendances by course",
        section=SHARES,
        sentence="Attendances by the title of the event's course, or of the event where it has no course. A closed event "
        "stands under its neutral title.",
        numerator="Attendances under the title",
        denominator="All attendances",
        left_out=f"Who attended in part, who did not attend. {NAMELESS}",
        unit="attendances",
        **by_part(by_course, of=all_attended),
    ),
    Measure(
        key="attendances_by_kind",
        name="Attendances by kind of event",
        section=SHARES,
        sentence="Attendances by the kind of event: course, conference, learning event, team workshop, single agency, briefing.",
        numerator="Attendances at the kind of event",
        denominator="All attendances",
        left_out=f"Who attended in part, who did not attend. {NAMELESS}",
        unit="attendances",
        **by_part(by_kind, of=all_attended),
    ),
    Measure(
        key="joint_attendances_by_host",
        name="Attendances at joint events, by host",
        section=SHARES,
        sentence="Attendances at events that several partnerships host together, by the borough of the delegate's "
        "organisation. Delegates from outside all hosts' boroughs count for the lead host and stand in a row of "
        "their own.",
        numerator="Attendances of the host's boroughs",
        left_out=f"Events with one host. {NAMELESS}",
        unit="attendances",
        **by_part(by_host),
    ),
]
