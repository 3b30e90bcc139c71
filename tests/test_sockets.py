"""Sockets: who follows hears of every transaction, in order; who talks nonsense is told so."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from server.auth import LEEWAY_SECONDS
from server.limits import Limits
from tests import gateways
from tests.gateways import Running
from tests.studio import Studio
from tests.talking import PROJECT, PROTOCOL, VIEWER, following, talking


@pytest.fixture
def user(studio: Studio) -> str:
    return studio.user()


@pytest.fixture
def project(studio: Studio, user: str) -> str:
    return studio.project(user)


RENAME = """mutation ($input: RenameGenerationInput!) {
  renameGeneration(input: $input) { __typename }
}"""


async def test_a_plain_statement_is_heard_with_its_rows(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    async with following(gateway.address, gateway.token(user), PROJECT, id=project) as talk:
        made = studio.shot(project)
        event = await talk.event()
    assert (event["reason"], event["scopes"], event["shotIds"]) == ("external", ["SHOTS"], [made])
    (change,) = event["changes"]
    assert (change["table"], change["operation"]) == ("shots", "INSERT")
    assert change["node"] == {"__typename": "Shot", "id": made}


async def test_a_mutation_is_heard_with_its_reason_and_origin(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    made, origin = studio.generation(project), str(uuid4())
    async with following(gateway.address, gateway.token(user), PROJECT, id=project) as talk:
        given = {"id": made, "name": "Dusk", "mutationId": origin}
        gateway.ask(RENAME, user, input=given)
        event = await talk.event()
    assert (event["reason"], event["origin"]) == ("metadata-update", origin)
    assert {(c["table"], c["operation"]) for c in event["changes"]} == {
        ("generations", "UPDATE"),
        ("generation_variants", "UPDATE"),
    }


async def test_who_comes_back_hears_what_they_missed(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    async with following(gateway.address, gateway.token(user), PROJECT, id=project) as talk:
        studio.shot(project)
        first = await talk.event()
    missed = [studio.shot(project) for _ in range(3)]
    token, after = gateway.token(user), first["cursor"]
    async with following(gateway.address, token, PROJECT, id=project, after=after) as talk:
        assert [(await talk.event())["shotIds"] for _ in missed] == [[one] for one in missed]


async def test_those_who_come_back_one_after_another_all_hear_in_order(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    token = gateway.token(user)
    async with following(gateway.address, token, PROJECT, id=project) as talk:
        studio.shot(project)
        after = (await talk.event())["cursor"]
    missed = [studio.shot(project) for _ in range(100)]
    async with AsyncExitStack() as stack:
        talks = [
            await stack.enter_async_context(
                following(gateway.address, token, PROJECT, id=project, after=after)
            )
            for _ in range(3)
        ]
        for talk in talks:
            assert [(await talk.event())["shotIds"][0] for _ in missed] == missed


async def test_a_cursor_that_nobody_knows_asks_to_load_everything_again(
    gateway: Running, user: str, project: str
) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe(PROJECT, id=project, after="nonsense")
        await talk.event("RESYNC")


async def test_who_is_removed_hears_nothing_more_from_that_very_tick(
    gateway: Running, studio: Studio, owner: psycopg.Connection[Any], user: str, project: str
) -> None:
    guest = studio.user()
    owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, guest),
    )
    token = gateway.token(guest)
    async with (
        following(gateway.address, token, PROJECT, id=project) as talk,
        following(gateway.address, token, VIEWER) as own,
    ):
        seen = studio.shot(project)
        assert (await talk.event())["shotIds"] == [seen]
        owner.execute("delete from project_members where user_id = %s", (guest,))
        studio.shot(project)
        ended = await talk.hear()
        assert (ended["type"], ended["payload"][0]["extensions"]["code"]) == ("error", "NOT_FOUND")
        heard = await own.event()
        assert [(c["table"], c["id"], c["operation"]) for c in heard["changes"]] == [
            ("project_members", project, "DELETE")
        ]


async def test_anothers_project_is_as_good_as_none(
    gateway: Running, studio: Studio, user: str
) -> None:
    theirs = studio.project(studio.user())
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        for place, one in enumerate((theirs, str(uuid4()))):
            await talk.subscribe(PROJECT, str(place), id=one)
            told = await talk.hear()
            assert (told["type"], told["id"]) == ("error", str(place))
            (wrong,) = told["payload"]
            assert wrong["extensions"] == {"code": "NOT_FOUND", "argument": "projectId"}


async def test_queries_and_mutations_are_answered_on_a_socket_too(
    gateway: Running, user: str
) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe("{ viewer { id } }")
        payload = {"data": {"viewer": {"id": user}}}
        assert await talk.hear() == {"id": "1", "type": "next", "payload": payload}
        assert await talk.hear() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer { id } } query B { viewer { id } }", "BAD_USER_INPUT"),
        ("subscription { viewerChanges(after: 1) { kind } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { projectChanges(projectId: "x") { kind } }', "BAD_USER_INPUT"),
        ("subscription ($id: ID!) { projectChanges(projectId: $id) { kind } }", "BAD_USER_INPUT"),
    ],
)
async def test_a_wrong_operation_ends_alone(
    query: str, code: str, gateway: Running, user: str
) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe(query)
        told = await talk.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}


DEEP = "[" * 50_000 + "]" * 50_000
MALFORMED = [
    "nonsense",
    "null",
    "[]",
    "1",
    DEEP,
    '{"type":1}',
    '{"type":"unheard"}',
    '{"type":"subscribe","id":{},"payload":{"query":"{a}"}}',
    '{"type":"subscribe","id":"","payload":{"query":"{a}"}}',
    '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"subscribe","id":"1","payload":{"query":1}}',
    '{"type":"ping","payload":1}',
    '{"type":"subscribe","id":"1"}',
]


@pytest.mark.parametrize("text", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_is_no_message_closes_the_socket(text: str, gateway: Running, user: str) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.socket.send(text)
        assert await talk.closed() == (1009 if len(text) > 65_536 else 4400)


async def test_a_message_is_as_long_as_it_may_be_and_no_longer(gateway: Running) -> None:
    ping = '{"type":"ping"}'
    most = Limits().message
    async with talking(gateway.address) as talk:
        await talk.socket.send(ping.ljust(most))
        assert await talk.hear() == {"type": "pong"}
        await talk.socket.send(ping.ljust(most + 1))
        assert await talk.closed() == 1009


async def test_who_does_not_say_in_time_whose_a_socket_is_loses_it(
    gateway_url: str, tmp_path: Path, user: str
) -> None:
    process, address = gateways.started(gateway_url, tmp_path, DAILIES_LIMITS__INIT_SECONDS="0.5")
    try:
        async with talking(address) as talk, talking(address) as late:
            await talk.begin(gateways.at(address, process, tmp_path).token(user))
            assert await late.closed() == 4408
            await talk.say(type="ping")
            assert await talk.hear() == {"type": "pong"}
    finally:
        process.terminate()
        process.wait(20)


async def test_bytes_close_the_socket(gateway: Running) -> None:
    async with talking(gateway.address) as talk:
        await talk.socket.send(b'{"type":"ping"}')
        assert await talk.closed() == 4400


async def test_only_the_one_protocol_is_spoken(gateway: Running) -> None:
    for protocols in (None, ["graphql-ws"]):
        async with talking(gateway.address, subprotocols=protocols) as talk:
            assert await talk.closed() == 4406
    async with talking(gateway.address, subprotocols=["graphql-ws", PROTOCOL]) as talk:
        assert talk.socket.subprotocol == PROTOCOL


async def test_a_socket_says_whose_it_is_first_and_once(gateway: Running, user: str) -> None:
    async with talking(gateway.address) as talk:
        await talk.subscribe("{ viewer { id } }")
        assert await talk.closed() == 4401
    async with talking(gateway.address) as talk:
        await talk.say(type="connection_init", payload={"authorization": "Bearer nonsense"})
        assert await talk.closed() == 4403
    async with talking(gateway.address) as talk:
        await talk.say(type="connection_init")
        assert await talk.closed() == 4403
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.say(type="connection_init", payload={})
        assert await talk.closed() == 4429


async def test_two_operations_have_two_ids(gateway: Running, user: str) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe(VIEWER)
        await talk.event("READY")
        await talk.subscribe(VIEWER)
        assert await talk.closed() == 4409


async def test_who_completes_may_begin_again(gateway: Running, user: str) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        for _ in range(2):
            await talk.subscribe(VIEWER)
            await talk.event("READY")
            await talk.say(type="complete", id="1")


async def test_a_deleted_project_is_over_for_everybody(
    gateway: Running, owner: psycopg.Connection[Any], user: str, project: str
) -> None:
    token = gateway.token(user)
    async with (
        following(gateway.address, token, PROJECT, id=project) as talk,
        following(gateway.address, token, VIEWER) as own,
    ):
        owner.execute("delete from projects where id = %s", (project,))
        assert (await talk.hear())["type"] == "error"
        gone = {"table": "projects", "id": project, "operation": "DELETE"}
        changes = (await own.event())["changes"]
        assert gone.items() <= next(c for c in changes if c["table"] == "projects").items()


async def test_two_who_may_both_look_are_told_the_same_and_who_may_not_nothing(
    gateway: Running, studio: Studio, owner: psycopg.Connection[Any], user: str, project: str
) -> None:
    guest = studio.user()
    owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, guest),
    )
    async with (
        following(gateway.address, gateway.token(user), PROJECT, id=project) as one,
        following(gateway.address, gateway.token(guest), PROJECT, id=project) as two,
    ):
        made = studio.generation(project)
        first, second = await one.event(), await two.event()
    assert first == second
    assert {"table": "generations", "id": made}.items() <= first["changes"][0].items()


async def test_what_depends_on_who_asks_is_told_to_each_alone(
    gateway: Running, studio: Studio, owner: psycopg.Connection[Any], user: str, project: str
) -> None:
    guest = studio.user(settings={"ui": {"theme": "light"}})
    dark = Jsonb({"ui": {"theme": "dark"}})
    owner.execute("update users set settings = %s where id = %s", (dark, user))
    owner.execute(
        "insert into project_members (project_id, user_id, role) values (%s, %s, 'viewer')",
        (project, guest),
    )
    query = """subscription ($id: ID!) { projectChanges(projectId: $id) {
      kind changes { node { ... on Shot { toolSettings(tool: "ui") { value } } } } } }"""
    async with (
        following(gateway.address, gateway.token(user), query, id=project) as one,
        following(gateway.address, gateway.token(guest), query, id=project) as two,
    ):
        studio.shot(project)
        told = [(await talk.event())["changes"][0]["node"] for talk in (one, two)]
    assert [node["toolSettings"]["value"]["theme"] for node in told] == ["dark", "light"]


async def test_a_variable_that_says_more_than_where_to_begin_keeps_answers_apart(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    query = """subscription ($id: ID!, $x: String) { projectChanges(projectId: $id, after: $x) {
      kind changes { node { ... on Project { generations(filter: {search: $x}) {
        nodes { prompt } } } } } } }"""
    for prompt in ("dawn", "dusk"):
        studio.generation(project, prompt=prompt)
    token = gateway.token(user)
    async with talking(gateway.address) as talk:
        await talk.begin(token)
        for place in ("dawn", "dusk"):
            await talk.subscribe(query, place, id=project, x=place)
            await talk.event("RESYNC")
        studio.owner.execute("update projects set name = 'Noon' where id = %s", (project,))
        for _ in range(2):
            told = await talk.hear()
            (change,) = told["payload"]["data"]["projectChanges"]["changes"]
            assert change["node"]["generations"]["nodes"] == [{"prompt": told["id"]}]


async def test_what_was_stopped_says_nothing_under_an_id_that_is_used_again(
    gateway: Running, studio: Studio, user: str
) -> None:
    after = gateway.ask("{ viewer { cursor } }", user)["viewer"]["cursor"]
    waiting = "query ($after: String!) { changes(after: $after, wait: 25) { kind } }"
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe(waiting, after=after)
        await talk.say(type="complete", id="1")
        await talk.subscribe(VIEWER)
        await talk.event("READY")
        for name in ("Dawn", "Dusk"):
            studio.owner.execute("update users set name = %s where id = %s", (name, user))
            await talk.event()
        await talk.say(type="complete", id="1")
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}


FILTERED = """subscription ($id: ID!, $tables: [String!], $scopes: [ChangeScope!], $shot: ID) {
  projectChanges(projectId: $id, tables: $tables, scopes: $scopes, shotId: $shot) {
    kind shotIds changes { table } } }"""


async def test_only_what_is_wanted_is_told(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    shot, other = studio.shot(project), studio.shot(project)
    wanted = ({"tables": ["runs"]}, {"scopes": ["SHOTS"]}, {"shot": shot})
    token = gateway.token(user)
    async with (
        following(gateway.address, token, FILTERED, id=project, **wanted[0]) as runs,
        following(gateway.address, token, FILTERED, id=project, **wanted[1]) as shots,
        following(gateway.address, token, FILTERED, id=project, **wanted[2]) as one,
    ):
        studio.insert("runs", project_id=project)
        for one_more in (other, shot):
            studio.entry(one_more, studio.generation(project))
        assert {c["table"] for c in (await runs.event())["changes"]} == {"runs"}
        assert [(await shots.event())["shotIds"] for _ in range(2)] == [[other], [shot]]
        assert (await one.event())["shotIds"] == [shot]


async def test_a_table_that_nobody_tells_of_is_refused(
    gateway: Running, user: str, project: str
) -> None:
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        await talk.subscribe(FILTERED, id=project, tables=["runs", "generation"])
        told = await talk.hear()
    assert told["type"] == "error"
    extensions = told["payload"][0]["extensions"]
    assert (extensions["code"], extensions["argument"]) == ("BAD_USER_INPUT", "tables[1]")


async def test_some_generations_are_followed_with_their_takes(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    mine, other = studio.generation(project), studio.generation(project)
    query = """subscription ($ids: [ID!]!) { generationChanges(ids: $ids) {
      kind changes { table id operation } } }"""
    async with following(gateway.address, gateway.token(user), query, ids=[mine]) as talk:
        studio.variant(other)
        take = studio.variant(mine)
        (change,) = (await talk.event())["changes"]
        assert change == {"table": "generation_variants", "id": take, "operation": "INSERT"}
        studio.owner.execute("delete from generation_variants where id = %s", (take,))
        assert (await talk.event())["changes"][0]["operation"] == "DELETE"


async def test_an_expired_token_ends_what_is_under_way_and_a_fresh_one_renews_in_place(
    gateway: Running, studio: Studio, user: str, project: str
) -> None:
    short = gateway.token(user, timedelta(seconds=-LEEWAY_SECONDS + 2))
    async with following(gateway.address, short, PROJECT, id=project) as talk:
        ended = await talk.hear()
        assert ended["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        await talk.subscribe(PROJECT, id=project)
        assert (await talk.hear())["type"] == "error"
        await talk.say(type="ping", payload={"authorization": f"Bearer {gateway.token(user)}"})
        assert await talk.hear() == {"type": "pong"}
        await talk.subscribe(PROJECT, id=project)
        await talk.event("READY")
        other = gateway.token(studio.user())
        await talk.say(type="ping", payload={"authorization": f"Bearer {other}"})
        assert await talk.closed() == 4403


async def test_a_gateway_that_stops_says_up_to_where_it_has_told_and_goes_away(
    gateway_url: str, tmp_path: Path, user: str, project: str
) -> None:
    with gateways.running(gateway_url, tmp_path) as stopping:
        async with following(stopping.address, stopping.token(user), PROJECT, id=project) as talk:
            stopping.process.terminate()
            await talk.event("HEARTBEAT")
            assert await talk.closed() == 1001


async def test_an_operation_too_many_is_refused_alone(gateway: Running, user: str) -> None:
    most = Limits().operations
    async with talking(gateway.address) as talk:
        await talk.begin(gateway.token(user))
        for number in range(most):
            await talk.subscribe(VIEWER, str(number))
            await talk.event("READY")
        await talk.subscribe(VIEWER, "one more")
        told = await talk.hear()
        assert (told["id"], told["payload"][0]["extensions"]["code"]) == (
            "one more",
            "LIMIT_EXCEEDED",
        )


async def test_a_socket_too_many_is_closed(gateway: Running, user: str) -> None:
    token = gateway.token(user)
    async with AsyncExitStack() as stack:
        for _ in range(Limits().sockets):
            talk = await stack.enter_async_context(talking(gateway.address))
            await talk.begin(token)
        async with talking(gateway.address) as more:
            await more.say(type="connection_init", payload={"authorization": f"Bearer {token}"})
            assert await more.closed() == 4429
    async with talking(gateway.address) as again:
        await again.begin(token)
