# Copyright (c) 2026, the fleetops.usersync contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory's objects, with what a lagging replica still shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

Data = dict[str, Any]

KEEP_VERSIONS = timedelta(hours=1)
SOFT_DELETE = timedelta(days=30)


class Record:
    """One object. ``data`` is never changed in place: ``put`` replaces it, so that older versions stay whole.

    Members that begin with ``_`` are the simulator's own and never leave it.
    """

    __slots__ = ("created", "data", "gone", "id", "kind", "versions", "written")

    def __init__(self, kind: str, data: Data, created: datetime) -> None:
        self.kind = kind
        self.id: str = data["id"]
        self.data = data
        self.created = created
        self.written = created
        self.gone: datetime | None = None
        self.versions: list[tuple[datetime, Data]] = []

    def put(self, now: datetime, **changes: Any) -> None:
        self.versions.append((self.written, self.data))
        if len(self.versions) > 8:
            oldest = now - KEEP_VERSIONS
            self.versions = [item for item in self.versions if item[0] > oldest]
        self.data = {**self.data, **changes}
        self.written = now

    def at(self, moment: datetime | None) -> Data | None:
        """The object as it was at the moment, or now; None if it did not exist yet."""
        if moment is None or self.written <= moment:
            return self.data
        if self.created > moment:
            return None
        for written, data in reversed(self.versions):
            if written <= moment:
                return data
        return self.versions[0][1] if self.versions else self.data


class Store:
    """Objects by kind and id, indexed by their alternate keys.

    ``as_of`` is the moment whose state reads show, set for each request; None shows the present. Writes always act on
    the present.
    """

    def __init__(self) -> None:
        self.live: dict[str, dict[str, Record]] = {}
        self.deleted: dict[str, Record] = {}
        self.as_of: datetime | None = None
        self._ghosts: list[Record] = []
        self._keys: dict[tuple[str, str, str], Record] = {}

    def add(self, record: Record) -> Record:
        self.live.setdefault(record.kind, {})[record.id] = record
        self.index(record)
        return record

    def index(self, record: Record) -> None:
        for name in ("appId", "uniqueName"):
            value = record.data.get(name)
            if value:
                self._keys[record.kind, name, value.casefold()] = record

    def get(self, kind: str, name: str, value: str) -> Record | None:
        """By ``id``, ``appId`` or ``uniqueName``, in the present."""
        if name == "id":
            return self.live.get(kind, {}).get(value.lower()) or self.live.get(kind, {}).get(value)
        return self._keys.get((kind, name, value.casefold()))

    def read(self, kind: str, name: str, value: str) -> Data | None:
        """The data that a read shows."""
        record = self.get(kind, name, value)
        if record is not None:
            return record.at(self.as_of)
        if self.as_of is not None:
            for ghost in self._seen_ghosts(kind):
                data = ghost.at(self.as_of)
                if data is not None and str(data.get(name, "")).casefold() == value.casefold():
                    return data
        return None

    def records(self, kind: str) -> list[Record]:
        return list(self.live.get(kind, {}).values())

    def listed(self, kind: str) -> list[Data]:
        """What a list shows, oldest first."""
        records = self.live.get(kind, {}).values()
        if self.as_of is None:
            return [record.data for record in records]
        shown = (record.at(self.as_of) for record in (*records, *self._seen_ghosts(kind)))
        return [data for data in shown if data is not None]

    def _seen_ghosts(self, kind: str) -> Iterator[Record]:
        assert self.as_of is not None
        return (ghost for ghost in self._ghosts if ghost.kind == kind and ghost.gone and ghost.gone > self.as_of)

    def remove(self, record: Record, now: datetime) -> None:
        """Gone at once, for kinds without a bin."""
        del self.live[record.kind][record.id]
        for key in [key for key, found in self._keys.items() if found is record]:
            del self._keys[key]
        record.gone = now
        self._ghosts = [ghost for ghost in self._ghosts if ghost.gone and ghost.gone > now - KEEP_VERSIONS]
        self._ghosts.append(record)

    def soft_delete(self, record: Record, now: datetime, text: str) -> None:
        self.remove(record, now)
        bin_record = Record(record.kind, {**record.data, "deletedDateTime": text}, now)
        self.deleted[record.id] = bin_record

    def restore(self, record: Record, now: datetime) -> Record:
        del self.deleted[record.id]
        return self.add(Record(record.kind, {**record.data, "deletedDateTime": None}, now))

    def empty_bin(self, now: datetime) -> list[Record]:
        """Purge what has lain there for 30 days."""
        old = [record for record in self.deleted.values() if record.created + SOFT_DELETE <= now]
        for record in old:
            del self.deleted[record.id]
        return old

    def bin(self, kind: str) -> list[Data]:
        shown = (record.at(self.as_of) for record in self.deleted.values() if record.kind == kind)
        return [data for data in shown if data is not None]
