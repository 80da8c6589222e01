"""What schemathesis is told of Fairtally's API: media types, ids that are there, and one check of its own."""

import json
import os

import schemathesis

# Ids that the ledger has, by the name of the parameter.
KNOWN = json.loads(os.environ.get("FAIRTALLY_KNOWN", "{}"))


@schemathesis.deserializer("application/x-ndjson")
def read_ndjson(context, response):
    """The schema of the media type is that of a line: the first one stands for all."""
    lines = [line for line in response.content.split(b"\n") if line]
    return json.loads(lines[0]) if lines else {}


@schemathesis.serializer("application/x-ndjson", "text/csv", "application/xml", "text/xml", "text/plain")
def write_text(context, value):
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")


def _with_known(values):
    """Every second of them, so that what is not there is tried too."""
    if not values:
        return values
    return {
        name: KNOWN[name] if name in KNOWN and isinstance(value, str) and len(value) % 2 == 0 else value
        for name, value in values.items()
    }


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return _with_known(path_parameters)


# Their bodies hold texts with a grammar of their own (a deck, an offer, CSV, records of a switch, spans that follow one
# another), which a schema cannot say.
HOLD_DOCUMENTS = {
    ("POST", "/v1/cdrs"),
    ("POST", "/v1/decks"),
    ("POST", "/v1/decks/compare"),
    ("POST", "/v1/lines"),
    ("POST", "/v1/lines/imports"),
    ("POST", "/v1/lines/{line}/changes"),
    ("POST", "/v1/offers"),
    ("POST", "/v1/offers/compare"),
    ("PUT", "/v1/lines/{line}"),
}


@schemathesis.check
def valid_is_not_called_invalid(context, response, case):
    """
    In the place of positive_data_acceptance: what the document lets in may be refused for what the ledger has or not
    (a cursor of another ledger, a line that nobody knows), in the words of the table of refusals; never as unreadable.
    """
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 413, 415, 422):
        return None
    if (case.operation.method.upper(), case.operation.path) in HOLD_DOCUMENTS:
        return None
    code = response.json().get("code")
    assert code not in ("invalid-request", "bad-request", "too-large", "unsupported-media-type"), (
        f"the document lets it in, and the API calls it '{code}'"
    )
    return None
