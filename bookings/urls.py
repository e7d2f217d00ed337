from django.urls import path

from bookings import views

urlpatterns = [
    path("events/<uuid:event_id>/book/", views.book, name="book"),
    path("bookings/<uuid:booking_id>/", views.booking, name="booking"),
    path("bookings/<uuid:booking_id>/cancel/", views.cancel_booking, name="cancel_booking"),
    path("bookings/<uuid:booking_id>/calendar.ics", views.booking_calendar, name="booking_calendar"),
]
