"""Secure connections: how the other side is checked, and how a weak one is told from none at all.

Government sites run on old servers. A certificate out of date, for another name or without its intermediate, TLS 1.0,
a server that renegotiates in the old way (before RFC 5746): a browser warns, and lets its reader in or did so for
years. Such a site is weak, not down. So an address whose secure connection fails is asked once more over `lenient`,
only to learn whether somebody answers.
"""

from __future__ import annotations

import functools
import ssl
from datetime import UTC, datetime

import certifi

# SSL_OP_LEGACY_SERVER_CONNECT; the ssl module has a name for it since Python 3.12.
_LEGACY_SERVER = 0x4


@functools.cache
def strict() -> ssl.SSLContext:
    """The system's authorities and Mozilla's: Windows installs many of its own only when a browser asks for them."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.cache
def lenient() -> ssl.SSLContext:
    """Anybody, in any version and with any key that this OpenSSL still speaks; never without encryption.

    What comes over it may come from anyone: it tells that the site answers, and no more. No credentials go there.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.options |= _LEGACY_SERVER
    context.set_alpn_protocols(["http/1.1"])
    return context


def expiry(tls: ssl.SSLObject | ssl.SSLSocket) -> datetime | None:
    """Until when the certificate of the other side is valid; None when it was not checked."""
    text = (tls.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC) if isinstance(text, str) else None
