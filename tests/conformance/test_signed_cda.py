"""The official CI-SIS rules accept a document that is signed inside itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import shared_path
from tests.signing import signer
from xds_adapter.cda.build import build, example
from xds_adapter.cda.validate import validate
from xds_adapter.signature import sign_cda

KINDS = ("imaging-request", "imaging-report")


@pytest.mark.shared
@pytest.mark.slow
def test_the_official_rules_find_no_error_in_a_signed_document(tmp_path: Path) -> None:
    """The schema has a place for it, and no rule of sections and entries minds.

    Left out are the header rules, which take long to compile: they are closed, know no extension in legalAuthenticator,
    and answer with one warning and no error.
    """
    validator = shared_path("conformance", "validate_cda.py")
    files = [tmp_path / f"{kind}.xml" for kind in KINDS]
    for path, kind in zip(files, KINDS, strict=True):
        path.write_bytes(sign_cda(build(kind, example(kind)), signer()))
        assert () == validate(path)
    layers = ["--layers", "xsd,volet,body,ans,ihe,links"]
    command = [sys.executable, str(validator), "--json", "--strict", *layers, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [[], []] == [json.loads(line)["findings"] for line in done.stdout.splitlines()]
