"""Transactions: where Strawberry itself executes, as tests do, a snapshot ends with its query."""

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension

from resolvers.context import Context


class Transactions(SchemaExtension):
    """Ends the session of an operation when it has been answered."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Let the operation run, then give its connection back."""
        context: Context = self.execution_context.context
        try:
            yield
        finally:
            await context.session.end()
