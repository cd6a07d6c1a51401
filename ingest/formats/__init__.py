"""Payload conventions, one module each: bytes in, raw readings out."""
