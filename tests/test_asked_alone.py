"""`changes` is asked for alone: who waits for it does not keep others waiting, or older."""

import httpx
import pytest

from tests.gateways import Running
from tests.studio import Studio

CURSOR = "query ($id: ID!) { project(id: $id) { cursor } }"
BESIDE = """
query ($id: ID!, $after: String!, $more: Boolean!) {
  changes(projectId: $id, after: $after) { kind }
  ...Beside @include(if: $more)
  __typename
}
fragment Beside on Query { project(id: $id) { shots { nodes { id } } } }
"""


@pytest.mark.parametrize("is_alone", [True, False])
def test_changes_are_asked_for_alone(gateway: Running, studio: Studio, is_alone: bool) -> None:
    user = studio.user()
    project = studio.project(user)
    after = gateway.ask(CURSOR, user, id=project)["project"]["cursor"]
    given = {"id": project, "after": after, "more": not is_alone}
    told = httpx.post(
        f"{gateway.address}/graphql",
        json={"query": BESIDE, "variables": given},
        headers=gateway.headers(user),
    ).json()
    if is_alone:
        assert told == {"data": {"changes": [], "__typename": "Query"}}
        return
    (wrong,) = told["errors"]
    assert (wrong["path"], wrong["extensions"]["code"]) == (["changes"], "BAD_USER_INPUT")
    assert told["data"]["changes"] is None
    assert told["data"]["project"] == {"shots": {"nodes": []}}
