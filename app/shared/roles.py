"""The roles of a shared database: an owner who never signs in, a group per post, a login per service (SECURITY 1)."""

from models.enums import Post

OWNER = "watchroom_owner"
PEOPLE = "watchroom_people"
"""What marks a login as a person's: only these may be made, changed and locked by the administrator."""
SEALER = "watchroom_sealer"
BACKUP = "watchroom_backup"

SERVICES = {
    "collector": "watchroom_collector",
    "display": "watchroom_display",
    "sealer": SEALER,
    "backup": BACKUP,
}
"""The group of each service's login."""


def group_of(post: Post) -> str:
    """Return the group role of whoever holds a post."""
    return f"watchroom_{post.value}"


def post_groups() -> tuple[str, ...]:
    """Return the groups of all posts, services' included."""
    return tuple(group_of(post) for post in Post)


def groups() -> tuple[str, ...]:
    """Return every role that holds rights and never signs in, but for the owner."""
    return (*post_groups(), PEOPLE, SEALER, BACKUP)
