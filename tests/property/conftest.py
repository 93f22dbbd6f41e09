"""What the property tests share: a target's offer, and its present."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings

from exportproof.spec.offer import Field, Offer, Resource

# Time limits would fail these tests on a busy machine, whatever they hold.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def offer() -> Offer:
    """Three types: with custom fields, without extra fields, and with a code column."""
    contacts = (
        Field("VanID", "N", core=True),
        Field("FirstName", "T", core=True, max_characters=20),
        Field("Prefix", "T", core=False, max_characters=10),
        Field("DateCreated", "D", core=False),
        Field("AmountGiven", "M", core=False),
        Field("Deceased", "B", core=False),
    )
    codes = (Field("ActivistCodeID", "N", core=True),)
    links = (
        Field("ContactsActivistCodeID", "N", core=True),
        Field("ActivistCodeID", "N", core=True),
        Field("ChangeTypeID", "N", core=True),
        Field("DateCreated", "D", core=False),
    )
    return Offer(
        {
            "ActivistCodes": Resource("ActivistCodes", "ActivistCodeID", codes),
            "Contacts": Resource("Contacts", "VanID", contacts, (157, 205, 206)),
            "ContactsActivistCodes": Resource("ContactsActivistCodes", "ContactsActivistCodeID", links),
        }
    )


@pytest.fixture(scope="session")
def present() -> datetime:
    """Not on the grid of 10 ms, and shortly after the end of a month."""
    return datetime(2026, 12, 1, 3, 4, 5, 678_901, tzinfo=UTC)
