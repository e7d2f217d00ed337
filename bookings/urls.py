from django.urls import include, path

from bookings import views
from bookings.api import bookings as bookings_api
from bookings.api import events as events_api
from bookings.api import moving as moving_api

urlpatterns = [
    path("agency/", include("bookings.agency_urls")),
    path("api/v1/events/", events_api.EventList.as_view(), name="api_events"),
    path("api/v1/events/<uuid:event_id>/", events_api.OneEvent.as_view(), name="api_event"),
    path("api/v1/bookings/", bookings_api.BookingList.as_view(), name="api_bookings"),
    path("api/v1/bookings/<uuid:booking_id>/", bookings_api.OneBooking.as_view(), name="api_booking"),
    path("api/v1/bookings/<uuid:booking_id>/substitute/", bookings_api.Substitute.as_view(), name="api_substitute"),
    path("api/v1/bookings/<uuid:booking_id>/cancel/", bookings_api.CancelBooking.as_view(), name="api_cancel_booking"),
    path("api/v1/bookings/<uuid:booking_id>/move/", moving_api.MoveBooking.as_view(), name="api_move_booking"),
    path("api/v1/bookings/<uuid:booking_id>/accept-offer/", moving_api.AcceptOffer.as_view(), name="api_accept_offer"),
    path("api/v1/bookings/<uuid:booking_id>/decline-offer/", moving_api.DeclineOffer.as_view(), name="api_decline_offer"),
    path("events/<uuid:event_id>/book/", views.book, name="book"),
    path("bookings/<uuid:booking_id>/", views.booking, name="booking"),
    path("bookings/<uuid:booking_id>/cancel/", views.cancel_booking, name="cancel_booking"),
    path("bookings/<uuid:booking_id>/bill/", views.booking_bill, name="booking_bill"),
    path("bookings/<uuid:booking_id>/offer/", views.answer_offer, name="answer_offer"),
    path("bookings/<uuid:booking_id>/ask/", views.ask_somebody_else, name="ask_somebody_else"),
    path("bookings/<uuid:booking_id>/manager/", views.booking_manager, name="booking_manager"),
    path("bookings/<uuid:booking_id>/colleague/", views.colleague, name="booking_colleague"),
    path("bookings/<uuid:booking_id>/move/", views.move, name="booking_move"),
    path("bookings/<uuid:booking_id>/needs/", views.booking_needs, name="booking_needs"),
    path("events/<uuid:event_id>/needs/", views.event_needs, name="event_needs"),
    path("courses/<uuid:course_id>/want/", views.want_course, name="want_course"),
    path("sessions/ask/", views.ask_for_session, name="ask_for_session"),
    path("sessions/<uuid:request_id>/withdraw/", views.withdraw_session, name="withdraw_session"),
    path("approve/<str:token>/", views.approve, name="approve"),
    path("bookings/<uuid:booking_id>/calendar.ics", views.booking_calendar, name="booking_calendar"),
    path("calendar/<str:token>.ics", views.personal_calendar, name="personal_calendar"),
    path("my-learning/calendar/", views.my_calendar, name="my_calendar"),
    path("my-learning/calendar/new/", views.new_calendar_address, name="new_calendar_address"),
    path("my-learning/calendar/stop/", views.stop_calendar_address, name="stop_calendar_address"),
]
