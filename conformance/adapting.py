"""Finds an adapter by its name, and lets it answer the calls of the control API, without HTTP.

What an adapter does is recorded as exchanges with the address `adapter:NAME`, so that rules, record and `judge` need
not know which way the control came.
"""

from __future__ import annotations

import inspect
import json
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..spec.offer import format_instant, parse_instant
from .adapter import OPERATIONS, Account, Adapter, Draft, Target, half_written
from .client import Stop
from .control import ControlError, change_of
from .settings import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .observation import Account as AccountName
    from .observation import Exchange
    from .settings import Settings

GROUP = "exportproof.adapters"
"""The entry point group under which a package publishes its adapters."""
_BASE = f"{Adapter.__module__}.{Adapter.__qualname__}"


def find_adapter(name: str, settings: Mapping[str, Any]) -> type[Adapter]:
    """Return the class that MODULE:CLASS, or the name of an entry point, names; raises BadSettings.

    The module is looked for in the folder of the call first. `settings` are what the class will be made with.
    """
    found = _imported(name) if ":" in name else _published(name)
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise BadSettings(f"The adapter {name!r} is no subclass of {_BASE}. Let it inherit from that.")
    half = half_written(found)
    if half is not None:
        raise BadSettings(f"The adapter {name!r} has {half[0]}() without {half[1]}(). Write both, or neither.")
    try:
        inspect.signature(found).bind(Target("", {}), **settings)
    except TypeError as error:
        raise BadSettings(
            f"The adapter {name!r} cannot be made with these settings: {error}. "
            "Its settings stand under [adapter-settings] in the settings file, or are given with --adapter-setting."
        ) from None
    return found


def _imported(name: str) -> Any:  # noqa: ANN401 - whatever a module holds under that name
    module_name, _, class_name = name.partition(":")
    if not all(part.isidentifier() for part in (*module_name.split("."), *class_name.split("."))):
        raise BadSettings(f"{name!r} names no adapter. Write MODULE:CLASS, such as shop_adapter:ShopAdapter.")
    found: Any = _import(name, module_name)
    for part in class_name.split("."):
        if not hasattr(found, part):
            close = get_close_matches(part, dir(found), n=1)
            perhaps = f" Did you mean {close[0]!r}?" if close else ""
            raise BadSettings(f"The adapter {name!r} is not there: {module_name} has no {part!r}.{perhaps}")
        found = getattr(found, part)
    return found


def _import(name: str, module_name: str) -> Any:  # noqa: ANN401 - a module
    here = str(Path.cwd())
    new = here not in sys.path
    if new:
        sys.path.insert(0, here)
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        if missing == module_name or module_name.startswith(f"{missing}."):
            raise BadSettings(
                f"The adapter {name!r} is not there: no module {missing!r} in {here} or among the installed ones. "
                "Check the name, or call from the folder of the module."
            ) from None
        raise BadSettings(
            f"The adapter {name!r} cannot be imported: it needs the module {missing!r}, which is not installed here."
        ) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a module of the user's does, it is told
        raise BadSettings(f"The adapter {name!r} cannot be imported: {_raised(error)}. Mend the module.") from None
    finally:
        if new:
            # Last from now on: the adapter may import more from there, and nothing else is to be hidden by it.
            sys.path.remove(here)
            sys.path.append(here)


def _published(name: str) -> Any:  # noqa: ANN401 - as above
    published = {point.name: point for point in entry_points(group=GROUP)}
    if name not in published:
        known = f"Published are: {', '.join(sorted(published))}." if published else "No installed package has any."
        raise BadSettings(
            f"There is no adapter {name!r} under the entry points {GROUP!r}. {known} "
            "Or write MODULE:CLASS, such as shop_adapter:ShopAdapter."
        )
    try:
        return published[name].load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above
        raise BadSettings(f"The adapter {name!r} cannot be imported: {_raised(error)}. Mend its package.") from None


