from django.urls import URLPattern, path

from website import feeds, views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("events/", views.events, name="catalogue"),
    path("events/calendar.ics", feeds.events_calendar, name="events_calendar"),
    path("events/<uuid:event_id>/", views.event, name="event"),
    path("courses/<uuid:course_id>/", views.course, name="course"),
    path("modules/<uuid:module_id>/", views.module, name="module"),
    path("my-learning/", views.my_learning, name="my_learning"),
    path("my-learning/bookings/", views.my_bookings, name="my_bookings"),
    path("my-learning/address-works/", views.address_works, name="address_works"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
]
