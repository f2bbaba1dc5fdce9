"""What every maker of time-based codes, recovery codes and QR codes promises."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pyotp
import pytest

from adapters.security.qr import SegnoQrCodes
from adapters.security.totp import DerivedTimeCodes, RandomRecoveryCodes, matching_step
from application.ports.security import QrCodes, RecoveryCodes, TimeCodes
from domain.second_factor import normalised_recovery_code
from tests.fakes.security import CountedRecoveryCodes, ReadableTimeCodes, WrittenQrCodes

RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The 20 ASCII bytes 12345678901234567890 of RFC 6238, appendix B."""
RFC_6238 = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
URI = (
    "otpauth://totp/NetOne%20Churn:shop@telco.example.com?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=NetOne%20Churn"
)


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    step = seconds // 30
    around = (step - 1, step, step + 1)
    assert matching_step(RFC_KEY, code, steps=around, digits=8) == step
    assert matching_step(RFC_KEY, code[-6:], steps=around) == step
    assert matching_step(RFC_KEY, code, steps=(step - 1, step + 1), digits=8) is None


def derived(secret: str) -> DerivedTimeCodes:
    return DerivedTimeCodes(lambda: secret)


@pytest.fixture(params=[ReadableTimeCodes, lambda: derived("a secret of the installation")])
def codes(request: pytest.FixtureRequest) -> TimeCodes:
    return request.param()


def code_of(codes: TimeCodes, seed: str, step: int) -> str:
    """As an app would show it, found by trying."""
    if isinstance(codes, ReadableTimeCodes):
        return codes.code(seed, step)
    return pyotp.HOTP(codes.key(seed)).at(step)


def test_a_code_is_found_at_its_step_and_at_no_other(codes: TimeCodes) -> None:
    seed = codes.new_seed()
    code = code_of(codes, seed, 1000)
    assert len(code) == 6
    assert codes.matching_step(seed, code, steps=(999, 1000, 1001)) == 1000
    assert codes.matching_step(seed, code, steps=(999, 1001)) is None
    assert codes.matching_step(seed, code, steps=()) is None


def test_a_code_of_another_seed_is_rejected(codes: TimeCodes) -> None:
    first, second = codes.new_seed(), codes.new_seed()
    assert first != second
    assert codes.key(first) != codes.key(second)
    assert codes.matching_step(second, code_of(codes, first, 1000), steps=(1000,)) is None


@pytest.mark.parametrize("given", ["", "12345", "abcdef", "１２３４５６", "\ud800"])
def test_a_text_that_is_not_a_code_is_rejected(codes: TimeCodes, given: str) -> None:
    assert codes.matching_step(codes.new_seed(), given, steps=(1, 2, 3)) is None


def test_a_key_has_160_bits_in_base_32_and_is_part_of_the_otpauth_address(codes: TimeCodes) -> None:
    seed = codes.new_seed()
    key = codes.key(seed)
    assert len(key) == 32
    assert codes.key(seed) == key
    uri = codes.uri(seed, email="shop@telco.example.com")
    assert uri.startswith("otpauth://totp/")
    assert key in uri


def test_a_key_depends_on_the_installations_secret() -> None:
    one, other = derived("one secret"), derived("another secret")
    seed = one.new_seed()
    assert one.key(seed) != other.key(seed)
    assert one.key_mark() != other.key_mark()
    assert derived("one secret").key_mark() == one.key_mark()
    assert "one secret" not in repr(one)


def test_a_stored_seed_does_not_hold_the_key() -> None:
    codes = derived("a secret of the installation")
    seed = codes.new_seed()
    assert len(seed) == 64
    assert codes.key(seed).lower() not in seed


def test_an_authenticator_can_parse_the_otpauth_address() -> None:
    codes = derived("a secret of the installation")
    seed = codes.new_seed()
    read = pyotp.parse_uri(codes.uri(seed, email="shop+1@telco.example.com"))
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (codes.key(seed), "shop+1@telco.example.com", "NetOne Churn")
    assert (read.digits, read.interval) == (6, 30)


@pytest.fixture(params=[CountedRecoveryCodes, RandomRecoveryCodes])
def recovery(request: pytest.FixtureRequest) -> RecoveryCodes:
    return request.param()


def test_recovery_codes_differ_and_can_be_typed(recovery: RecoveryCodes) -> None:
    made = [recovery.new_code() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(normalised_recovery_code(code) == code for code in made)


@pytest.fixture(params=[WrittenQrCodes, SegnoQrCodes])
def qr(request: pytest.FixtureRequest) -> QrCodes:
    return request.param()


def test_a_qr_code_is_an_svg_that_the_content_policy_lets_through(qr: QrCodes) -> None:
    svg = ET.fromstring(qr.svg(URI))  # noqa: S314 (made a line above)
    assert svg.tag == "svg"
    for element in svg.iter():
        assert element.tag in {"svg", "path", "title"}
        assert not {name for name in element.attrib if name == "style" or name.startswith("on")}


def test_a_qr_code_has_a_white_background_with_a_quiet_zone_of_four_modules() -> None:
    svg = ET.fromstring(SegnoQrCodes().svg(URI))  # noqa: S314
    _, _, width, height = svg.attrib["viewBox"].split()
    background, modules = svg.findall("path")
    assert (background.attrib["fill"], background.attrib["d"]) == ("#fff", f"M0 0h{width}v{height}h-{width}z")
    assert modules.attrib["stroke"] == "#000"
    assert modules.attrib["d"].startswith("M4 4.5h7")
