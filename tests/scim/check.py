"""Lets scim2-tester judge a SCIM endpoint: arguments are its address and a token; prints one line per check."""

import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

address, token = sys.argv[1:3]
http = Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60)
results = check_server(SyncSCIMClient(http))
counts = {}
for result in results:
    counts[result.status.name] = counts.get(result.status.name, 0) + 1
    print(result.status.name, result.resource_type or "-", result.title, result.reason or "")
print("SUMMARY", " ".join(f"{name}={count}" for name, count in sorted(counts.items())))
BAD = {Status.DEVIATION, Status.ERROR, Status.CRITICAL}
sys.exit(1 if not results or any(result.status in BAD for result in results) else 0)
