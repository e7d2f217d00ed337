from django.urls import URLPattern, path

from feedback import downloads, follow_up_views, views

urlpatterns: list[URLPattern] = [
    path("e/<str:code>/", views.evaluation, name="evaluation"),
    path("E/<str:code>/", views.evaluation, name="evaluation_in_capitals"),  # what a QR picture holds
    path("e/<str:code>/done/", views.evaluation_done, name="evaluation_done"),
    path("events/<uuid:event_id>/results/", views.event_results, name="event_results"),
    path("events/<uuid:event_id>/results.csv", downloads.event_results_csv, name="event_results_csv"),
    path("events/<uuid:event_id>/follow-up.csv", downloads.follow_up_csv, name="event_follow_up_csv"),
    path("events/<uuid:event_id>/qr/", views.event_qr, name="event_qr"),
    path("events/<uuid:event_id>/qr.svg", views.event_qr_svg, name="event_qr_svg"),
    path("events/<uuid:event_id>/qr.png", views.event_qr_png, name="event_qr_png"),
    path("follow-up/<str:token>/", follow_up_views.follow_up, name="follow_up"),
    path("follow-up/<str:token>/stop/", follow_up_views.stop_follow_ups, name="stop_follow_ups"),
]
