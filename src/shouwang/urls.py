"""Every page belongs to the desk."""

from django.urls import include, path

urlpatterns = [path("", include("shouwang.web.urls"))]
