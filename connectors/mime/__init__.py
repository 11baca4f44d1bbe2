"""MIME messages (RFC 5322, 2045 to 2047) to observations. Fast and bounded: only what we use is decoded."""

from connectors.mime.message import MessageItem, base_subject, fingerprint, to_event, translate

__all__ = ["MessageItem", "base_subject", "fingerprint", "to_event", "translate"]
