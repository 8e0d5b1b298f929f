"""A program as a user writes it, with the client that openapi-python-client made of /openapi.json. Run by npm run openapi."""

import sys

from livetap_client import AuthenticatedClient
from livetap_client.api.keys import audit_list
from livetap_client.api.streamers import streamers_add, streamers_change, streamers_get, streamers_list, streamers_remove
from livetap_client.models import NewStreamer, Problem, Streamer, StreamerChanges

url, key = sys.argv[1:3]
name = "typed.in.python"

with AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True) as client:
    added = streamers_add.sync(client=client, body=NewStreamer(unique_id=name, labels=["typed"]))
    assert isinstance(added, Streamer) and added.labels == ["typed"], added

    again = streamers_add.sync(client=client, body=NewStreamer(unique_id=name))
    assert isinstance(again, Problem) and again.code == "WATCHER_STREAMER_EXISTS", again

    changed = streamers_change.sync(name, client=client, body=StreamerChanges(paused=True))
    assert isinstance(changed, Streamer) and changed.paused is True, changed

    page = streamers_list.sync(client=client, limit=1, label="typed")
    assert [streamer.unique_id for streamer in page.streamers] == [name], page

    answer = streamers_remove.sync_detailed(name, client=client)
    assert answer.status_code == 204, answer
    gone = streamers_get.sync(name, client=client)
    assert isinstance(gone, Problem) and gone.status == 404, gone

    entries = audit_list.sync(client=client, limit=3).entries
    print("python:", ", ".join(entry.action for entry in entries))
