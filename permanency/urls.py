"""The root of all addresses. The other apps are included by name, so nothing imports upward."""

from django.urls import include, path

urlpatterns = [
    path("", include("directory.urls")),
    path("", include("permanency.child_urls")),
    path("", include("consultations.urls")),
    path("", include("reviews.urls")),
]

# The pages about a request that cannot be answered.
handler400 = "directory.faults.bad_request"
handler500 = "directory.faults.server_error"
