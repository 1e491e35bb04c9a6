"""What is open at the demo's moment: the dozen incidents of the queue, two of them with their clocks running."""

from datetime import timedelta

from app.demo.incidents import Story, blank, keep, work_order
from app.demo.people import People
from app.demo.scene import Row, Scene, local_day, words
from app.demo.site import Site
from app.demo.watch import Raised
from models.enums import EventKind, Grade, IncidentState, Severity, Source, WorkOrderState


def open_incidents(scene: Scene, site: Site, people: People) -> list[Raised]:
    """Write the open incidents, the oldest first, and return the alarms that they came from."""
    told = sorted(words("open"), key=lambda one: -one["minutes"])
    stories = [_story(scene, site, people, one) for one in told]
    keep(scene, stories)
    return [
        Raised(story.device.ci_id, story.row["cause_key"], story.row["severity"].value)
        for story in stories
        if story.row["cause_key"]
    ]


def _story(scene: Scene, site: Site, people: People, told: Row) -> Story:
    device = site.devices[told["device"]]
    happened = scene.moment - timedelta(minutes=told["minutes"])
    number = scene.number("E", local_day(happened))
    story = Story(blank(scene, device, number, told["title"], happened), device)
    row = story.row
    row["source"], row["grade"] = Source(told["source"]), Grade(told["grade"])
    row["severity"] = Severity(told["severity"]) if "severity" in told else None
    for column, name in (("caller", "caller"), ("caller_department", "department"), ("caller_telephone", "telephone")):
        row[column] = told.get(name, "")
    if row["source"] is Source.MONITORING:
        row["cause_key"] = f"ci:{device.ci_id}:{told['metric']}"
    story.log(EventKind.OPENED, happened, None, told["title"])
    if told["state"] == IncidentState.NEW:
        row["escalates_at"] = row["acknowledge_due_at"]
        return story
    _answered(scene, people, story, told)
    return story


def _answered(scene: Scene, people: People, story: Story, told: Row) -> None:
    row, operator = story.row, people.ids[told["by"]]
    answered = row["happened_at"] + timedelta(seconds=told["after"])
    row["state"] = IncidentState(told["state"])
    row["answered_at"] = row["acknowledged_at"] = answered
    row["acknowledged_by"], row["acknowledge_reason"] = operator, told["reason"]
    story.log(EventKind.ACKNOWLEDGED, answered, operator, told["reason"])
    if "to" not in told:
        return
    row["assignee_id"] = people.ids[told["to"]]
    assigned = answered + timedelta(minutes=2)
    story.log(EventKind.ASSIGNED, assigned, operator, f"→ {people.names[row['assignee_id']]}")
    if "order" in told:
        state = WorkOrderState.OPEN
        story.order = work_order(scene, story, row["assignee_id"], assigned, state, "", told["order"])
