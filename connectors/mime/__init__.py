"""MIME messages (RFC 5322, 2045 to 2047) to observations. Fast and bounded: only what we use is decoded."""
