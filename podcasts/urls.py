from django.urls import URLPattern, path

from podcasts import views

urlpatterns: list[URLPattern] = [
    path("podcasts/", views.podcasts, name="podcasts"),
    path("podcasts/<slug:slug>/", views.podcast_series, name="podcast_series"),
    path("podcasts/<slug:slug>/feed.xml", views.podcast_feed, name="podcast_feed"),
    path("podcasts/<slug:slug>/<uuid:episode_id>/", views.episode, name="episode"),
]
