"""Every address of the product. Each room's urls.py holds its own."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include(f"{room}.urls")) for room in settings.ROOMS]

# Below /api/ these answer with a problem, elsewhere with the product's pages.
handler400 = "core.problems.bad_request"
handler404 = "core.problems.not_found"
handler500 = "core.problems.server_error"
