"""Whether a CSV cell has the value that was put: by field type, as contract and documentation have it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..spec.offer import parse_instant

if TYPE_CHECKING:
    from ..spec.offer import Field

_NAIVE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?))?", re.ASCII)
_FURTHEST_WEST, _FURTHEST_EAST = timedelta(hours=-12), timedelta(hours=14)
# A bare day is allowed up to here: the few zones further east would hide a fault of one day everywhere else.
_DAY_EAST = timedelta(hours=12)
_OF_AMOUNTS = re.compile(r"[$,\s]")
_BREAKS, _BEYOND = re.compile('[",\r\n\t]'), re.compile(r"[^\x00-\x7f]")
_SPECIAL = str.maketrans("", "", '",\r\n\t')


def same(field: Field | None, value: Any, cell: str) -> bool:  # noqa: ANN401 - any value of the control API
    """Tell whether the cell holds the value; `field` None stands for a custom field, whose type is unknown."""
    if value is None or value == "":
        return cell == ""
    kind = field.type if field else _kind_of(value)
    if kind in ("N", "M") and not isinstance(value, bool):
        # Amounts are commonly written with a sign and separators; a number with them is none to most readers.
        return _same_number(value, _OF_AMOUNTS.sub("", cell) if kind == "M" else cell)
    if kind == "B":
        return cell.strip().lower() == str(value).lower()
    if kind == "D":
        return _same_date(str(value), cell)
    return cell == str(value)


def _kind_of(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "B"
    return "N" if isinstance(value, (int, float)) else "T"


def _same_number(value: Any, cell: str) -> bool:  # noqa: ANN401
    try:
        return Decimal(str(value)) == Decimal(cell.strip())
    except InvalidOperation:
        return False


def _same_date(value: str, cell: str) -> bool:
    """Compare as instants, to the second; a cell without offset may be local time anywhere on earth, or a day."""
    try:
        wanted = parse_instant(value)
    except ValueError:
        return cell == value
    text = cell.strip()
    try:
        return abs(parse_instant(text.replace(" ", "T", 1)) - wanted) < timedelta(seconds=1)
    except ValueError:
        pass
    match = _NAIVE.fullmatch(text)
    if match is None:
        return False
    try:
        local = datetime.fromisoformat(text.replace(" ", "T")[:26]).replace(tzinfo=UTC)
    except ValueError:
        return False
    same_day = (wanted + _FURTHEST_WEST).date() <= local.date() <= (wanted + _DAY_EAST).date()
    # Midnight may be how a bare day is written.
    if match[2] is None or (same_day and local.time() == time()):
        return same_day
    shift = local - wanted
    quarter = timedelta(minutes=15)
    off = shift % quarter
    return _FURTHEST_WEST <= shift <= _FURTHEST_EAST and min(off, quarter - off) < timedelta(seconds=1)


def category(field: Field | None, value: Any) -> str:  # noqa: ANN401
    """Name the csv rule that a value tries."""
    if value is None or value == "":
        return "csv/empty-values"
    if (field.type if field else _kind_of(value)) != "T":
        return "csv/typed-values"
    text = str(value)
    if _BREAKS.search(text):
        return "csv/special-characters"
    return "csv/text-exact" if text.isascii() else "csv/unicode"


def damage(field: Field | None, value: Any, cell: str) -> str:  # noqa: ANN401
    """Name the csv rule that a damaged cell breaks, by what happened to it rather than by what it held."""
    tried = category(field, value)
    if tried in ("csv/empty-values", "csv/typed-values"):
        return tried
    text = str(value)
    if text.strip(" ") == cell.strip(" "):
        return "csv/text-exact"
    if text.translate(_SPECIAL) == cell.translate(_SPECIAL):
        return "csv/special-characters"
    if text.startswith(cell):
        # Cut short; where nothing is left, what it held is all that there is to say.
        return tried if not cell and tried == "csv/unicode" else "csv/text-exact"
    breaks_kept = _those(_BREAKS, text) == _those(_BREAKS, cell)
    beyond_kept = _those(_BEYOND, text) == _those(_BEYOND, cell)
    if breaks_kept:
        return "csv/text-exact" if beyond_kept else "csv/unicode"
    return "csv/special-characters" if beyond_kept else tried


def _those(pattern: re.Pattern[str], text: str) -> str:
    return "".join(pattern.findall(text))
