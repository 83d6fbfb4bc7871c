"""Addresses of the consultations pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
