"""A form in two steps: what it does to the dates is shown, then it is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from directory.forms.optimistic_lock import save_unless_stale
from directory.web.request import CaseworkRequest
from permanency.goals.effects import Effect
from permanency.goals.forms import EffectForm
from permanency.http import Stage, child_address, child_breadcrumbs, form_stage, hidden_answers
from permanency.models import Child

Effects = Callable[[], Sequence[Effect]]
SEEN_FIELD = "seen"


@dataclass(frozen=True)
class StepTexts:
    """What the two pages of a step say: the one that asks and the one that shows the effect."""

    title: str
    button: str
    lead: str = ""
    warnings: tuple[str, ...] = ()


def show_then_save(
    request: CaseworkRequest,
    child: Child,
    step: StepTexts,
    form: EffectForm,
    *,
    effect: Effects,
    save: Callable[[], str],
    leads_to: str = "",
) -> HttpResponse:
    """Ask, show the effect on the dates, then save, say so and go to the child or `leads_to`.

    What was shown goes with the form: where the effect is another by now, it is shown again.
    """
    stage = form_stage(request, form)
    context = {"step": step, "child": child, "breadcrumbs": child_breadcrumbs(child), "form": form}
    if stage in {Stage.ASK, Stage.PUT_RIGHT}:
        return render(request, "permanency/goal_step.html", context, status=stage.status)
    effects = effect()
    has_moved = stage is Stage.SAVE and request.POST.get(
        SEEN_FIELD, effects_text(effects)
    ) != effects_text(effects)
    if stage is Stage.SAVE and not has_moved:
        said: list[str] = []
        if not save_unless_stale(form, lambda: said.append(save())):
            return render(request, "permanency/goal_step.html", context, status=409)
        messages.success(request, said[0])
        return redirect(leads_to or child_address(child))
    context |= {"answers": form.answers(), "effects": effects, "has_moved": has_moved}
    context["carried"] = [*hidden_answers(form), (SEEN_FIELD, effects_text(effects))]
    return render(request, "permanency/goal_check.html", context)


def effects_text(effects: Sequence[Effect]) -> str:
    """Return the dates after a step, as the page that shows them carries them along."""
    return "; ".join(each.after for each in effects)
