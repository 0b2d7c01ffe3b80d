# Copyright (c) 2026, the fleetops.usersync contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment: ansible-builder reads the collection's metadata and makes the build context."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tree
import yaml
from data import files
from fake.offered import offered

ROOT = Path(__file__).resolve().parents[2]
BUILDER = str(Path(sys.executable).parent / "ansible-builder")
DEFINITION = ROOT / "execution-environment"


def run(*arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [BUILDER, *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def test_introspect_finds_what_the_collection_needs(tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections" / "fleetops" / "usersync"
    shutil.copytree(ROOT / "meta", collection / "meta")
    shutil.copy(ROOT / "galaxy.yml", collection)
    told = tmp_path / "requirements.txt"
    run("introspect", "--sanitize", "--write-pip", str(told), str(tmp_path))
    wanted = {re.split(r"[<>=]", line)[0] for line in lines(ROOT / "meta" / "ee-requirements.txt")}
    assert wanted == {"msal", "requests"}
    assert {re.split(r"[<>= ]", line)[0] for line in lines(told)} == wanted


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as somebody has it who installed the artifact."""
    source, made, target = (tmp_path_factory.mktemp(name) for name in ("source", "made", "collections"))
    for name in files():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name, follow_symlinks=False)
    galaxy = [str(Path(BUILDER).parent / "ansible-galaxy"), "collection"]
    env = {**tree.clean_env(Path(BUILDER).parent, home=made), "ANSIBLE_COLLECTIONS_PATH": str(target)}
    subprocess.run([*galaxy, "build", "--output-path", str(made), str(source)], env=env, check=True)
    (archive,) = made.glob("*.tar.gz")
    subprocess.run([*galaxy, "install", "--offline", "-p", str(target), str(archive)], env=env, check=True)
    return target / "ansible_collections" / "fleetops" / "usersync"


def test_what_the_page_names_is_in_the_artifact(released: Path) -> None:
    page = (released / "docs" / "awx.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)[)#]", page)
    named = re.findall(r"`(execution-environment/[\w.-]+)`", page)
    assert links and named
    assert [name for name in links if not (released / "docs" / name).exists()] == []
    assert [name for name in named if not (released / name).exists()] == []
    assert not (released / "tests").exists()
    own = {f"playbooks/{path.name}" for path in (released / "playbooks").glob("*.yml")}
    there = [path.relative_to(released) for path in released.rglob("*") if path.is_file()]
    assert set(offered(released, there)) == own


def test_create_makes_the_build_context(tmp_path: Path, released: Path) -> None:
    run(
        "create",
        "-f",
        str(released / "execution-environment" / "execution-environment.yml"),
        "-c",
        str(tmp_path),
        "--output-filename",
        "Containerfile",
    )
    steps = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    definition = yaml.safe_load((DEFINITION / "execution-environment.yml").read_text(encoding="utf-8"))
    assert f'EE_BASE_IMAGE="{definition["images"]["base_image"]["name"]}"' in steps
    for part in ("ansible_core", "ansible_runner"):
        assert definition["dependencies"][part]["package_pip"] in steps
    assert definition["dependencies"]["python_interpreter"]["package_system"] in steps
    assert (tmp_path / "_build" / "requirements.yml").exists()
    assert lines(tmp_path / "_build" / "requirements.txt") == lines(DEFINITION / "requirements.txt")


def test_everything_is_pinned() -> None:
    definition = yaml.safe_load((DEFINITION / "execution-environment.yml").read_text(encoding="utf-8"))
    assert definition["version"] == 3
    name = definition["images"]["base_image"]["name"]
    assert re.search(r"(:\d[\w.-]*|@sha256:[0-9a-f]{64})$", name), "a tag that does not move, or a digest"
    pinned = [definition["dependencies"][part]["package_pip"] for part in ("ansible_core", "ansible_runner")]
    pinned += lines(DEFINITION / "requirements.txt")
    assert [line for line in pinned if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    for collection in yaml.safe_load((DEFINITION / "requirements.yml").read_text(encoding="utf-8"))["collections"]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", collection["version"])


def test_the_environment_is_what_is_tested() -> None:
    """Same libraries and the same ansible-core as in the gates, and the version of this collection."""
    tested: dict[str, set[str]] = {}
    for path in (ROOT / "tests" / "locks").glob("3.*.txt"):
        for project, version in re.findall(r"^([\w.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            tested.setdefault(project.lower(), set()).add(version)
    for line in lines(DEFINITION / "requirements.txt"):
        project, _mark, version = line.partition("==")
        assert version in tested.get(project.lower(), {version}), line
    definition = yaml.safe_load((DEFINITION / "execution-environment.yml").read_text(encoding="utf-8"))
    core = definition["dependencies"]["ansible_core"]["package_pip"].partition("==")[2]
    assert core in tested["ansible-core"]
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    collections = yaml.safe_load((DEFINITION / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert {"name": "fleetops.usersync", "version": galaxy["version"]} in collections
    assert definition["options"]["tags"] == [f"usersync:{galaxy['version']}"]


def test_navigator_runs_the_pinned_image() -> None:
    settings = yaml.safe_load((DEFINITION / "ansible-navigator.yml").read_text(encoding="utf-8"))["ansible-navigator"]
    definition = yaml.safe_load((DEFINITION / "execution-environment.yml").read_text(encoding="utf-8"))
    assert settings["execution-environment"]["image"].endswith("/" + definition["options"]["tags"][0])
    assert "secret" not in str(
        settings.get("execution-environment", {}).get("environment-variables", {}).get("set", "")
    )
    passed = settings["execution-environment"]["environment-variables"]["pass"]
    assert passed and all(name.startswith(("USERSYNC_", "CONTROLLER_")) for name in passed)
