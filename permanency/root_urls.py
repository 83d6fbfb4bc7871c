"""The root of all addresses. The other apps are included by name, so nothing imports upward."""

from django.urls import include, path

urlpatterns = [
    path("", include("directory.urls")),
    path("", include("permanency.urls")),
    path("", include("consultations.urls")),
    path("", include("reviews.urls")),
]

# The pages about a request that cannot be answered.
handler400 = "directory.web.error_pages.bad_request"
handler500 = "directory.web.error_pages.server_error"
