import hashlib
import os
from pathlib import Path

import pytest

from hub.transport.drop_folder import DropFolder, pieces, printable


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    it = DropFolder(tmp_path)
    it.prepare()
    return it


def drop(folder: DropFolder, name: str, content: bytes = b"content") -> Path:
    file = folder.root / name
    file.write_bytes(content)
    return file


def names(folder: DropFolder) -> list[str]:
    return [file.name for file in folder.look()]


def test_a_file_is_taken_when_it_has_come_to_rest(folder: DropFolder) -> None:
    """A file is claimed at the second look that finds it unchanged."""
    file = drop(folder, "a.csv", b"one")
    assert names(folder) == []
    file.write_bytes(b"one, two")
    assert names(folder) == []
    assert names(folder) == ["a.csv"]
    assert not file.exists()


def test_what_is_claimed_comes_again_until_it_is_settled(folder: DropFolder) -> None:
    """A file under way is taken up again, as after a crash, by whoever looks next."""
    drop(folder, "a.csv")
    folder.look()
    folder.look()
    (file,) = DropFolder(folder.root).look()
    folder.archive(file)
    assert names(folder) == []
    assert (folder.root / "archive" / "a.csv").read_bytes() == b"content"


def test_a_marker_says_that_a_file_is_complete(folder: DropFolder) -> None:
    """With ``.done`` beside it a file is claimed at the first look, and the marker goes."""
    drop(folder, "a.csv")
    drop(folder, "a.csv.done", b"")
    assert names(folder) == ["a.csv"]
    assert not (folder.root / "a.csv.done").exists()


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (f"7 {hashlib.sha256(b'content').hexdigest().upper()}", True),
        ("7", True),
        ("8", False),
        ("0" * 64, False),
    ],
)
def test_a_marker_with_size_and_digest_is_checked(folder: DropFolder, said: str, taken: bool) -> None:
    """A file that is not what its marker says ends in ``error`` with the reason."""
    drop(folder, "a.csv")
    drop(folder, "a.csv.done", said.encode())
    assert names(folder) == (["a.csv"] if taken else [])
    reason = folder.root / "error" / "a.csv.reason.txt"
    assert reason.exists() is not taken
    assert taken or "a.csv.done" in reason.read_text()


@pytest.mark.parametrize("name", ["a.tmp", "a.csv.part", ".a.csv", "a.done"])
def test_what_is_still_being_written(folder: DropFolder, name: str) -> None:
    """Names that writers use for unfinished files are left alone."""
    drop(folder, name)
    assert names(folder) + names(folder) == []
    assert (folder.root / name).exists()


def test_only_names_that_match(tmp_path: Path) -> None:
    """A pattern leaves other files to others, those under way included."""
    csv, pdf = DropFolder(tmp_path, "*.csv"), DropFolder(tmp_path, "*.pdf")
    csv.prepare()
    drop(csv, "a.csv")
    drop(csv, "b.pdf")
    for folder in (csv, pdf, csv, pdf):
        folder.look()
    assert (names(csv), names(pdf)) == (["a.csv"], ["b.pdf"])


