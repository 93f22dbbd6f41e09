"""`schema diff`: two versions of an OpenAPI document, and which of the changes break clients (decision 0012)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .change import Change
from .diff_shapes import SchemaDiff
from .linting import describes_this_api
from .openapi import At, Operation, Spec, load_spec
from .remark import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BREAKING, _HARMLESS = True, False


@dataclass(frozen=True)
class Diffed:
    """What changed, breaking changes first."""

    judged: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def breaking(self) -> bool:
        """True when a client that was written for the old document can fail with the new one."""
        return any(change.breaking for change in self.changes)


def diff(old: str | Path, new: str | Path) -> Diffed:
    """Compare two OpenAPI 3 documents by meaning: what moved or was renamed inside them is no change.

    Raises BadInput when one is no OpenAPI 3 document, or when one of them alone is of this API.
    """
    before, after = load_spec(old), load_spec(new)
    ours, others = describes_this_api(before), describes_this_api(after)
    if ours != others:
        stranger = after if ours else before
        raise BadInput(
            f"{stranger.path} describes another API than {(before if ours else after).path}, which has "
            "/changedEntityExportJobs. Name two versions of one document."
        )
    changes = dict.fromkeys(_changes(before, after))
    ordered = sorted(changes, key=lambda change: not change.breaking)
    return Diffed((f"{old}, and {new} as what came after it",), tuple(ordered))


def _changes(old: Spec, new: Spec) -> Iterator[Change]:
    before = {operation.shape: operation for operation in old.operations()}
    after = {operation.shape: operation for operation in new.operations()}
    for shape, operation in before.items():
        if shape not in after:
            pointer = operation.at.pointer
            yield Change("operation-removed", _BREAKING, f"{operation.name} is gone", old.path, old.line(pointer),
                         pointer)  # fmt: skip
        else:
            yield from _Operations(old, new, operation, after[shape]).changes()
    for shape, operation in after.items():
        if shape not in before:
            yield Change("operation-added", _HARMLESS, f"{operation.name} is new", new.path,
                         new.line(operation.at.pointer), operation.at.pointer)  # fmt: skip


@dataclass(frozen=True)
class _Operations:
    """One operation as it was, and as it is."""

    old: Spec
    new: Spec
    before: Operation
    after: Operation

    def changes(self) -> Iterator[Change]:
        """Everything that changed in it."""
        yield from self._parameters()
        yield from self._body()
        yield from self._responses()
        yield from self._security()
        if not self.before.at.value.get("deprecated") and self.after.at.value.get("deprecated") is True:
            yield self._say("deprecated", "is deprecated now", self.after.at, breaking=False)
        old_id, new_id = (one.at.value.get("operationId") for one in (self.before, self.after))
        if old_id != new_id:
            yield self._say("operation-id-changed", f"has another operationId, {new_id!r} instead of {old_id!r}",
                            self.after.at, breaking=False)  # fmt: skip

    def _say(self, code: str, message: str, at: At, *, breaking: bool) -> Change:
        line = self.new.line(at.pointer)
        return Change(code, breaking, f"{self.after.name} {message}", self.new.path, line, at.pointer)

    def _parameters(self) -> Iterator[Change]:
        # Placeholders of a path are told apart by their place, whatever they are called.
        old = _by_place(self.before, self.old.parameters(self.before))
        new = _by_place(self.after, self.new.parameters(self.after))
        for key, at in old.items():
            name = f"the {key[0]} parameter {at.value.get('name')}"
            if key not in new:
                yield self._say("parameter-removed", f"has lost {name}", self.after.at, breaking=True)
                continue
            other = new[key]
            required = at.value.get("required") is True, other.value.get("required") is True
            if required == (False, True):
                yield self._say("parameter-required", f"requires {name} now", other, breaking=True)
            elif required == (True, False):
                yield self._say("parameter-optional", f"can do without {name} now", other, breaking=False)
            schemas = (at.get("schema"),), (other.get("schema"),)
            yield from SchemaDiff(self.old, self.new, "request", textual=True).compare(
                *schemas, str(at.value.get("name"))
            )
        for key, at in new.items():
            if key not in old:
                needed = at.value.get("required") is True
                name = f"the {key[0]} parameter {at.value.get('name')}"
                yield self._say(
                    "parameter-added", f"{'requires' if needed else 'takes'} {name} now", at, breaking=needed
                )

    def _body(self) -> Iterator[Change]:
        old = self.old.resolve(self.before.at.get("requestBody"))
        new = self.new.resolve(self.after.at.get("requestBody"))
        if not isinstance(old.value, dict) or not isinstance(new.value, dict):
            if isinstance(old.value, dict):
                yield self._say("request-body-removed", "takes no body any more", self.after.at, breaking=True)
            elif isinstance(new.value, dict):
                needed = new.value.get("required") is True
                yield self._say("request-body-added", f"{'requires' if needed else 'takes'} a body now", new,
                                breaking=needed)  # fmt: skip
            return
        required = old.value.get("required") is True, new.value.get("required") is True
        if required[0] != required[1]:
            word = "cannot" if required[1] else "can"
            yield self._say("request-body-required", f"{word} do without a body now", new, breaking=required[1])
        yield from self._media(old, new, "request")

    def _media(self, old: At, new: At, direction: str) -> Iterator[Change]:
        before, after = self.old.content(old), self.new.content(new)
        for name, media in before.items():
            if name not in after:
                yield self._say("media-type-removed", f"has no {name} {direction} any more", new, breaking=True)
                continue
            comparison = SchemaDiff(self.old, self.new, "request" if direction == "request" else "response")
            yield from comparison.compare((media.get("schema"),), (after[name].get("schema"),), "")
        for name in after:
            if name not in before:
                yield self._say("media-type-added", f"has a {name} {direction} now", after[name], breaking=False)

    def _responses(self) -> Iterator[Change]:
        old, new = self.before.at.get("responses"), self.after.at.get("responses")
        before = {str(status).upper(): self.old.resolve(at) for status, at in old.items()}
        after = {str(status).upper(): self.new.resolve(at) for status, at in new.items()}
        for status, at in before.items():
            # A status that is covered by a range, or by the default, is described there now.
            other = after.get(status) or after.get(f"{status[:1]}XX") or after.get("DEFAULT")
            if other is None:
                yield self._say("status-removed", f"is never answered {status} now", new, breaking=status[:1] == "2")
            elif isinstance(at.value, dict) and isinstance(other.value, dict):
                yield from self._media(at, other, "response")
        for status, at in after.items():
            if status not in before and f"{status[:1]}XX" not in before and "DEFAULT" not in before:
                yield self._say("status-added", f"can be answered {status} now", at, breaking=status[:1] in "23")

    def _security(self) -> Iterator[Change]:
        old, new = _credentials(self.old, self.before), _credentials(self.new, self.after)
        if old == new:
            return
        # Every way in that was there has to be there still; none at all is a way in without credentials.
        lost = old - new
        where = self.after.at.get("security")
        at = where if where.value is not None else self.new.root.get("security")
        if lost and frozenset() not in new:
            told = " or ".join(sorted(" and ".join(sorted(one)) or "no credentials" for one in lost))
            yield self._say("security-changed", f"is not open to {told} any more", at, breaking=True)
        else:
            yield self._say("security-changed", "is open to more credentials than before", at, breaking=False)


def _by_place(operation: Operation, found: Mapping[tuple[str, str], At]) -> dict[tuple[str, str], At]:
    """Parameters by their kind and name; those in the path by the order in which they stand there."""
    order = [step[1:-1] for step in operation.path.split("/") if step.startswith("{") and step.endswith("}")]
    return {
        (place, str(order.index(name)) if place == "path" and name in order else name): at
        for (place, name), at in found.items()
    }


def _credentials(spec: Spec, operation: Operation) -> set[frozenset[str]]:
    """The ways in to an operation, each as the kinds of credentials that it takes together."""
    own = operation.at.get("security")
    listed = own.value if own.value is not None else spec.root.get("security").value
    schemes = spec.root.get("components", "securitySchemes")
    ways: set[frozenset[str]] = set()
    for way in listed if isinstance(listed, list) else []:
        kinds: set[str] = set()
        for name in way if isinstance(way, dict) else ():
            scheme = spec.resolve(schemes.get(name)).value
            known = scheme if isinstance(scheme, dict) else {}
            parts = [known.get(key) for key in ("type", "scheme", "in", "name", "openIdConnectUrl")]
            kinds.add(
                " ".join(str(part).lower() if key else str(part) for key, part in enumerate(parts) if part) or name
            )
        ways.add(frozenset(kinds))
    return ways or {frozenset[str]()}
