"""Addresses of the directory pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
