"""Addresses of the register of children."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
