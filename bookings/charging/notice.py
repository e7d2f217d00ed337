"""Until when somebody may cancel free of charge, to the second."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bookings.charging.policy import Policy
from bookings.models import NoticeUnit
from core import wording
from core.clock import LONDON, london_date, london_instant
from core.working_days import is_working_day, working_days_before, working_days_between

ONE = {
    NoticeUnit.WORKING_DAYS: "working day",
    NoticeUnit.CALENDAR_DAYS: "day",
    NoticeUnit.WEEKS: "week",
    NoticeUnit.HOURS: "hour",
}


def notice_deadline(policy: Policy, starts_at: datetime, notice: int | None = None) -> datetime:
    """The first moment at which less than the notice is given: whoever cancels before it is in time.

    ``notice`` None is the policy's own; tiers ask for theirs. Days are London dates and the day of the event is not counted:
    4 working days for a Tuesday end with the Wednesday of the week before, or at the policy's cut-off on it.
    """
    count = policy.notice if notice is None else notice
    if policy.notice_unit == NoticeUnit.HOURS:
        latest = starts_at - timedelta(hours=count)
        return latest if policy.is_more_than or not count else latest + timedelta(seconds=1)
    if count == 0:
        return starts_at
    last_day = _last_day(policy, london_date(starts_at), count)
    if policy.cut_off is not None:
        return min(london_instant(datetime.combine(last_day, policy.cut_off)), starts_at)
    return london_instant(datetime.combine(last_day + timedelta(days=1), time()))


def _last_day(policy: Policy, starts_on: date, count: int) -> date:
    if policy.notice_unit == NoticeUnit.WORKING_DAYS:
        return working_days_before(starts_on, count + policy.is_more_than)
    days = count * 7 if policy.notice_unit == NoticeUnit.WEEKS else count
    return starts_on - timedelta(days=days + policy.is_more_than)


def notice_given(policy: Policy, starts_at: datetime, at: datetime) -> str:
    """How much notice that was, in the policy's unit: "1 working day", "13 days", "no notice"."""
    if at >= starts_at:
        return "no notice"
    if policy.notice_unit == NoticeUnit.HOURS:
        hours = int((starts_at - at).total_seconds() // 3600)
        return wording.count(hours, "hour") if hours else "less than an hour"
    first, last = _counted_from(policy, at), london_date(starts_at)
    if policy.notice_unit == NoticeUnit.WORKING_DAYS:
        number, one = working_days_between(first, last), "working day"
    else:
        number, one = max((last - first).days, 0), "day"
    return wording.count(number, one) if number else "no notice"


def _counted_from(policy: Policy, at: datetime) -> date:
    """The day it came in; after the cut-off the next one."""
    day = london_date(at)
    is_after = policy.cut_off is not None and at.astimezone(LONDON).time() >= policy.cut_off
    counts = policy.notice_unit != NoticeUnit.WORKING_DAYS or is_working_day(day)
    return day + timedelta(days=1) if is_after and counts else day


def in_words(policy: Policy, notice: int | None = None) -> str:
    """The notice a policy asks for: "2 working days", "more than 10 working days", "4 weeks"."""
    count = policy.notice if notice is None else notice
    return f"{'more than ' if policy.is_more_than else ''}{wording.count(count, ONE[NoticeUnit(policy.notice_unit)])}"


def too_little_in_words(policy: Policy, notice: int) -> str:
    """Of somebody who gave less: "Less than 2 working days before", "10 working days before or less"."""
    amount = wording.count(notice, ONE[NoticeUnit(policy.notice_unit)])
    return f"{amount} before or less" if policy.is_more_than else f"Less than {amount} before"


def until(deadline: datetime) -> str:
    """The deadline as people read it: "the end of Wednesday 20 January 2027", "5pm on Wednesday 20 January 2027"."""
    local = deadline.astimezone(LONDON)
    if local.time() == time():
        return f"the end of {wording.day(local.date() - timedelta(days=1))}"
    return f"{wording.clock(deadline)} on {wording.day(deadline)}"
