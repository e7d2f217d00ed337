from django.urls import URLPattern, path

from core import health, mailbox_views, showcase
from core.api import views as api

urlpatterns: list[URLPattern] = [
    path("api/v1/schema/", api.schema, name="api_schema"),
    path("components/", showcase.components, name="components"),
    path("healthz", health.healthz, name="healthz"),
    path("mailbox/", mailbox_views.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", mailbox_views.letter, name="mailbox_letter"),
    path("mailbox/<str:name>/invite.ics", mailbox_views.invite, name="mailbox_invite"),
    path("readyz", health.readyz, name="readyz"),
]
