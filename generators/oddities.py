"""Odd requests: what the documentation leaves open. They may be refused or taken, but never break a server."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..spec.offer import INT32_MAX
from .cases import JSON, Case, main_resource, plain_body
from .stamps import on_grid, write_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..spec.offer import Offer

_INT64 = 2**63
_MANY_IDS = 20_000
_LARGE_BODY = 2 * 10**6
_MARK = '"@"'

_DATES = ("dateChangedFrom", "dateChangedTo")
_ARRAYS = ("requestedIds", "requestedFields", "requestedCustomFieldIds", "requestedActivistCodeIds")


def odd_requests(offer: Offer, now: datetime) -> list[Case]:
    """Every odd request; always the same for the same offer and present.

    `reading` names the ambiguity that a case observes, and is None where a server that does not fail is all that is
    asked for. The readings' own probes come twice, first and last, since a target settles each in one way.
    """
    now = on_grid(now)
    probes = list(_readings(offer, now))
    again = [
        Case(f"{probe.label}, once more", None, probe.body, probe.raw, probe.content_type, probe.reading)
        for probe in _readings(offer, now - timedelta(hours=7))
        if probe.reading != "odd-many-ids"
    ]
    return [*probes, *_types(offer, now), *_stamps(offer, now), *_values(offer, now), *_raw(offer, now), *again]


def _readings(offer: Offer, now: datetime) -> Iterator[Case]:
    """What each odd reading of the catalogue says it observes."""
    resource = main_resource(offer)
    start = now - timedelta(days=2)

    def case(reading: str, label: str, **options: Any) -> Case:  # noqa: ANN401 - any JSON value
        return Case(label, None, plain_body(resource, now, **options), reading=reading)

    day, second = f"{start:%Y-%m-%d}", f"{start:%Y-%m-%dT%H:%M:%S}"
    end = write_stamp(now - timedelta(days=1), digits=2)
    yield case("odd-date-only", "a date without a time", dateChangedFrom=day, dateChangedTo=end)
    yield case("odd-no-offset", "a timestamp without an offset", dateChangedFrom=second, dateChangedTo=end)
    spaced = write_stamp(start, -300, 2)
    yield case("odd-space-before-offset", "a space before the offset",
               dateChangedFrom=f"{spaced[:-6]} {spaced[-6:]}", dateChangedTo=end)  # fmt: skip
    yield case("odd-text-id", "a number in quotes in requestedIds", requestedIds=["23"])
    yield case("odd-boolean-text", 'an includeInactive of "true"', includeInactive="true")
    yield case("odd-limit-fraction", "a fileSizeKbLimit of 1000.5", fileSizeKbLimit=1000.5)
    yield case("odd-limit-text", 'a fileSizeKbLimit of "2000"', fileSizeKbLimit="2000")
    yield case("odd-contact-mode", "a contactMode of 4", contactMode=4)
    yield case("odd-int32-overflow", "an id beyond 32 bits", requestedIds=[INT32_MAX + 1])
    yield case("odd-empty-array", "an empty requestedIds", requestedIds=[])
    yield case("odd-twice", "an id twice in requestedIds", requestedIds=[1, 23, 1, 1])
    if resource.core:
        yield case("odd-core-field", "a core field in requestedFields", requestedFields=[resource.core[-1].name])
    yield case("odd-many-ids", "20,000 ids at once", requestedIds=list(range(1, 7 * _MANY_IDS, 7)))
    valid = json.dumps(plain_body(resource, now)).encode()
    yield Case("a valid body sent as text/plain", None, None, valid, "text/plain", "odd-content-type")
    lower = resource.name.lower()
    if lower not in offer.resources and lower not in offer.unasked:
        yield case("odd-type-casing", "a listed type in lower case", resourceType=lower)


def _types(offer: Offer, now: datetime) -> Iterator[Case]:
    """Every property with values of other types than its own."""
    wrong: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = (
        (_DATES, (17, True, [], {})),
        (("resourceType",), (17, ["Contacts"], {"name": "Contacts"})),
        (("fileSizeKbLimit",), (True, [2000], "many")),
        (("includeInactive",), (1, "yes", [])),
        (("contactMode",), ("1", 1.5, {})),
        (_ARRAYS, (17, "text", {}, True, [[]])),
        (("requestedFields",), ([17], [None], [{}])),
        (("requestedCustomFieldIds",), ([None], ["one"])),
        (("requestedIds",), ("1,23", {}, [1.5], [True], [1, None], ["one"], [{}])),
    )
    resource = main_resource(offer)
    for names, values in wrong:
        for number, value in enumerate(values):
            name = names[number % len(names)]
            yield Case(
                f"{_article(name)} {name} of {json.dumps(value)}", None, {**plain_body(resource, now), name: value}
            )


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"


def _stamps(offer: Offer, now: datetime) -> Iterator[Case]:
    """Timestamps that some read and some do not."""
    day = now - timedelta(days=2)
    date, time = f"{day:%Y-%m-%d}", "08:00:00"
    resource = main_resource(offer)
    for label, text in (
        ("in the year 1", "0001-01-01T00:00:00Z"),
        ("with a leap second", f"{date}T23:59:60Z"),
        ("with offset +99:99", f"{date}T{time}+99:99"),
        ("with offset -00:00", f"{date}T{time}-00:00"),
        ("at 24:00:00", f"{date}T24:00:00Z"),
        ("in lower case", f"{date}t{time}z"),
        ("with one fraction digit", f"{date}T{time}.5Z"),
        ("with three fraction digits", f"{date}T{time}.123Z"),
        ("with nine fraction digits", f"{date}T{time}.123456789Z"),
        ("with a space for the T", f"{date} {time}Z"),
        ("in the year 10000", "+10000-01-01T00:00:00Z"),
        ("in full-width digits", f"{date}T{time}Z".translate({48 + n: 0xFF10 + n for n in range(10)})),
        ("in the year 9999 at the far west", "9999-12-31T23:59:59-12:00"),
    ):
        body = plain_body(resource, now, dateChangedTo=write_stamp(now - timedelta(hours=1), digits=2))
        yield Case(f"a dateChangedFrom {label}", None, {**body, "dateChangedFrom": text})
    later = write_stamp(now + timedelta(days=1), digits=2)
    yield Case(
        "a dateChangedFrom in the future", None, plain_body(resource, now, dateChangedFrom=later, dateChangedTo=None)
    )
    edge = write_stamp(now - timedelta(days=90), digits=2)
    yield Case("a dateChangedFrom exactly 90 days ago", None, plain_body(resource, now, dateChangedFrom=edge))


def _values(offer: Offer, now: datetime) -> Iterator[Case]:
    """Values of the right type that nobody expects."""
    resource = main_resource(offer)
    core = [field.name for field in resource.core[:2]]
    options: tuple[tuple[str, str, Any], ...] = (
        ("a contactMode of 0", "contactMode", 0),
        ("a contactMode of 2147483648", "contactMode", 2**31),
        ("a fileSizeKbLimit of 2 to the 63rd", "fileSizeKbLimit", _INT64),
        ("an id of 0", "requestedIds", [0]), ("an id of -1", "requestedIds", [-1]),
        ("an id of 2 to the 70th", "requestedIds", [2**70]),
        ("an activist code of 2 to the 63rd", "requestedActivistCodeIds", [_INT64]),
        ("a custom field id of 2 to the 63rd", "requestedCustomFieldIds", [_INT64, -_INT64]),
        ("an empty field name", "requestedFields", [""]),
        ("an empty requestedFields", "requestedFields", []),
        ("an empty requestedCustomFieldIds", "requestedCustomFieldIds", []),
        ("an empty requestedActivistCodeIds", "requestedActivistCodeIds", []),
        ("core fields in requestedFields", "requestedFields", core),
        ("a field name twice", "requestedFields", [*core, *core]),
        ("a field name with a line break and a comma", "requestedFields", ["a\nb,c"]),
        ("a field name that every JavaScript object has", "requestedFields", ["__proto__", "constructor"]),
        ("1,000 unknown field names", "requestedFields", [f"NoSuchField{n}" for n in range(1_000)]),
        ("10,000 times the same field name", "requestedFields", ["Prefix"] * 10_000),
        ("a resourceType of 100,000 characters", "resourceType", "x" * 100_000),
        ("a resourceType with a NUL", "resourceType", f"{resource.name}\0"),
        ("a dateChangedFrom with a NUL", "dateChangedFrom", "2026\0"),
        ("a dateChangedFrom of 100,000 digits", "dateChangedFrom", "1" * 100_000),
        ("an excludeChangesFromSelf of true", "excludeChangesFromSelf", True),
        ("a property without a name", "", 1),
        ("a property called __proto__", "__proto__", {"fileSizeKbLimit": 1}),
    )  # fmt: skip
    for label, name, value in options:
        yield Case(label, None, {**plain_body(resource, now), name: value})
    for other in offer.resources.values():
        if not other.custom_fields:
            body = plain_body(other, now, requestedCustomFieldIds=[157])
            yield Case("a custom field of a type that has none", None, body)
            break


def _raw(offer: Offer, now: datetime) -> Iterator[Case]:
    """Bodies that have to be written byte by byte, and media types."""
    body = plain_body(main_resource(offer), now)
    text = json.dumps(body)

    def spliced(name: str, literal: str) -> bytes:
        return json.dumps({**body, name: "@"}).replace(_MARK, literal).encode()

    for label, name, literal in (
        ("NaN", "fileSizeKbLimit", "NaN"), ("Infinity", "fileSizeKbLimit", "Infinity"),
        ("1e400", "fileSizeKbLimit", "1e400"), ("1e3", "fileSizeKbLimit", "1e3"),
        ("a number of 5,000 digits", "fileSizeKbLimit", "9" * 5_000),
        ("[23.0]", "requestedIds", "[23.0]"),
        ("a lone surrogate", "resourceType", '"\\ud800"'),
        ("a lone surrogate in an array", "requestedFields", '["\\udfff\\ud800"]'),
        ("arrays 200 deep", "requestedIds", "[" * 200 + "]" * 200),
        ("objects 200 deep", "clientReference", '{"a":' * 200 + "1" + "}" * 200),
    ):  # fmt: skip
        yield Case(f"a {name} of {label}", None, raw=spliced(name, literal))
    twice = f'{text[:-1]}, "resourceType": {json.dumps(body["resourceType"])}}}'
    yield Case("a property that comes twice", None, raw=twice.encode())
    yield Case("a body in single quotes", None, raw=text.replace('"', "'").encode())
    yield Case("a body that starts with a byte order mark", None, raw=text.encode("utf-8-sig"))
    yield Case("a body in UTF-16", None, raw=text.encode("utf-16"))
    yield Case("a body in UTF-16 that says so", None, None, text.encode("utf-16"), f"{JSON}; charset=utf-16")
    yield Case(
        "a body of bytes that are no UTF-8",
        None,
        raw=text.replace("Type", "T\udcff", 1).encode("utf-8", "surrogateescape"),
    )
    yield Case("a body with a NUL behind it", None, raw=f"{text}\0".encode())
    yield Case("a body of 2 MB", None, raw=f'{text[:-1]}, "clientReference": "{"x" * _LARGE_BODY}"}}'.encode())
    for media in ("application/x-www-form-urlencoded", "application/xml", "not a media type",
                  f"{JSON}; charset=no-such-charset"):  # fmt: skip
        yield Case(f"a valid body sent as {media}", None, None, text.encode(), media)
    form = b"resourceType=Contacts&dateChangedFrom=2026-01-01T00%3A00%3A00Z"
    yield Case("a form that is sent as one", None, None, form, "application/x-www-form-urlencoded")
