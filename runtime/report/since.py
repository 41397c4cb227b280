"""The findings of a project as it was at a revision of its git repository.

What a change breaks may lie far from its lines: a policy's new word forbids a campaign that nobody touched. So the project is
checked as it was, and what was found then is not told again; the lines of a diff are not asked. The revision is the one that is
named, not where its branch parted: name `$(git merge-base main HEAD)` for that.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from runtime.errors import InputError
from runtime.project import SETTINGS, NoProject, read
from runtime.report.compare import Entry, entries
from runtime.report.fingerprints import known

# A git hook's own, which speak of another folder and of what is about to be committed.
_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
_FILE_MODES = ("100644", "100755")  # links and submodules are left out
_DEEPER = "A shallow clone has only its latest commits: fetch more of it, as with `fetch-depth: 0`."


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
    top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    try:
        named = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        commit = _git(folder, *named).decode().strip()
    except InputError as error:
        raise InputError(f"git knows no revision {revision} here", _DEEPER) from error
    inside = folder.relative_to(top.resolve()).as_posix()
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *([inside] if inside != "." else []))
    wanted: list[tuple[PurePosixPath, str]] = []
    for line in filter(None, listed.split(b"\0")):
        head, _, name = line.partition(b"\t")
        mode, _, digest = head.decode().split()
        path = PurePosixPath(os.fsdecode(name)).relative_to(inside if inside != "." else "")
        if mode in _FILE_MODES and (path.suffix == ".camp" or path.name == SETTINGS) and ".." not in path.parts:
            wanted.append((path, digest))
    yield from zip((path for path, _ in wanted), _contents(top, [digest for _, digest in wanted]), strict=True)


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
