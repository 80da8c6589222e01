"""A day's work with a client that others' tool generated from the OpenAPI document: it prints what came of it.

Arguments: the folder of the generated package `client`, the server's address, a key that may do everything.
"""

import json
import sys

folder, url, key = sys.argv[1:]
sys.path.insert(0, folder)

from client import AuthenticatedClient  # noqa: E402
from client.api.calls import get_calls_call  # noqa: E402
from client.api.cases import get_cases, get_cases_line_period, post_cases_line_period_decisions  # noqa: E402
from client.api.cdrs import post_cdrs  # noqa: E402
from client.api.quote import get_quote  # noqa: E402
from client.api.usage import get_usage, get_usage_totals  # noqa: E402
from client.models import PostCasesLinePeriodDecisionsBody as Decision  # noqa: E402
from client.models import PostCasesLinePeriodDecisionsBodyDecision as Verdict  # noqa: E402
from client.models import PostCdrsJsonBodyType1Item as Record  # noqa: E402
from client.models import Problem  # noqa: E402


def record(number):
    return Record.from_dict(
        {
            "v": 1,
            "switch": "sbc",
            "call": f"generated-{number}",
            "line": "L1",
            "to": f"+3361234{number:04}",
            "answered": "2026-11-03T10:00:00.000Z",
            "durationMs": 60_000,
        }
    )


told = {}
client = AuthenticatedClient(base_url=url, token=key)
with client as client:
    # A switch: a quote, then more numbers than the offer includes.
    quoted = get_quote.sync(client=client, line="L1", number="+33612340000")
    told["quote"] = {"coverage": quoted.coverage.value, "price": quoted.price, "left": quoted.distinct_numbers.left}
    taken = post_cdrs.sync(client=client, body=[record(number) for number in range(151)], idempotency_key="a-day")
    told["taken"] = taken.counts.to_dict()

    # Billing: page by page, and the proof that nothing is missing.
    entries, after = [], None
    while True:
        page = get_usage.sync(client=client, limit=40, **({} if after is None else {"after": after}))
        entries += page.entries
        after = page.next_
        if page.caught_up:
            break
    totals = get_usage_totals.sync(client=client, until=after)
    told["entries"] = len(entries)
    told["totals"] = sum(total.entries for total in totals.totals)
    explained = get_calls_call.sync("generated-150", client=client)
    told["explained"] = len(explained.calls)

    # An analyst: the queue, the case, a decision.
    queue = get_cases.sync(client=client, filter_="state:open condition:distinct-numbers")
    told["queue"] = [case.line for case in queue.cases]
    case = get_cases_line_period.sync("L1", "2026-11", client=client)
    told["numbers"] = len(case.numbers)
    body = Decision(condition="distinct-numbers", decision=Verdict("dismiss"), note="Called by a fire alarm")
    decided = post_cases_line_period_decisions.sync("L1", "2026-11", client=client, body=body)
    told["decided"] = type(decided).__name__

    # What is refused comes as a problem, with its code.
    refused = get_quote.sync(client=client, line="nobody", number="+33612340000")
    told["refused"] = refused.code if isinstance(refused, Problem) else None
print(json.dumps(told))
