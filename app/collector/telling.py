"""What a judgement says in words: the figure on a tile, the sentence of an alarm or of a doubt."""

from collections.abc import Iterable
from itertools import chain

from app.collector.figures import metric_name, worded
from app.collector.memory import Judgement, Mark, Memory
from app.words import tr


def doubt(memories: Iterable[Memory]) -> str:
    """Return the sentence of a failure that is not believed yet: good, but not silently."""
    for memory in memories:
        if memory.answer.doubts:
            return tr("{trouble} ({n} in a row)", trouble=memory.trouble, n=memory.answer.doubts)
    return ""


def not_settled(judgement: Judgement) -> str:
    troubles = [memory.trouble for memory in judgement.checks.values() if memory.trouble]
    return troubles[0] if troubles else tr("Not checked yet")


def value_text(memories: Iterable[Memory], *, is_down: bool) -> str:
    """Return what a tile shows: the worst figure, else what failed, else the first check's headline."""
    memories = tuple(memories)
    if not is_down:
        bad = [mark for memory in memories for mark in memory.marks if mark.level]
        if bad:
            worst = max(bad, key=lambda mark: mark.level)
            if worst.says:
                return metric_name(worst.metric)
            return worded(worst.metric, worst.instance, worst.value, worst.unit)
        failed = (memory.trouble for memory in memories if memory.answer.held)
        headlines = (memory.headline for memory in memories)
        return next(filter(None, chain(failed, headlines)), "")
    return tr("No answer")


def sentence(mark: Mark, count: int) -> str:
    text = mark.says or worded(mark.metric, mark.instance, mark.value, mark.unit)
    if mark.limit is not None and not mark.says:
        limit = worded("", "", mark.limit, mark.unit)
        text = tr("{figure}, limit {limit}", figure=text, limit=limit)
    if mark.missing:
        text = tr("{text} (not reported any more)", text=text)
    if count > 1:
        text = tr("{text} (and {n} more)", text=text, n=count - 1)
    return text
