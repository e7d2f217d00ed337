from django.urls import URLPattern, path

from records import views

urlpatterns: list[URLPattern] = [
    path("certificates/<uuid:certificate_id>/", views.certificate, name="certificate"),
    path("certificates/<uuid:certificate_id>/qr.svg", views.certificate_qr, name="certificate_qr"),
    path("c/", views.verify_any, name="verify_any"),
    path("c/<str:code>/", views.verify, name="verify"),
    path("C/<str:code>/", views.verify, name="verify_in_capitals"),  # what a QR picture holds
]
