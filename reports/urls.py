from django.urls import path

from reports import views

urlpatterns = [
    path("reports/reach/", views.reach_report, name="reach_report"),
    path("reports/reach.csv", views.reach_csv, name="reach_csv"),
    path("reports/reach_organisations.csv", views.reach_organisations_csv, name="reach_organisations_csv"),
    path("reports/reach/<slug:key>/", views.measure, name="measure"),
]
