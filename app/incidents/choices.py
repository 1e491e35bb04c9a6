"""What an incident's forms offer while somebody types: devices, and people to hand it to."""

from dataclasses import dataclass

from sqlalchemy import select

from app.desk import ReadTx
from app.text import LIKE_ESCAPE, like_pattern
from models.cmdb import Ci
from models.people import Person

OFFERED = 12


@dataclass(frozen=True, slots=True)
class CiChoice:
    """A device as a form offers it."""

    id: int
    name: str
    address: str
    class_name: str

    @property
    def words(self) -> str:
        """The line that names it and no other."""
        return f"{self.name}（{self.address}）" if self.address else f"{self.name}（#{self.id}）"


@dataclass(frozen=True, slots=True)
class PersonChoice:
    id: int
    name: str
    department: str
    telephone: str


def cis(tx: ReadTx, text: str, limit: int = OFFERED) -> list[CiChoice]:
    """Return devices whose name, address, pinyin or initials contain each word of `text`, by name."""
    query = select(Ci.id, Ci.name, Ci.address, Ci.class_name).where(Ci.voided_at.is_(None))
    for word in text.casefold().split()[:6]:
        query = query.where(Ci.search.like(like_pattern(word), escape=LIKE_ESCAPE))
    return [CiChoice(*row) for row in tx.session.execute(query.order_by(Ci.name, Ci.id).limit(limit))]


def people(tx: ReadTx) -> list[PersonChoice]:
    """Return everybody an incident can be handed to, by name."""
    query = select(Person.id, Person.name, Person.department, Person.telephone).where(Person.is_active)
    return [PersonChoice(*row) for row in tx.session.execute(query.order_by(Person.name, Person.id))]
