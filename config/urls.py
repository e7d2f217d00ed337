"""Every address of the product. Each room's urls.py holds its own."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include(f"{room}.urls")) for room in settings.ROOMS]
