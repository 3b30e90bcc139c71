"""Random outcomes of mutations, the same ones for the same seed."""

from dataclasses import asdict
from random import Random
from typing import Any
from uuid import UUID

import orjson
from graphql import GraphQLObjectType, get_named_type

from db.errors import Reason
from engine.declarations import DECLARED
from engine.relations import Each, Related
from media.tickets import Ticket
from resolvers.mutations import Outcome
from schema.nodes import KINDS_OF_CURRENT
from tests.operation_values import TOOLS, WORDS, Known
from tests.walking import SCHEMA


class Outcomes:
    """Makes what a mutation may come to, of things that are there, or were."""

    def __init__(self, known: Known, random: Random) -> None:
        self._known = known
        self._random = random

    def of(self, field: str) -> Outcome:
        """One of the types that a mutation may come to: mostly that of its success."""
        root = SCHEMA.mutation_type
        assert root is not None
        payload: Any = get_named_type(root.fields[field].type)
        success, *problems = SCHEMA.get_possible_types(payload)
        kind = success if self._random.random() < 0.7 else self._random.choice(problems)
        return Outcome(kind.name, self._values(kind) | self._told())

    def _values(self, kind: GraphQLObjectType) -> dict[str, Any]:
        """The keys that its fields go by."""
        made: dict[str, Any] = {}
        for field in kind.fields.values():
            definition = field.extensions["strawberry-definition"]
            declared, name = definition.metadata[DECLARED], get_named_type(field.type).name
            one = name.removesuffix("Edge")
            if isinstance(declared, Each):
                many = range(self._random.randrange(4))
                made.setdefault(declared.key, [self._key(one) for _ in many])
            elif isinstance(declared, Related):
                made.setdefault(declared.key, self._key(one))
            else:
                several = str(field.type).startswith("[")
                made[definition.python_name] = [*WORDS] if several else self._random.choice(WORDS)
        return made

    def _told(self) -> dict[str, Any]:
        """What problems tell, and what is left of several items."""
        random = self._random
        kind = random.choice([*KINDS_OF_CURRENT])
        kept = {"kind": kind, "id": self._key(KINDS_OF_CURRENT[kind][0])}
        issue = {"argument": "input.name", "message": random.choice(WORDS), "pointer": None}
        problem = {"code": "NOT_FOUND", "message": "Gone.", "argument": "input.ids[0]"}
        left = {"argument": "input.ids[0]", "told": {"type": "NotFound", "values": problem}}
        ticket = Ticket("uploads/a.png", 10, "image/png", None, 2_000_000_000)
        return {
            "ticket": asdict(ticket),
            "kept": random.choice((kept, None)),
            "issues": [issue] * random.randrange(3),
            "reason": random.choice([*Reason]).value,
            "left": [left] * random.randrange(2),
        }

    def _key(self, kind: str) -> str:
        """A key by which something of a type is found; some lead nowhere."""
        if kind == "ToolSettings":
            place = [self._random.choice(TOOLS), self._key("Project"), self._key("Shot")]
            return orjson.dumps(place).decode()
        chance = self._random.random()
        pools = self._known.foreign if chance < 0.05 else self._known.ids
        nowhere = str(UUID(int=self._random.getrandbits(128)))
        return nowhere if chance > 0.95 else self._random.choice(pools.get(kind) or [nowhere])
