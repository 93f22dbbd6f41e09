"""The reference implementation: the documentation made executable, with faults and variants on top."""

from __future__ import annotations

from .core import DEFAULT_ACCOUNTS
from .server import Server, embedded, serve
from .store import StoreError

__all__ = ["DEFAULT_ACCOUNTS", "Server", "StoreError", "embedded", "serve"]
