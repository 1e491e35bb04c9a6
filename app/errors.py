"""Errors that a user can meet, as types with values; worded here, once, for every screen and the command line."""

from app.words import tr


class WatchroomError(Exception):
    """An error with a sentence for people: what happened, what was kept, what to do next."""

    exit_code = 2

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self) -> str:
        """Return what is shown, in the process's language."""
        return tr("The program met a problem that it has no words for.")


class Refused(WatchroomError):
    """A rule of the desk forbids it; `sentence_text` is already worded (with `tr`)."""

    def __init__(self, sentence_text: str) -> None:
        super().__init__(sentence_text)
        self.sentence_text = sentence_text

    def sentence(self) -> str:
        return self.sentence_text


class BadInput(Refused):
    """What was given can't be used; `field` is the form's field that it concerns, or empty."""

    def __init__(self, sentence_text: str, field: str = "") -> None:
        super().__init__(sentence_text)
        self.field = field


class WrongPassword(BadInput):
    """Somebody signed with a wrong password; the desk enters the attempt although nothing else is saved."""

    def __init__(self, login: str, person_id: int) -> None:
        super().__init__(tr("The password is wrong."), "password")
        self.login, self.person_id = login, person_id


class NotAllowed(WatchroomError):
    """The person's posts do not include the right; `permission` is its name."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission

    def sentence(self) -> str:
        return tr("Your posts do not allow this ({permission}). Nothing was changed.", permission=self.permission)


class NotFound(WatchroomError):
    def __init__(self, what: str, key: object) -> None:
        super().__init__(what, key)
        self.what, self.key = what, key

    def sentence(self) -> str:
        return tr("There is no {what} with the key {key}.", what=self.what, key=self.key)


class Conflict(WatchroomError):
    """Somebody else saved first. `theirs` and `yours` hold the fields that differ, by column name."""

    def __init__(self, what: str, who: str, theirs: dict[str, object], yours: dict[str, object]) -> None:
        super().__init__(what, who)
        self.what, self.who, self.theirs, self.yours = what, who, theirs, yours

    def sentence(self) -> str:
        return tr(
            "{who} changed this record while you were editing it. Nothing of yours was saved yet.",
            who=self.who,
        )


class DatabaseAway(WatchroomError):
    """The database could not be reached or refused to write; `detail` is its own sentence."""

    exit_code = 3

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def sentence(self) -> str:
        return tr("The database is out of reach: {detail}", detail=self.detail)


class ResultUnknown(DatabaseAway):
    """The database went away between the commit and its answer: what was entered may be saved or not."""

    def sentence(self) -> str:
        return tr(
            "Nobody knows whether this was saved, the database's answer never came. Look before you enter it again."
            " {detail}",
            detail=self.detail,
        )


class NotSaved(WatchroomError):
    """The disk is full or read-only: what was typed is not in the database."""

    exit_code = 3

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def sentence(self) -> str:
        return tr("NOT saved, write it on paper: {detail}", detail=self.detail)
