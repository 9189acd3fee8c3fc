"""The shipped folders are found in a wheel and in a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from xds_adapter import resources
from xds_adapter.resources import data_folder


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of our own making: the folder of the package."""
    folder = tmp_path / "xds_adapter"
    folder.mkdir()
    monkeypatch.setattr(resources, "files", lambda name: tmp_path / name)
    return folder


def test_a_checkout_has_the_folder_beside_the_package(package: Path) -> None:
    beside = package.parent / "wsdl"
    beside.mkdir()
    assert beside == data_folder("wsdl")


def test_the_folder_in_a_wheel_comes_first(package: Path) -> None:
    (package.parent / "wsdl").mkdir()
    inside = package / "_data" / "wsdl"
    inside.mkdir(parents=True)
    assert inside == data_folder("wsdl")


def test_an_incomplete_installation_is_told(package: Path) -> None:
    with pytest.raises(FileNotFoundError, match="lacks its folder 'wsdl'"):
        data_folder("wsdl")
