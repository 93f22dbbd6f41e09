"""What is done to a target, in this order. Each scenario says which rules it gives material to."""

from .answers import (
    credentials,
    finished_jobs,
    legal_values,
    listed_types,
    ninety_days,
    odd_questions,
    oddities,
    refusals,
    strangers,
    unfinished_jobs,
    unknown_names,
)
from .arrange import arrange
from .census import census
from .explore import from_the_document, random_requests
from .files import exact_sizes, huge, numerous, splits
from .ids import many_ids, requested_ids
from .lifetime import expiry
from .look_again import look_again
from .outside import (
    activist_codes,
    columns_of_live_records,
    custom_fields_of_live_records,
    divided_windows,
    ids_of_live_records,
    kinds_of_contacts,
    one_instant_written_otherwise,
    open_windows,
    sizes_of_live_exports,
)
from .rows import (
    codes,
    fields,
    grammar,
    isolation,
    modes,
    pairs,
    to_absent,
    versions,
    window_ends,
    windows,
)
from .stage import EFFORTS, Effort, Scenario, Stage
from .written import written_records

_CHANGES = frozenset({"changes"})
_ROWS = ("window/*", "version/*", "inactive/*", "csv/*", "counts/*", "isolation/records", "states/*", "creation/*")
# What relations between exports of live data can tell, where no records can be put in place.
_LIVE = tuple(
    f"{family}/*"
    for family in ("window", "version", "ids", "inactive", "mode", "codes", "fields", "split", "csv", "counts")
)

SCENARIOS = (
    Scenario("put the records in place", arrange, ("*",), _CHANGES),
    Scenario("windows of every type", windows, (*_ROWS, "fields/*", "links/*", "split/*", "schema/*")),
    Scenario("windows that meet", window_ends, ("window/*", "counts/*")),
    Scenario("offsets and fractions", grammar, ("window/*", "creation/*")),
    Scenario("windows without an end", to_absent, ("window/*", "creation/*")),
    Scenario("contact modes", modes, ("mode/*", "creation/*")),
    Scenario("activist codes", codes, ("codes/*",)),
    Scenario("requested ids", requested_ids, ("ids/*", "isolation/ids")),
    Scenario("hundreds of ids", many_ids, ("ids/*", "creation/*"), _CHANGES),
    Scenario("changes between exports", versions, ("version/*", "creation/new-job"), _CHANGES),
    Scenario("requested fields", fields, ("fields/*", "creation/*", "csv/*", "inactive/*")),
    Scenario("options together", pairs, ("mode/*", "codes/*", "ids/*", "inactive/*", "window/*")),
    Scenario(
        "the other account", isolation, ("isolation/*", "counts/*", "csv/*"), frozenset({"changes", "second-account"})
    ),
    Scenario("a census of live data", census, _LIVE, without=_CHANGES),
    Scenario("live windows, divided", divided_windows, _LIVE, without=_CHANGES),
    Scenario("live windows, written otherwise", one_instant_written_otherwise, _LIVE, without=_CHANGES),
    Scenario("live contacts by contact mode", kinds_of_contacts, _LIVE, without=_CHANGES),
    Scenario("live records by activist code", activist_codes, _LIVE, without=_CHANGES),
    Scenario("live records by id", ids_of_live_records, _LIVE, without=_CHANGES),
    Scenario("columns of live records", columns_of_live_records, _LIVE, without=_CHANGES),
    Scenario("custom fields of live records", custom_fields_of_live_records, _LIVE, without=_CHANGES),
    Scenario("sizes of live exports", sizes_of_live_exports, _LIVE, without=_CHANGES),
    Scenario("live windows without an end", open_windows, _LIVE, without=_CHANGES),
    Scenario("records written during the run", written_records, _LIVE, frozenset({"writes"}), without=_CHANGES),
    Scenario("live records that look wrong", look_again, _LIVE, without=_CHANGES),
    Scenario("every listed type", listed_types, ("validation/listed-types-accepted",)),
    Scenario("broken requests", refusals, ("validation/*", "schema/*")),
    Scenario("the last 90 days", ninety_days, ("validation/from-within-90-days",)),
    Scenario("unknown names", unknown_names, ("fields/unaccepted-not-echoed",)),
    Scenario("legal edges", legal_values, ("validation/*", "creation/*")),
    Scenario("odd requests", oddities, ("validation/odd-input", "schema/no-server-error")),
    Scenario("random requests", random_requests, (*_ROWS, "mode/*", "codes/*", "ids/*"), _CHANGES),
    Scenario("odd questions", odd_questions, ("schema/no-server-error",)),
    Scenario("requests made from the document", from_the_document, ("validation/*", "schema/*")),
    Scenario("credentials", credentials, ("auth/*",)),
    Scenario("files that must be split", splits, ("split/*", "counts/*", "csv/*", "links/*", "states/*"), _CHANGES),
    Scenario("exports of an exact size", exact_sizes, ("split/*",), _CHANGES),
    Scenario("unknown jobs", strangers, ("isolation/*",)),
    Scenario("finished jobs once more", finished_jobs, ("states/*", "links/*")),
    Scenario("more rows than 16 bits count", numerous, ("counts/*", "window/*", "split/*"), _CHANGES),
    Scenario("more than the default limit", huge, ("split/*",), _CHANGES),
    Scenario("jobs that did not end", unfinished_jobs, ("states/*",)),
    Scenario("links at the end of their life", expiry, ("links/*",), frozenset({"changes", "clock"})),
)

__all__ = ["EFFORTS", "SCENARIOS", "Effort", "Scenario", "Stage"]
