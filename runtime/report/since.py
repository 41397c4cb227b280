"""The findings of a project as it was at a revision of its git repository.

What a change breaks may lie far from its lines: a policy's new word forbids a campaign that nobody touched. So the project is
checked as it was, and what was found then is not told again; the lines of a diff are not asked. The revision is the one that is
named, not where its branch parted: name `$(git merge-base main HEAD)` for that. It is one of the repository in which the
project lies, which may be a submodule.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from runtime.errors import InputError
from runtime.project import SETTINGS, NoProject, read
from runtime.report.compare import Entry, entries
from runtime.report.fingerprints import known

# A git hook's own, which speak of another folder and of what is about to be committed.
_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
_FILE_MODES, _SUBMODULE = ("100644", "100755"), "160000"  # links are left out
_DEEPER = "A shallow clone has only its latest commits: fetch more of it, as with `fetch-depth: 0`."


@dataclass(frozen=True)
class _Blob:
    """A file of the project at a commit: its path from the project's root, and which object of which repository it was."""

    path: PurePosixPath
    repository: Path
    digest: str


def entries_at(revision: str, root: Path, today: date | None) -> list[Entry]:
    """What a check of the project at `root` would have told at the revision; nothing where it was not there yet."""
    with TemporaryDirectory(prefix="camp-") as room:
        for path, content in _files(revision, root):
            target = Path(room, *path.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        Path(room, SETTINGS).touch()  # or a camp.toml further up would make it a part of another project
        try:
            project = read((Path(room),), today=today)
        except NoProject:  # no .camp file, or none outside of hidden folders and projects of their own
            return []
        return entries(known(project.found))


def _files(revision: str, root: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """The project's files that a check reads, from its root, and what stood in them."""
    folder = root.resolve()
    top = _top(folder)
    commit = _commit(folder, revision)
    inside = folder.relative_to(top).as_posix()
    found = [*_listed(top, commit, inside)]
    if not found and (former := _former(top, commit, inside)):
        found = [*_listed(top, commit, former)]
    for repository in {blob.repository for blob in found}:
        mine = [blob for blob in found if blob.repository == repository]
        contents = _contents(repository, [blob.digest for blob in mine])
        yield from zip((blob.path for blob in mine), contents, strict=True)


def _commit(folder: Path, revision: str) -> str:
    named = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return _git(folder, *named).decode().strip()
    except InputError as error:
        said, outer = f"git knows no revision {revision} here", _superproject(folder)
        if outer is None:
            raise InputError(said, _DEEPER) from error
        help = (
            f"This is the submodule {outer}: name a revision of its own, as `git rev-parse REVISION:{outer}` tells it."
        )
        raise InputError(said, help) from error


def _superproject(folder: Path) -> str | None:
    """Where the submodule that a folder is in lies in its superproject; None: it is in none."""
    above = os.fsdecode(_git(folder, "rev-parse", "--show-superproject-working-tree").rstrip(b"\n"))
    return _top(folder).relative_to(Path(above).resolve()).as_posix() if above else None


def _top(folder: Path) -> Path:
    return Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))).resolve()


def _listed(repository: Path, commit: str, inside: str) -> Iterator[_Blob]:
    """The files of a folder at a commit; those of its submodules at the commits that it names, where they are checked out."""
    below = ["--", inside] if inside != "." else []
    for line in filter(None, _git(repository, "ls-tree", "-r", "-z", "--full-tree", commit, *below).split(b"\0")):
        head, _, name = line.partition(b"\t")
        mode, _, digest = head.decode().split()
        path = PurePosixPath(os.fsdecode(name)).relative_to(inside if inside != "." else "")
        if ".." in path.parts:
            continue
        if mode in _FILE_MODES and (path.suffix == ".camp" or path.name == SETTINGS):
            yield _Blob(path, repository, digest)
        elif mode == _SUBMODULE and Path(repository, os.fsdecode(name), ".git").exists():
            there = repository / os.fsdecode(name)
            inner = _listed(there, _fetched(there, digest), ".")
            yield from (replace(blob, path=path / blob.path) for blob in inner)


def _fetched(submodule: Path, commit: str) -> str:
    try:
        return _git(submodule, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    except InputError as error:
        said = f"The submodule {submodule.name} lacks the commit {commit[:12]} that it stood at then"
        raise InputError(said, "Fetch more of the submodule: a shallow clone has only its latest commits.") from error


def _former(top: Path, commit: str, inside: str) -> str | None:
    """The folder that most of the project's files have been moved from since the commit, as git finds renames."""
    told = _git(top, "diff-index", "-z", "--name-status", "--find-renames", "--diff-filter=R", commit)
    names = [PurePosixPath(os.fsdecode(name)) for name in told.split(b"\0")[:-1]]
    folders: Counter[str] = Counter()
    for before, now in zip(names[1::3], names[2::3], strict=True):
        if now.is_relative_to(inside):
            own = now.relative_to(inside).parts
            if before.parts[-len(own) :] == own:
                folders[PurePosixPath(*before.parts[: -len(own)]).as_posix()] += 1
    return max(sorted(folders), key=lambda folder: folders[folder], default=None)


def _contents(top: Path, digests: list[str]) -> Iterator[bytes]:
    """Of blobs, in one call (git-cat-file(1), --batch)."""
    told = _git(top, "cat-file", "--batch", said="".join(f"{digest}\n" for digest in digests).encode())
    at = 0
    for _ in digests:
        end = told.index(b"\n", at)
        size = int(told[at:end].split()[-1])
        yield told[end + 1 : end + 1 + size]
        at = end + 1 + size + 1


def _git(folder: Path, *arguments: str, said: bytes = b"") -> bytes:
    environment = {name: value for name, value in os.environ.items() if name not in _HOOKS} | {"LC_ALL": "C"}
    call = ["git", *arguments]
    try:
        done = subprocess.run(call, cwd=folder, input=said, capture_output=True, check=False, env=environment)
    except OSError as error:
        help = "Install git, or use --baseline, which needs none."
        raise InputError(f"git cannot be run: {error.strerror}", help) from error
    if done.returncode:
        told = os.fsdecode(done.stderr).strip().removeprefix("fatal: ").splitlines()
        raise InputError(f"git says: {told[0] if told else arguments[0]}", "Run it inside a git repository.")
    return done.stdout
