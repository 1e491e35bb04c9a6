"""The demo's people with their posts, the contact directory with its chain, the unit's name."""

from dataclasses import dataclass

from sqlalchemy import select

from app.demo.scene import Scene, words
from app.pinyin import search_text
from app.shared import accounts
from models.enums import Post
from models.people import Contact, Password, Person, PersonPost, Setting

LINE = 250
PASSWORD = "zhishou-2026"
"""What every person of the demo signs in with; the hash below is of it."""

_HASH = "$argon2id$v=19$m=19456,t=2,p=1$0xQNYdttq6zUyeLHCs2YzQ$j5Ac8RJZLDC2a3/pvtTEOSIBuK9Qe29RbZk2LMAKN/U"


@dataclass(frozen=True, slots=True)
class People:
    """The ids of the demo's people by login, their names by id, and contacts' ids by name and unit."""

    ids: dict[str, int]
    names: dict[int, str]
    contacts: dict[str, int]

    @property
    def operators(self) -> tuple[int, ...]:
        return tuple(self.ids[login] for login in ("demo-jia", "demo-yi", "demo-bing", "demo-ding"))

    @property
    def engineers(self) -> tuple[int, ...]:
        return tuple(self.ids[login] for login in ("demo-net", "demo-sys", "demo-db", "demo-app"))

    @property
    def room_manager(self) -> int:
        return self.ids["demo-room"]


def settle(scene: Scene) -> People:
    """Write people, posts, passwords, contacts and the unit's settings."""
    told = words("words")
    ids = _people(scene, told["people"])
    contacts = _contacts(scene, told["contacts"], ids)
    _name_unit(scene, told["unit"])
    logins = [person["login"] for person in told["people"]]
    names = {person_id: person["name"] for person_id, person in zip(ids, told["people"], strict=True)}
    return People(dict(zip(logins, ids, strict=True)), names, contacts)


def _people(scene: Scene, people: list[dict[str, object]]) -> list[int]:
    rows = [
        {
            "key": scene.key("person", person["login"]),
            "name": person["name"],
            "login": person["login"],
            "department": person["department"],
            "telephone": person["telephone"],
            "mobile": f"000-0000-{person['telephone']}",
            "search": search_text(str(person["name"]), str(person["login"]), limit=LINE),
        }
        for person in people
    ]
    ids = scene.add_keyed(Person, rows)
    if not scene.tx.is_sqlite:
        for person_id, person in zip(ids, people, strict=True):
            posts_held = [Post(post) for post in person["posts"]]  # type: ignore[attr-defined]
            accounts.begin_account(scene.tx, person_id, posts_held, PASSWORD)
        return ids
    posts = [
        {"person_id": person_id, "post": Post(post)}
        for person_id, person in zip(ids, people, strict=True)
        for post in person["posts"]  # type: ignore[attr-defined]
    ]
    scene.add(PersonPost, posts)
    if scene.tx.person.id is not None:
        return ids  # loaded by somebody at a desk without passwords, who must not be locked out by it
    held = [{"person_id": one, "hash": _HASH, "set_at": scene.tx.now, "is_temporary": False} for one in ids]
    scene.add(Password, held)
    return ids


def _contacts(scene: Scene, contacts: list[dict[str, object]], people: list[int]) -> dict[str, int]:
    own = {name: person_id for person_id, name in scene.tx.connection.execute(select(Person.id, Person.name))}
    rows = [
        {
            "key": scene.key("contact", contact["name"]),
            "name": contact["name"],
            "unit": contact["unit"],
            "role": contact["role"],
            "telephone": contact["telephone"],
            "mobile": "",
            "mail": "",
            "note": "",
            "search": search_text(*(str(contact[one]) for one in ("name", "unit", "telephone")), limit=LINE),
            "escalation_level": contact.get("level"),
            "person_id": own.get(str(contact["name"])),
        }
        for contact in contacts
    ]
    ids = scene.add_keyed(Contact, rows)
    named = {str(contact["name"]): one for contact, one in zip(contacts, ids, strict=True)}
    return named | {str(contact["unit"]): one for contact, one in zip(contacts, ids, strict=True)}


def _name_unit(scene: Scene, unit: dict[str, str]) -> None:
    held = set(scene.tx.connection.scalars(select(Setting.name)))
    rows = [
        {"name": f"unit.{name}", "value": {"value": value}}
        for name, value in unit.items()
        if f"unit.{name}" not in held
    ]
    scene.add(Setting, rows)
