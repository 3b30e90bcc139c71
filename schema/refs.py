"""Every type by name, so that type files can speak of each other without importing each other."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.paging import Connection

if TYPE_CHECKING:
    from schema.assets import Asset as Asset
    from schema.generations import Generation as Generation
    from schema.invitations import Invitation as Invitation
    from schema.members import Member as Member
    from schema.pairs import Pair as Pair
    from schema.projects import Project as Project
    from schema.revisions import SettingsRevision as SettingsRevision
    from schema.runs import Run as Run
    from schema.settings import ToolSettings as ToolSettings
    from schema.shot_entries import ShotEntry as ShotEntry
    from schema.shots import Shot as Shot
    from schema.tasks import Task as Task
    from schema.tools import Tool as Tool
    from schema.users import User as User
    from schema.variants import Variant as Variant
    from schema.video_outputs import VideoOutput as VideoOutput
else:
    Asset = Annotated["Asset", strawberry.lazy("schema.assets")]
    Generation = Annotated["Generation", strawberry.lazy("schema.generations")]
    Project = Annotated["Project", strawberry.lazy("schema.projects")]
    Member = Annotated["Member", strawberry.lazy("schema.members")]
    Invitation = Annotated["Invitation", strawberry.lazy("schema.invitations")]
    Shot = Annotated["Shot", strawberry.lazy("schema.shots")]
    ShotEntry = Annotated["ShotEntry", strawberry.lazy("schema.shot_entries")]
    Variant = Annotated["Variant", strawberry.lazy("schema.variants")]
    Pair = Annotated["Pair", strawberry.lazy("schema.pairs")]
    VideoOutput = Annotated["VideoOutput", strawberry.lazy("schema.video_outputs")]
    Run = Annotated["Run", strawberry.lazy("schema.runs")]
    Task = Annotated["Task", strawberry.lazy("schema.tasks")]
    Tool = Annotated["Tool", strawberry.lazy("schema.tools")]
    ToolSettings = Annotated["ToolSettings", strawberry.lazy("schema.settings")]
    SettingsRevision = Annotated["SettingsRevision", strawberry.lazy("schema.revisions")]
    User = Annotated["User", strawberry.lazy("schema.users")]

GenerationConnection = Connection[Generation]
InvitationConnection = Connection[Invitation]
MemberConnection = Connection[Member]
ProjectConnection = Connection[Project]
PairConnection = Connection[Pair]
RunConnection = Connection[Run]
SettingsRevisionConnection = Connection[SettingsRevision]
ShotConnection = Connection[Shot]
ShotEntryConnection = Connection[ShotEntry]
VariantConnection = Connection[Variant]
VideoOutputConnection = Connection[VideoOutput]
