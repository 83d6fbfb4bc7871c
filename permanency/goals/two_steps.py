"""A form in two steps: what it does to the dates is shown, then it is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from directory.forms.optimistic_lock import is_saved
from directory.web.request import CaseworkRequest
from permanency.goals.effects import Effect
from permanency.goals.forms import CheckedForm
from permanency.http import Stage, carried, stage_of, to_child, way_to
from permanency.models import Child

Effects = Callable[[], Sequence[Effect]]
SEEN = "seen"


@dataclass(frozen=True)
class Step:
    """What the two pages of a step say: the one that asks and the one that shows the effect."""

    title: str
    button: str
    lead: str = ""
    cautions: tuple[str, ...] = ()


def in_two_steps(
    request: CaseworkRequest,
    child: Child,
    step: Step,
    form: CheckedForm,
    *,
    effect: Effects,
    save: Callable[[], str],
    leads_to: str = "",
) -> HttpResponse:
    """Ask, show the effect on the dates, then save, say so and go to the child or `leads_to`.

    What was shown goes with the form: where the effect is another by now, it is shown again.
    """
    stage = stage_of(request, form)
    context = {"step": step, "child": child, "way": way_to(child), "form": form}
    if stage in {Stage.ASK, Stage.PUT_RIGHT}:
        return render(request, "permanency/goal_step.html", context, status=stage.status)
    effects = effect()
    has_moved = stage is Stage.SAVE and request.POST.get(SEEN, told(effects)) != told(effects)
    if stage is Stage.SAVE and not has_moved:
        said: list[str] = []
        if not is_saved(form, lambda: said.append(save())):
            return render(request, "permanency/goal_step.html", context, status=409)
        messages.success(request, said[0])
        return redirect(leads_to or to_child(child))
    context |= {"answers": form.answers(), "effects": effects, "has_moved": has_moved}
    context["carried"] = [*carried(form), (SEEN, told(effects))]
    return render(request, "permanency/goal_check.html", context)


def told(effects: Sequence[Effect]) -> str:
    """Return the dates after a step, as the page that shows them carries them along."""
    return "; ".join(each.after for each in effects)
