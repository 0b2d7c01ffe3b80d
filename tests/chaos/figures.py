# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures in ``build/chaos.json``; written after every point, so that a broken run can be resumed."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from .points import Result


class Figures:
    """Results by name of the point. ``resume``: begin with those that the file holds."""

    def __init__(self, path: Path, form: str, resume: bool = False) -> None:
        self._path = path
        self._form = form
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._before = 0.0
        self.results: dict[str, dict[str, Any]] = {}
        if resume and path.exists():
            held = json.loads(path.read_text(encoding="utf-8"))
            if held["form"] == form:
                self.results = {one["name"]: one for one in held["results"]}
                self._before = held["seconds"]

    def survived(self, name: str) -> bool:
        """Whether the point survived in an earlier run that is being resumed."""
        return name in self.results and not self.results[name]["wrong"]

    def add(self, result: Result) -> None:
        """Keep and say how a point ended."""
        with self._lock:
            self.results[result.name] = result.as_dict()
            self._write(self.document())
            word = "ok" if result.survived else "NOT SURVIVED"
            missed = "" if result.reached else ", not reached"
            print(
                f"{result.name}: {word}{missed}, {result.requests} requests, overlap {result.overlap}, "
                f"{result.seconds:.1f} s",
                flush=True,
            )
            for sentence in result.wrong:
                print(f"    {sentence}", flush=True)

    def document(self, planned: int | None = None) -> dict[str, Any]:
        """All figures. ``planned``: how many points there are."""
        results = list(self.results.values())
        tried = [one for one in results if one["reached"]]
        survived = [one for one in tried if not one["wrong"]]
        left = None if planned is None else max(planned - len(results), 0)
        planted = [one for one in results if one["notes"].get("planted")]
        return {
            "form": self._form,
            "points": {
                "tried": len(tried),
                "survived": len(survived),
                "left": left,
                "not_reached": len(results) - len(tried),
            },
            "requests": sum(one["requests"] for one in results),
            "seconds": round(self._before + time.monotonic() - self._started, 1),
            "worst_overlap": max((one["overlap"] for one in results), default=0),
            "more_runs": sum(one["more_runs"] for one in results),
            "parts": {name: _part(name, results) for name in sorted({_part_of(one["name"]) for one in results})},
            "leaks": {
                "files": sum(one["searched"].get("files", 0) for one in results),
                "bytes": sum(one["searched"].get("bytes", 0) for one in results),
                "most_secrets_at_once": max((one["searched"].get("secrets", 0) for one in results), default=0),
                "found": sum(" stands in " in text for one in results for text in one["wrong"]),
                "planted": [one["notes"]["planted"] for one in planted],
            },
            "broken_on_purpose": {
                one["name"]: one["notes"]["reported"] for one in results if "reported" in one["notes"]
            },
            "failures": [{"name": one["name"], "wrong": one["wrong"]} for one in results if one["wrong"]],
            "results": results,
        }

    def _write(self, document: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self._path)

    def close(self, planned: int) -> int:
        """Write and say the end; returns the exit code."""
        document = self.document(planned)
        self._write(document)
        print(f"\n{'part':22}{'tried':>7}{'survived':>10}{'requests':>10}{'overlap':>9}{'seconds':>9}")
        for name, part in document["parts"].items():
            print(
                f"{name:22}{part['tried']:>7}{part['survived']:>10}{part['requests']:>10}"
                f"{part['worst_overlap']:>9}{part['seconds']:>9.0f}"
            )
        points = document["points"]
        print(
            f"\n{points['tried']} points tried, {points['survived']} survived, {points['left']} left; "
            f"{document['requests']} requests, {document['seconds']:.0f} s, worst overlap {document['worst_overlap']}; "
            f"{document['leaks']['found']} secrets found in {document['leaks']['files']} files; figures in {self._path}"
        )
        print(f"{points['survived']} passed, {len(document['failures'])} failed")
        if document["failures"] or not points["tried"]:
            return 1
        return 3 if points["left"] else 0


def _part_of(name: str) -> str:
    words = name.split("/")
    return "/".join(words[:2]) if words[0] == "kill" else words[0]


def _part(name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [one for one in results if _part_of(one["name"]) == name]
    tried = [one for one in mine if one["reached"]]
    return {
        "tried": len(tried),
        "survived": sum(not one["wrong"] for one in tried),
        "requests": sum(one["requests"] for one in mine),
        "seconds": round(sum(one["seconds"] for one in mine), 1),
        "worst_overlap": max((one["overlap"] for one in mine), default=0),
    }
