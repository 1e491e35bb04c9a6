"""People, their posts, and signing in (REQUIREMENTS H1, H2; SECURITY 1, 4, 6)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app import passwords
from app.desk import Desk, Identity, ReadTx, Tx, command
from app.errors import BadInput, Refused, WrongPassword
from app.permissions import LONELY, PEOPLES_POSTS, Permission
from app.pinyin import search_text
from app.shared import accounts
from app.text import clean_line
from app.words import label, tr
from models.enums import Post
from models.people import Password, Person, PersonPost, SignIn

FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as lists and pickers show it."""

    id: int
    version: int
    name: str
    login: str
    department: str
    telephone: str
    mobile: str
    is_active: bool
    posts: frozenset[Post]
    has_password: bool

    @property
    def identity(self) -> Identity:
        return Identity(self.id, self.name, self.login, self.posts)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A successful sign-in: who, and how long the password still holds."""

    identity: Identity
    standing: passwords.Standing | None


def everyone(tx: ReadTx, *, only_active: bool = True) -> list[PersonRow]:
    """Return people by name."""
    query = select(Person).order_by(Person.name, Person.id)
    if only_active:
        query = query.where(Person.is_active)
    return _rows(tx, [row for (row,) in tx.session.execute(query)])


def by_login(tx: ReadTx, login: str) -> PersonRow | None:
    found = tx.session.scalars(select(Person).where(Person.login == login.strip().lower())).first()
    return _rows(tx, [found])[0] if found else None


def is_empty(tx: ReadTx) -> bool:
    """Tell whether nobody was entered yet (first start)."""
    return not tx.session.scalar(select(func.count(Person.id)))


def sign_in(desk: Desk, login: str, password: str) -> SignedIn:
    """Check a password and return who it is; each attempt leaves an entry.

    On a shared database the server checks it, and the seat's connections are that person's from then on.
    Raises Refused: wrong name or password (one sentence for both), or locked after FAILURES in LOCKED_FOR.
    """
    login = clean_line(login).lower()
    if desk.engine.dialect.name != "sqlite":
        return desk.read(_signed_in, login, accounts.sign_in(desk, login, password))
    row, hashes, is_locked, last = desk.read(_for_sign_in, login)
    is_right = bool(row and hashes and row.is_active and passwords.is_password(hashes[0], password))
    if not row:
        passwords.is_password(_DECOY, password)
    accepted = is_right and not is_locked
    desk.do(_record_sign_in, login, row.id if row else None, accepted, "locked" if is_locked else "")
    if is_locked:
        raise _locked()
    if not accepted or row is None:
        raise Refused(tr("The name or the password is wrong."))
    return SignedIn(row.identity, last)


def _signed_in(tx: ReadTx, login: str, password: accounts.PasswordAge) -> SignedIn:
    row = by_login(tx, login)
    assert row is not None, "who signed in is a person of the desk"
    return SignedIn(row.identity, passwords.standing(password.set_at, password.is_temporary, tx.now))


_DECOY = "$argon2id$v=19$m=19456,t=2,p=1$jTy2OwAr3grwV6oqh9Rbug$weMFI+/W1EIiud2z0f56xW3Xig18z628VZJKFDU2xH4"


@command(Permission.SIGN_IN)
def _record_sign_in(tx: Tx, login: str, person_id: int | None, succeeded: bool, reason: str) -> None:
    tx.add(SignIn(login=login[:80], person_id=person_id, at=tx.now, seat=tx.seat, succeeded=succeeded, reason=reason))


def confirm(tx: Tx, person_id: int, password: str, purpose: str) -> None:
    """Check that somebody who signs beside the person at the seat is who he says, within a command.

    `purpose` names what is signed (`inspection:12`). A shared database sees the second person by itself and lets only
    this step, within two minutes, carry the signature. Raises WrongPassword (which leaves its entry and counts towards
    the lock) or BadInput for the same, Refused while the name is locked.
    """
    person = tx.find(Person, person_id)
    login = person.login or ""
    if not tx.is_sqlite:
        accounts.attest(tx, login, password, purpose)
        return
    if _is_locked(tx, login):
        raise _locked()
    held = _passwords(tx, person_id)
    if not held or not passwords.is_password(held[0].hash, password):
        raise WrongPassword(login, person_id)


def _locked() -> Refused:
    return Refused(tr("Too many wrong passwords. This name is locked for {n} minutes.", n=LOCKED_FOR.seconds // 60))


def _is_locked(tx: ReadTx, login: str) -> bool:
    """Tell whether FAILURES came in LOCKED_FOR since the last success."""
    since = tx.now - LOCKED_FOR
    good = tx.session.scalar(
        select(func.max(SignIn.at)).where(SignIn.login == login, SignIn.succeeded, SignIn.at > since)
    )
    failures = tx.session.scalar(
        select(func.count(SignIn.id)).where(
            SignIn.login == login, ~SignIn.succeeded, SignIn.reason == "", SignIn.at > (good or since)
        )
    )
    return bool(failures and failures >= FAILURES)


def _for_sign_in(tx: ReadTx, login: str) -> tuple[PersonRow | None, list[str], bool, passwords.Standing | None]:
    row, is_locked = by_login(tx, login), _is_locked(tx, login)
    if row is None:
        return None, [], is_locked, None
    held = _passwords(tx, row.id)
    standing = passwords.standing(held[0].set_at, held[0].is_temporary, tx.now) if held else None
    return row, [p.hash for p in held], is_locked, standing


@command(Permission.PEOPLE)
def add_person(
    tx: Tx,
    key: uuid.UUID,
    name: str,
    login: str,
    posts: Iterable[Post],
    *,
    department: str = "",
    telephone: str = "",
    mobile: str = "",
) -> int:
    """Enter a person and return the id. Raises BadInput for an empty or taken name to sign in with."""
    made = tx.already(Person, key)
    if made:
        return made.id
    person = tx.add(
        Person(
            key=key,
            name=_named(name),
            login=_free_login(tx, login),
            department=clean_line(department),
            telephone=clean_line(telephone),
            mobile=clean_line(mobile),
            search=search_text(name)[:250],
        )
    )
    _hold(tx, person.id, frozenset(posts))
    return person.id


@command(Permission.PEOPLE)
def add_with_password(
    tx: Tx,
    key: uuid.UUID,
    name: str,
    login: str,
    posts: Iterable[Post],
    *,
    password: str = "",
    department: str = "",
    telephone: str = "",
    mobile: str = "",
) -> int:
    """Enter a person, with a temporary password where one is given, in one step. Raises BadInput."""
    if password and not clean_line(login):
        raise BadInput(tr("A password needs a name to sign in with."), "login")
    is_retry = tx.already(Person, key) is not None
    person_id = add_person(tx, key, name, login, posts, department=department, telephone=telephone, mobile=mobile)
    if password and not is_retry:
        _set_password(tx, person_id, password, is_temporary=True)
    return person_id


@command(Permission.PEOPLE)
def edit_person(
    tx: Tx,
    person_id: int,
    version: int,
    name: str,
    posts: Iterable[Post],
    *,
    department: str,
    telephone: str,
    mobile: str,
    is_active: bool,
) -> None:
    """Change a person's data and posts."""
    person = tx.get(Person, person_id, version)
    person.name, person.search = _named(name), search_text(name)[:250]
    person.department, person.telephone = clean_line(department), clean_line(telephone)
    person.mobile, person.is_active = clean_line(mobile), is_active
    _hold(tx, person_id, frozenset(posts))


