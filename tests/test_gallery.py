"""The page of errors shows what Camp says now, some of every topic, and stays short enough to be read."""

from __future__ import annotations

from tests.docs import ERRORS
from tests.gallery import CASES, TOPICS, cases, page


def test_the_page_of_errors_is_current_and_short() -> None:
    written = ERRORS.read_text(encoding="utf-8")
    assert written == page(), "python -m tests.docs"
    assert written.count("\n") < 950


def test_every_folder_of_cases_belongs_to_one_topic() -> None:
    listed = [folder for _, folders, _ in TOPICS for folder in folders.split()]
    assert sorted(listed) == sorted(path.name for path in CASES.iterdir() if path.is_dir())


def test_a_topic_shows_its_best_cases_and_at_most_four() -> None:
    for title, folders, _ in TOPICS:
        shown = cases(folders)
        assert 1 <= len(shown) <= 4 and all(one.codes for one in shown), title
        assert [(one.wide, len(one.text)) for one in shown] == sorted((one.wide, len(one.text)) for one in shown)