class Adapted:
    """Answers the calls of the control API by an adapter, which is made at the first of them."""

    def __init__(self, settings: Settings) -> None:
        """Find the adapter that the settings name; nothing is called yet. Raises BadSettings."""
        self._name = settings.adapter or ""
        self._settings = settings.adapter_settings
        self._class = find_adapter(self._name, self._settings)
        self._accounts: dict[AccountName, Account] = {"first": Account("first", settings.user, settings.key)}
        if settings.second_account:
            self._accounts["second"] = Account("second", settings.other_user, settings.other_key)
        self._url = settings.target_url
        self._adapter: Adapter | None = None
        self._known = False

    @property
    def root(self) -> str:
        """Stands in exchanges where the URL of the control API would."""
        return f"adapter:{self._name}"

    def answer(self, request: Exchange) -> Exchange:
        """Return the exchange with what the control API would answer.

        Raises ControlError as long as nothing is known of the adapter, and Stop when it fails after that.
        """
        method, path = request.method, request.url.removeprefix(self.root)
        account = self._accounts[request.account or "first"]
        started = datetime.now(UTC)
        told = _ANSWERS[method, path](self, account, json.loads(request.request_body or b"null"))
        status, body = (204, b"") if told is None else (200, json.dumps(told, ensure_ascii=False).encode())
        return replace(
            request, request_headers={}, started=started, ended=datetime.now(UTC), status=status, body=body
        )  # fmt: skip

    def close(self) -> None:
        """Let the adapter put everything away; what was judged is judged, whatever comes of that."""
        if self._adapter is not None:
            with suppress(Exception):
                self._adapter.close()

    # --- the five calls -----------------------------------------------------------------------------

    def _describe(self, account: Account, _: object) -> dict[str, Any]:
        if self._adapter is None:
            target = Target(self._url, self._accounts)
            self._adapter = self._call("its constructor", lambda: self._class(target, **self._settings))
        adapter = self._adapter
        offered = self._call("capabilities()", lambda: list(adapter.capabilities()))
        strange = [each for each in offered if each not in OPERATIONS]
        if strange:
            raise self._failed(f"capabilities() tells of {strange[0]!r}; there are {', '.join(OPERATIONS)}")
        now = self._call("now()", lambda: adapter.now(account))
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise self._failed(f"now() returns {now!r}, which is no datetime with an offset")
        customs = self._call("custom_field_ids()", lambda: _customs(adapter, account))
        told: dict[str, Any] = {
            "version": 1,
            "capabilities": sorted(offered),
            "now": format_instant(now),
            "customFieldIds": customs,
        }
        if "writes" in offered:
            columns = self._call("writable()", lambda: _columns(adapter, account))
            told["writes"] = {"columns": columns, "deactivates": bool(adapter.deactivates)}
        self._known = True
        return told

    def _reset(self, account: Account, _: object) -> None:
        self._call("reset()", lambda: self._made.reset(account))

    def _change(self, account: Account, asked: Mapping[str, Any]) -> dict[str, Any]:
        kind = asked["resourceType"]
        changes = [change_of(kind, item) for item in asked["changes"]]
        self._call(f"change() of {kind}", lambda: self._made.change(account, kind, changes))
        return {"accepted": len(changes)}

    def _write(self, account: Account, asked: Mapping[str, Any]) -> dict[str, Any]:
        kind = asked["resourceType"]
        drafts = [Draft(each["values"], each["id"], each["active"]) for each in asked["records"]]
        ids = self._call(f"write() of {kind}", lambda: list(self._made.write(account, kind, drafts)))
        fitting = len(ids) == len(drafts) and all(isinstance(each, int) and each > 0 for each in ids)
        if not fitting or any(draft.id not in (None, made) for draft, made in zip(drafts, ids, strict=True)):
            raise self._failed(f"write() of {kind} returns {ids!r} for {len(drafts)} drafts, not the id of each")
        return {"ids": ids}

    def _freeze(self, _: Account, asked: Mapping[str, Any]) -> dict[str, Any]:
        instant = parse_instant(asked["now"])
        self._call("freeze()", lambda: self._made.freeze(instant))
        return {"now": asked["now"]}

    def _release(self, _account: Account, _: object) -> None:
        self._call("release()", self._made.release)

    @property
    def _made(self) -> Adapter:
        if self._adapter is None:
            raise self._failed("it was asked to act before it was asked what it can do")
        return self._adapter

    def _call(self, what: str, act: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the adapter's method returns
        try:
            return act()
        except (Exception, SystemExit) as error:
            raise self._failed(f"{what} raised {_raised(error)}") from error

    def _failed(self, what: str) -> ControlError | Stop:
        message = f"The adapter {self._name} failed: {what}. The fault is likely in the adapter or in what it reaches"
        if not self._known:
            return ControlError(f"{message}; nothing was judged.")
        # Part of what it was to do may be done, and then no export could be held against what is known.
        return Stop(f"{message}, so it is not known what the target holds, and the run goes no further.")


_ANSWERS: Mapping[tuple[str, str], Callable[[Adapted, Account, Any], dict[str, Any] | None]] = {
    ("GET", ""): Adapted._describe,  # noqa: SLF001 - its own
    ("DELETE", "/state"): Adapted._reset,  # noqa: SLF001
    ("POST", "/changes"): Adapted._change,  # noqa: SLF001
    ("POST", "/writes"): Adapted._write,  # noqa: SLF001
    ("PUT", "/clock"): Adapted._freeze,  # noqa: SLF001
    ("DELETE", "/clock"): Adapted._release,  # noqa: SLF001
}


def _customs(adapter: Adapter, account: Account) -> dict[str, list[int]]:
    return {str(name): [int(each) for each in ids] for name, ids in adapter.custom_field_ids(account).items()}


def _columns(adapter: Adapter, account: Account) -> dict[str, list[str]]:
    return {str(name): [str(each) for each in columns] for name, columns in adapter.writable(account).items()}


def _raised(error: BaseException) -> str:
    """Return what was raised, and the last line of it that is not the suite's own, in a few words."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename != __file__ and not code.co_filename.startswith("<"):
            place = f" at {Path(code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(": ").rstrip(".") + place