@command(Permission.PEOPLE)
def give_password(tx: Tx, person_id: int, password: str, *, is_temporary: bool = True) -> None:
    """Set somebody's password; a temporary one holds a day and must be changed first. Raises BadInput."""
    _set_password(tx, person_id, password, is_temporary)


@command(Permission.OWN_ACCOUNT)
def change_password(tx: Tx, old: str, new: str) -> None:
    """Change one's own password. Raises BadInput for a wrong old one or a weak new one."""
    if tx.person.id is None:
        raise Refused(tr("This identity has no password."))
    if not tx.is_sqlite:
        accounts.change_password(tx, old, new)
        return
    held = _passwords(tx, tx.person.id)
    if held and not passwords.is_password(held[0].hash, old):
        raise BadInput(tr("The present password is wrong."), "old")
    _set_password(tx, tx.person.id, new, is_temporary=False)


def _set_password(tx: Tx, person_id: int, password: str, is_temporary: bool) -> None:
    if not tx.is_sqlite:
        accounts.give_password(tx, person_id, password)
        return
    person = tx.find(Person, person_id)
    hashes = [p.hash for p in _passwords(tx, person_id)]
    passwords.refuse_weak(password, person.name, person.login or "", hashes)
    tx.add(
        Password(
            person_id=person_id,
            hash=passwords.hash_password(password),
            set_at=tx.now,
            is_temporary=is_temporary,
        )
    )


def _passwords(tx: ReadTx, person_id: int) -> list[Password]:
    """Return the person's passwords, newest first, as many as the rules remember."""
    query = select(Password).where(Password.person_id == person_id).order_by(Password.id.desc())
    return list(tx.session.scalars(query.limit(passwords.REMEMBERED)))


def _named(name: str) -> str:
    cleaned = clean_line(name)[:80]
    if not cleaned:
        raise BadInput(tr("A name is needed."), "name")
    return cleaned


def _free_login(tx: Tx, login: str) -> str | None:
    cleaned = clean_line(login)[:40].lower()
    if cleaned and tx.session.scalar(select(Person.id).where(Person.login == cleaned)):
        raise BadInput(tr("Somebody else signs in with this name."), "login")
    return cleaned or None


def _hold(tx: Tx, person_id: int, posts: frozenset[Post]) -> None:
    """Make `posts` the posts that the person holds from now on."""
    for post in posts - frozenset(PEOPLES_POSTS):
        raise BadInput(tr("{post} is not a post for people.", post=label(post)), "posts")
    lonely = [post for post in LONELY if post in posts]
    if lonely and len(posts) > 1 and not tx.is_sqlite:
        raise BadInput(tr("{post} goes with no other post on a shared database.", post=label(lonely[0])), "posts")
    if not tx.is_sqlite:
        accounts.hold_posts(tx, person_id, posts)
        return
    held = {
        row.post: row
        for row in tx.session.scalars(
            select(PersonPost).where(PersonPost.person_id == person_id, PersonPost.ended_at.is_(None))
        )
    }
    for post in held.keys() - posts:
        held[post].ended_at = tx.now
    for post in sorted(posts - held.keys()):
        tx.add(PersonPost(person_id=person_id, post=post))


def _rows(tx: ReadTx, people: list[Person]) -> list[PersonRow]:
    ids = [p.id for p in people]
    posts: dict[int, set[Post]] = {}
    held = select(PersonPost.person_id, PersonPost.post).where(
        PersonPost.person_id.in_(ids), PersonPost.ended_at.is_(None)
    )
    for person_id, post in tx.session.execute(held):
        posts.setdefault(person_id, set()).add(post)
    secured = set(tx.session.scalars(select(Password.person_id).where(Password.person_id.in_(ids)).distinct()))
    return [
        PersonRow(
            p.id,
            p.version,
            p.name,
            p.login or "",
            p.department,
            p.telephone,
            p.mobile,
            p.is_active,
            frozenset(posts.get(p.id, ())),
            p.id in secured,
        )
        for p in people
    ]
