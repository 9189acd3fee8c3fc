"""The wheel is complete: installed alone, away from the checkout, it does the main job."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from xds_adapter.vocabulary.value_sets import VALUE_SETS

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "xds_adapter/_data/wsdl/document_registry.wsdl" in names
    assert "xds_adapter/_data/cda_templates/imaging-report/document.xml.j2" in names
    assert "xds_adapter/vocabulary/french-imaging.xml" in names
    assert {f"xds_adapter/vocabulary/tables/{name}.txt" for name in VALUE_SETS} <= {*names}
    assert any(name.endswith(".dist-info/licenses/NOTICE") for name in names)
    clean = tmp_path / "clean"
    venv.create(clean, with_pip=False)
    packages = next((clean / "lib").glob("python*/site-packages"))
    # The dependencies are those of this environment; the package itself comes from the wheel alone.
    mine = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (packages / "dependencies.pth").write_text(f"{mine}\n")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    script = "import xds_adapter, sys; print(xds_adapter.__file__); from xds_adapter.cli import main; main()"
    done = subprocess.run(
        [clean / "bin" / "python", "-c", script, "demo"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(packages) in done.stdout
    assert (0, "") == (done.returncode, done.stderr)
    assert "byte-identical" in done.stdout
