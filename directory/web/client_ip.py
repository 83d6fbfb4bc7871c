"""Where a request comes from. Forwarding headers count only from a proxy that is ours."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the network address of the browser, or None where it is not known.

    It is the nearest address that is not one of TRUSTED_PROXIES: what stands further left in the
    header was written by the browser itself and may be anything.
    """
    steps = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    nearest = _valid(request.META.get("REMOTE_ADDR", ""))
    while nearest is not None and _is_our_proxy(nearest) and steps:
        further = _valid(steps.pop())
        if further is None:
            break
        nearest = further
    return nearest


def _valid(address: str) -> str | None:
    try:
        return str(ip_address(address.strip()))
    except ValueError:
        return None


def _is_our_proxy(address: str) -> bool:
    networks = (ip_network(each) for each in settings.TRUSTED_PROXIES)
    return any(ip_address(address) in network for network in networks)
