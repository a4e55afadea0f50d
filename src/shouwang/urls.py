"""Every page belongs to the desk, and so does what people read when a page cannot be shown."""

from django.urls import include, path

urlpatterns = [path("", include("shouwang.web.urls"))]
handler400 = "shouwang.web.failures.too_much"
handler403 = "shouwang.web.failures.not_allowed"
handler404 = "shouwang.web.failures.not_found"
handler500 = "shouwang.web.failures.broken"