def test_links_and_pipes_are_refused(folder: DropFolder, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is no regular file is set aside unread."""
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_bytes(b"secret")
    (folder.root / "link.csv").symlink_to(outside)
    os.mkfifo(folder.root / "pipe.csv")
    assert names(folder) == []
    assert (folder.root / "error" / "link.csv").is_symlink()
    assert (folder.root / "error" / "pipe.csv").is_fifo()
    assert "link" in (folder.root / "error" / "link.csv.reason.txt").read_text()
    with pytest.raises(OSError, match="symbolic"):
        list(pieces(folder.root / "error" / "link.csv"))


def test_a_name_that_is_taken(folder: DropFolder) -> None:
    """Nothing in ``archive`` is ever overwritten: the same name again gets a number."""
    for content in (b"1", b"2", b"3"):
        drop(folder, "a.b.csv", content)
        folder.look()
        (file,) = folder.look()
        folder.archive(file)
    kept = {file.name: file.read_bytes() for file in (folder.root / "archive").iterdir()}
    assert kept == {"a.b.csv": b"1", "a.b~2.csv": b"2", "a.b~3.csv": b"3"}


def test_a_second_file_of_a_name_waits_for_the_first(folder: DropFolder) -> None:
    """While a file is under way another one of its name stays where it is."""
    drop(folder, "a.csv", b"1")
    folder.look()
    (first,) = folder.look()
    drop(folder, "a.csv", b"2")
    drop(folder, "a.csv.done", b"")
    assert [file.read_bytes() for file in folder.look()] == [b"1"]
    folder.archive(first)
    assert [file.read_bytes() for file in folder.look()] == [b"2"]


def test_names_that_are_no_text(folder: DropFolder) -> None:
    """A name of bytes that are no UTF-8 is taken, and can be written down."""
    drop(folder, os.fsdecode(b"n\xf6te.pdf"))
    folder.look()
    (file,) = folder.look()
    assert printable(file.name) == "n\\xf6te.pdf"
    folder.reject(file, "because")
    assert len(list((folder.root / "error").iterdir())) == 2


def test_the_longest_names(tmp_path: Path) -> None:
    """A name as long as names may be stops nothing: what is written beside the file has a name that is cut."""
    folder = DropFolder(tmp_path)
    folder.prepare()
    for _ in range(2):
        file = tmp_path / "processing" / ("x" * 251 + ".csv")
        file.write_bytes(b"MRN\n")
        folder.set_aside(file, ["line,reason\r\n"])
        folder.reject(file, "no")
    names = [os.fsencode(path.name) for path in (tmp_path / "error").iterdir()]
    assert len(names) == 6
    assert all(len(name) <= 255 for name in names)


def listed(folder: DropFolder, *names: str, content: bytes = b"content") -> Path:
    """A manifest of these files, as ``sha256sum`` writes it."""
    digest = hashlib.sha256(content).hexdigest()
    return drop(folder, "day.sha256", "".join(f"{digest}  {name}\n" for name in names).encode())


@pytest.fixture
def manifested(tmp_path: Path) -> DropFolder:
    it = DropFolder(tmp_path, "*.csv", "*.sha256")
    it.prepare()
    return it


def test_what_a_manifest_lists_is_taken_together(manifested: DropFolder) -> None:
    """Nothing is taken before all that is listed is there, and what is not listed is left; then the manifest is done
    with."""
    drop(manifested, "a.csv")
    drop(manifested, "stray.csv")
    listed(manifested, "a.csv", "b.csv")
    assert [names(manifested) for _ in range(3)] == [[], [], []]
    drop(manifested, "b.csv")
    assert names(manifested) == ["a.csv", "b.csv"]
    assert (manifested.root / "archive" / "day.sha256").exists()
    assert (manifested.root / "stray.csv").exists()


def test_a_file_that_is_not_what_its_manifest_says(manifested: DropFolder) -> None:
    """It is set aside with the reason; the others are taken."""
    drop(manifested, "a.csv")
    drop(manifested, "b.csv", b"other")
    listed(manifested, "a.csv", "b.csv")
    names(manifested)
    assert names(manifested) == ["a.csv"]
    reason = (manifested.root / "error" / "b.csv.reason.txt").read_text()
    assert reason == "its SHA-256 is not the one in day.sha256\n"


def test_a_crash_between_the_files_of_a_manifest(manifested: DropFolder) -> None:
    """What was claimed before it counts as being there."""
    drop(manifested, "b.csv")
    drop(manifested, "a.csv").rename(manifested.root / "processing" / "a.csv")
    listed(manifested, "a.csv", "b.csv")
    names(manifested)
    assert names(manifested) == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "no digest  a.csv\n",
        f"{'0' * 64}  ../a.csv\n",
        f"{'0' * 64}  /etc/passwd\n",
        f"{'0' * 64}  a.csv\n" * 2,
        f"{'0' * 64}  day.sha256\n",
        f"{'0' * 64}\n",
    ],
)
def test_a_manifest_that_is_none(manifested: DropFolder, text: str) -> None:
    """It is set aside with the reason, and what it might have listed is left alone."""
    drop(manifested, "a.csv")
    drop(manifested, "day.sha256", text.encode())
    assert [names(manifested) for _ in range(2)] == [[], []]
    assert (manifested.root / "error" / "day.sha256.reason.txt").exists()
    assert (manifested.root / "a.csv").exists()


def test_a_manifest_may_state_sizes(manifested: DropFolder) -> None:
    """A size between the digest and the name is checked, too."""
    drop(manifested, "a.csv")
    digest = hashlib.sha256(b"content").hexdigest()
    drop(manifested, "day.sha256", f"{digest} 8 *a.csv\n".encode())
    names(manifested)
    assert names(manifested) == []
    assert (manifested.root / "error" / "a.csv.reason.txt").read_text() == "its size is 7, day.sha256 says 8\n"
