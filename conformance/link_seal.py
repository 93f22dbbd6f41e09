"""Seals links: a link is a secret, so a ledger holds it encrypted under a key from the environment, or not at all."""

from __future__ import annotations

import base64
import os
from hashlib import scrypt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "EXPORTPROOF_LEDGER_KEY"
SHORTEST_KEY = 8
_CHECK = b"exportproof link ledger"
# 16 MiB of memory for each guess of a key (rfc7914, section 2), once a call.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1


class SealError(Exception):
    """A key is of no use; the message is one sentence for the user (exit status 4)."""


class Seal:
    """Encrypts and opens links with one key (Fernet: AES-128-CBC with HMAC-SHA256, from scrypt of the key)."""

    def __init__(self, key: str, lock: Mapping[str, str] | None = None) -> None:
        """Take a key, any text, for a new lock or for that of a ledger. Raises SealError when it does not fit."""
        if len(key) < SHORTEST_KEY:
            raise SealError(
                f"{VARIABLE} has fewer than {SHORTEST_KEY} characters, which protects nothing. Set a random one, "
                "such as what 'openssl rand -base64 32' prints."
            )
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - only a run with a ledger needs it

        try:
            salt = os.urandom(16) if lock is None else base64.b64decode(lock["salt"], validate=True)
            secret = key.encode("utf-8", "surrogateescape")
            made = scrypt(secret, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=32, maxmem=2**26)
            self._fernet = Fernet(base64.urlsafe_b64encode(made))
            fits = lock is None or self._fernet.decrypt(lock["check"].encode()) == _CHECK
        except (InvalidToken, KeyError, ValueError, TypeError, AttributeError):
            fits = False
        if not fits:
            raise SealError(
                f"{VARIABLE} does not open this ledger: its links were sealed with another key. Set that key, or unset "
                "the variable to fetch the links again through their jobs."
            )
        self.lock: Mapping[str, str] = lock or {
            "salt": base64.b64encode(salt).decode(),
            "check": self._fernet.encrypt(_CHECK).decode(),
        }

    def close(self, link: str) -> str:
        """Return a link encrypted."""
        return self._fernet.encrypt(link.encode("utf-8", "surrogatepass")).decode()

    def open(self, sealed: str) -> str:
        """Return the link. Raises SealError when it was altered, or sealed with another key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return self._fernet.decrypt(sealed.encode()).decode("utf-8", "surrogatepass")
        except (InvalidToken, ValueError):
            raise SealError(
                f"A link of this ledger does not open with {VARIABLE}: the file was altered after it was written. "
                "Take an untouched copy of it."
            ) from None


def seal_of_environment(lock: Mapping[str, str] | None) -> Seal | None:
    """Return the seal of the environment's key; None without one. Raises SealError."""
    key = os.environ.get(VARIABLE) or None
    return None if key is None else Seal(key, lock)
