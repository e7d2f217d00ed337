"""The addresses of an agency's training lead, under /agency/."""

from __future__ import annotations

from django.urls import path

from bookings.views.agency import colleagues, lists, one_booking, places, refreshing

urlpatterns = [
    path("", lists.choose, name="agency"),
    path("<uuid:grant_id>/", lists.people, name="agency_people"),
    path("<uuid:grant_id>/people.csv", lists.people_csv, name="agency_people_csv"),
    path("<uuid:grant_id>/people/new/", places.person_new, name="agency_person_new"),
    path("<uuid:grant_id>/bookings/", lists.bookings, name="agency_bookings"),
    path("<uuid:grant_id>/bookings.csv", lists.bookings_csv, name="agency_bookings_csv"),
    path("<uuid:grant_id>/bookings/<uuid:booking_id>/", one_booking.booking, name="agency_booking"),
    path("<uuid:grant_id>/bookings/<uuid:booking_id>/cancel/", one_booking.cancel, name="agency_cancel"),
    path("<uuid:grant_id>/bookings/<uuid:booking_id>/substitute/", one_booking.substitute, name="agency_substitute"),
    path("<uuid:grant_id>/bookings/<uuid:booking_id>/move/", one_booking.move, name="agency_move"),
    path("<uuid:grant_id>/refresh/", refreshing.refreshing, name="agency_refreshing"),
    path("<uuid:grant_id>/refresh.csv", refreshing.refreshing_csv, name="agency_refreshing_csv"),
    path("<uuid:grant_id>/holds/", places.holds, name="agency_holds"),
    path("<uuid:grant_id>/holds/<uuid:hold_id>/release/", places.release, name="agency_release"),
    path("<uuid:grant_id>/events/", lists.events, name="agency_events"),
    path("<uuid:grant_id>/events/<uuid:event_id>/", places.event, name="agency_event"),
    path("<uuid:grant_id>/events/<uuid:event_id>/hold/", places.hold, name="agency_hold"),
    path("<uuid:grant_id>/events/<uuid:event_id>/book/", colleagues.book, name="agency_book"),
]
