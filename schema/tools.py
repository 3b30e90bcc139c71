"""Tools: what settings belong to."""

from db.tools import Scope
from engine.declarations import column, resolved_by
from resolvers import tools
from schema.fields import choices, rows
from schema.scalars import JSON

choices(
    Scope,
    "Where settings are kept.",
    called="SettingsScope",
    user="With a person, for all their projects.",
    project="With a project, for all its shots.",
    shot="With a shot.",
)


@rows("tool", "Something with settings, such as a page of the application.")
class Tool:
    id: str = column("The word under which its settings are kept.")
    primary_scope: Scope = resolved_by(tools.primary_scope, reads=("primary_scope",))
    defaults: JSON = column("What holds where nobody set anything.")
    schema: JSON | None = column("The JSON Schema that merged settings must keep to, if any.")
    content_fields: list[str] = column("The keys that a new shot does not take over.")
    built_in: bool = column("Whether it came with the product.")
