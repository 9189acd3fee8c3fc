"""The one place that finds the data folders `wsdl/` and `cda_templates/`.

A wheel carries them under ``xds_adapter/_data``; a checkout has them beside the package.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def data_folder(name: str) -> Path:
    """Return the folder of shipped files called `name`.

    Args:
        name: ``wsdl`` or ``cda_templates``.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    package = Path(str(files("xds_adapter")))
    for candidate in (package / "_data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the installation lacks its folder {name!r}")
