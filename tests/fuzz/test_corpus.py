"""Every saved input of every reader, read once more: what a fuzzer once tried stays tried."""

import pytest

from sources import confined, reader
from tests.fuzz import corpus, seeds, target


@pytest.mark.parametrize("kind", sorted(reader.FORMATS))
def test_every_format_has_a_saved_corpus_that_is_read_or_refused(kind: str) -> None:
    inputs = corpus.load(kind)
    assert len(inputs) >= 10, f"fuzz it: python -m tests.fuzz {kind}"
    for data in inputs.values():
        # raises for anything but a table that keeps its promises and a typed refusal; confined as in a night, for what
        # C libraries do with some of these inputs takes minutes and gigabytes
        target.read(kind, data, confined.read)


@pytest.mark.parametrize("kind", sorted(reader.FORMATS))
def test_the_seeds_are_whole_files(kind: str) -> None:
    """At least one is read to a table, so that fuzzing begins behind the first check of a reader."""
    read = [target.read(kind, data) for data in seeds.of(kind)]
    assert any(not isinstance(table, Exception) and len(table.frame) for table in read), read
