"""Where a name leads: a path on this machine, or a URL of a store that fsspec knows."""

from typing import Any

import fsspec


def file_system_of(name: str) -> tuple[Any, str]:
    """(the store that a path or URL names, the path in it). For fsspec `::` chains URLs; in a name without `://` it is a name."""
    if "://" in name:
        return fsspec.core.url_to_fs(name)  # type: ignore[no-any-return]
    return fsspec.filesystem("file"), name


def open_input(name: str) -> Any:
    """A file for reading bytes, by its path or URL."""
    filesystem, path = file_system_of(name)
    return filesystem.open(path, "rb")


def listed_files(path: str) -> tuple[str, ...]:
    """Names of the files of a folder, sorted, without hidden ones; () where `path` is a file, or nothing at all."""
    filesystem, place = file_system_of(path)
    try:
        if not filesystem.isdir(place):
            return ()
        found = [one for one in filesystem.ls(place, detail=True) if one["type"] == "file"]
    except (OSError, ValueError):  # whoever opens it hears of it
        return ()
    names = (str(one["name"]).rpartition("/")[2] for one in found)
    return tuple(sorted(name for name in names if not name.startswith(".")))
