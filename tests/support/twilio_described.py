"""Twilio's own description of its API, against which requests and answers are checked."""

import functools
import gzip
import json

from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest
from shared_data import SHARED, shared_file

HOST = "https://api.twilio.com"
DESCRIPTION = "data/vendor/twilio_api_v2010.json.gz"
PATHS = ("/Calls.json", "/Calls/{Sid}.json", "/Messages.json", "/Messages/{Sid}.json")


@functools.cache
def described() -> OpenAPI:
    """Return the description of what we use, or skip the test where it is absent."""
    whole = json.loads(gzip.decompress(shared_file(DESCRIPTION).read_bytes()))
    wanted = {f"/2010-04-01/Accounts/{{AccountSid}}{path}" for path in PATHS}
    whole["paths"] = {path: item for path, item in whole["paths"].items() if path in wanted}
    assert set(whole["paths"]) == wanted
    return OpenAPI.from_dict(whole, config=Config(spec_validator_cls=None))


def as_request(raw) -> MockRequest:
    """Return a request that the stand-in was sent as the validator takes it."""
    return MockRequest(
        HOST,
        raw.method,
        raw.path,
        args=dict(raw.query),
        headers={"Authorization": raw.headers.get("authorization", "")},
        data=raw.body,
        content_type=raw.headers.get("content-type", "application/x-www-form-urlencoded"),
    )


def is_as_described(raw) -> bool:
    """Raise what is wrong with a request; where the description is absent, other tests are skipped for it."""
    if (SHARED / DESCRIPTION).exists():
        described().validate_request(as_request(raw))
    return True
