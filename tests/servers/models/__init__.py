"""Makers of tiny models, one module per server."""
