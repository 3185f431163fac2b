"""A package lies ready for seven days, and for nobody once it is taken back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from home_cases import Case

from seiyaku.kernel.actors import Actor
from seiyaku.kernel.errors import SystemUnavailable, WaitsForPerson
from seiyaku.requests.identity import Proof
from small_disk import disk_of

ITO = Actor("ito", "handler")
SLOWLY = """
import sys
with open(sys.argv[1], "rb") as file:
    took = len(file.read(1000))
    print("begun", flush=True)
    sys.stdin.readline()
    while piece := file.read(65536):
        took += len(piece)
print(took, flush=True)
"""


def _ready(closm: Case, media: int = 300_000) -> str:
    """A disclosure whose package lies ready, with a picture of `media` bytes."""
    person = closm.world.everyone[0].id
    for upload in (closm.home.parts.home / "media").rglob("*"):
        if upload.is_file():
            upload.write_bytes(bytes(media))
    request, _ = closm.done("disclosure", person)
    return request.id


def _download(closm: Case, request: str) -> list[Path]:
    identity = closm.home.parts.policy().rights["disclosure"].identity
    proof = Proof(identity[0] if identity else "signed_in")
    return list(closm.home.download(request, proof).files)


def test_a_package_is_handed_out_until_the_last_second_of_its_seventh_day(closm: Case) -> None:
    request = _ready(closm)
    closm.clock.advance(days=6, seconds=24 * 3600 - 1)
    (file,) = _download(closm, request)
    assert file.exists()
    closm.clock.advance(seconds=1)
    with pytest.raises(WaitsForPerson) as caught:
        _download(closm, request)
    assert caught.value.code == "SY411"
    closm.home.carry_on()
    assert not file.exists()


def test_a_download_that_is_going_on_breaks_off_when_the_package_is_disabled(closm: Case) -> None:
    request = _ready(closm)
    (file,) = _download(closm, request)
    size = file.stat().st_size
    command = [sys.executable, "-c", SLOWLY, str(file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "begun\n"
        closm.home.disable_package(request, ITO)
        told, _ = reader.communicate("go on\n", timeout=30)
    assert not file.exists()
    assert int(told) < size // 2, "what was read ahead, and nothing after it"
    with pytest.raises(WaitsForPerson):
        _download(closm, request)


def test_a_package_that_cannot_be_sealed_for_want_of_room_lies_ready_as_it_was(
    closm: Case,
) -> None:
    request = _ready(closm)
    (file,) = _download(closm, request)
    before = file.read_bytes()
    with disk_of(len(before) // 2), pytest.raises(SystemUnavailable) as caught:
        closm.home.seal_package(request)
    assert caught.value.code in ("SY330", "SY340")
    assert _download(closm, request) == [file]
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]
    assert closm.home.seal_package(request)
