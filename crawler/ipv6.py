"""Does the DNS know an IPv6 address for a host? Asked of the system's resolver, whatever this machine itself speaks."""

from __future__ import annotations

import asyncio
import socket

from crawler.guard import Guard

_SECONDS = 5.0
# The name is there, or the home page would not have come; these say that it has no address of this family.
_NONE = {code for name in ("EAI_NODATA", "EAI_NONAME") if (code := getattr(socket, name, None)) is not None}


async def has_ipv6(name: str, guard: Guard) -> bool | None:
    """Whether `name` has an AAAA record (RFC 3596); None where that cannot be told: the operator wrote down where the
    host is, it is an address already, or the resolver did not answer."""
    if not name or guard.fixed(name) is not None or ":" in name or name.replace(".", "").isdigit():
        return None
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_SECONDS):
            found = await loop.getaddrinfo(name, None, family=socket.AF_INET6, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return False if error.errno in _NONE else None
    except (TimeoutError, OSError, UnicodeError):
        return None
    return any(not str(address[0]).lower().startswith("::ffff:") for *_, address in found) or None
