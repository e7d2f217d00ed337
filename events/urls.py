from django.urls import path

from events import views

urlpatterns = [path("events/calendar.ics", views.events_calendar, name="events_calendar")]
