"""Who is there: the person at this machine, a colleague who looks on, and a studio of strangers."""

from server import local
from server.demo.studio import Studio, identity

COLLEAGUE = identity("user", "Mara")
STRANGER = identity("user", "Iris")


def arrive(studio: Studio) -> None:
    """Everybody, and the machines that work for them."""
    people = (
        (local.USER_ID, local.USER_NAME, "you@dailies.example"),
        (COLLEAGUE, "Mara Lindqvist", "mara@dailies.example"),
        (STRANGER, "Iris Tanaka", "iris@elsewhere.example"),
    )
    for id, name, email in people:
        studio.add(
            "users",
            id=id,
            name=name,
            email=email,
            settings={"ui": {"theme": "dark", "paneLocks": {"gens": False, "tasks": True}}},
            onboarding={"completed": True, "currentStep": 4, "stepsCompleted": ["project", "shot"]},
            created_at=studio.moment(40),
        )
    for name, status in (
        ("gpu-a100-1", "active"),
        ("gpu-4090-2", "active"),
        ("gpu-4090-1", "terminated"),
    ):
        studio.add(
            "workers",
            id=f"demo-{name}",
            instance_type=name.rsplit("-", 1)[0],
            status=status,
            current_model="wan-2.2-i2v" if "a100" in name else "flux1-dev",
            last_heartbeat=studio.moment(0 if status == "active" else 6),
        )
    for name, title, category, tool, content in _TASK_TYPES:
        studio.add(
            "task_types",
            name=name,
            display_name=title,
            category=category,
            tool_type=tool,
            content_type=content,
            run_type="api" if category == "upscale" else "gpu",
            base_cost_per_second=0.0278,
            supports_progress=content == "video",
        )


_TASK_TYPES = (
    ("image_generation", "Image", "generation", "image-generation", "image"),
    ("magic_edit", "Edit", "edit", "edit-images", "image"),
    ("image_upscale", "Upscale", "upscale", "edit-images", "image"),
    ("travel_orchestrator", "Travel video", "orchestration", "travel-between-images", "video"),
    ("travel_segment", "Travel segment", "generation", "travel-between-images", "video"),
    ("video_enhance", "Enhance video", "processing", "edit-video", "video"),
)
