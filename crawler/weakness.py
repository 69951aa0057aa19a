"""What is weak about a secure connection, by a code as `tls-expired`. Pure: crawler.tls connects."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.message import Message, say

WEAK: Mapping[str, Message] = {
    "tls-expired": say("HTTPS证书已过期"),
    "tls-not-yet-valid": say("HTTPS证书尚未生效"),
    "tls-name": say("HTTPS证书不是发给这个域名的"),
    "tls-chain": say("HTTPS证书的签发机构不受信任，或者缺少中间证书"),
    "tls-self-signed": say("HTTPS证书是自己签发的"),
    "tls-key": say("HTTPS证书或密钥强度不足"),
    "tls-legacy": say("HTTPS服务只支持不安全的旧式重新协商"),
    "tls-old": say("HTTPS服务只支持过时的协议版本或加密算法"),
    "tls-handshake": say("双方没有共同的加密算法，可能只支持国密浏览器"),
    "tls-client": say("要求使用数字证书（U盾）登录"),
}
"""Code → what it means. With the last two nobody answered."""

# The words of OpenSSL, which are English everywhere. The first that fits.
_WORDS = (
    ("tls-expired", r"certificate has expired"),
    ("tls-not-yet-valid", r"certificate is not yet valid"),
    ("tls-name", r"Hostname mismatch|IP address mismatch"),
    ("tls-chain", r"in certificate chain|unable to get (?:local )?issuer|unable to verify the first"),
    ("tls-self-signed", r"self[- ]signed certificate"),
    ("tls-key", r"(?:key|md|modulus|algorithm)[ _]too[ _](?:small|weak)|WRONG_SIGNATURE_TYPE"),
    ("tls-chain", r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"),
    ("tls-legacy", r"UNSAFE_LEGACY_RENEGOTIATION"),
    ("tls-old", r"UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|INSUFFICIENT_SECURITY|NO_PROTOCOLS_AVAILABLE"),
    ("tls-handshake", r"ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER|WRONG_CIPHER_RETURNED|UNKNOWN_CIPHER_RETURNED"),
    ("tls-client", r"ALERT_CERTIFICATE_REQUIRED"),
)
_PATTERNS = tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _WORDS)


def weakness(detail: str) -> str:
    """The code for the detail of a TLS failure; empty when the connection simply failed."""
    return next((code for code, pattern in _PATTERNS if pattern.search(detail)), "")
