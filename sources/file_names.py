"""What a file's name says of it: that it is on its way, that it belongs to an open document, that it is a note."""

from __future__ import annotations

NOTES = ("SHA256SUMS", ".sha256", ".source.yaml")
"""What stands beside a delivery and says what it must be: one list of a folder, or the file's name with an ending."""
_ON_ITS_WAY = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download", ".upload", ".uploading", ".!ut")


def is_on_its_way(name: str) -> bool:
    """Tell whether a program that copies gave a file this name until it is whole."""
    return name.lower().endswith(_ON_ITS_WAY)


def is_passing(name: str) -> bool:
    """Tell whether a file is only there while another is open, or is hidden."""
    return name.startswith(("~$", "."))


def is_note(name: str) -> bool:
    """Tell whether a file says something about another one."""
    return name.endswith(NOTES)


def notes_on(name: str) -> list[str]:
    """Return what a note on a file can be called."""
    return [f"{name}.source.yaml", f"{name}.sha256", "SHA256SUMS"]
