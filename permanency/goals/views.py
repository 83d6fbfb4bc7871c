"""Pages that move the dates of a goal. Each shows its effect on the dates before it saves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from directory import history
from directory.errors import StepNotAllowedError, refuse
from directory.web.request import CaseworkRequest, post_data
from permanency.goals import clocks, effects, intensive, lifecycle, store, two_years
from permanency.goals.effects import child_goal_warnings
from permanency.goals.forms import (
    AchievementCorrectionForm,
    AchievementForm,
    EndIntensiveForm,
    ExtensionCorrectionForm,
    ExtensionForm,
    IntensiveForm,
    MarkCorrectionForm,
    OpenGoalForm,
)
from permanency.http import StepTexts, child_address, child_to_write, show_then_save
from permanency.models import CasePlanGoal, Child, Extension, IntensiveMark
from permanency.policy.goals import Goal
from permanency.policy.months import day_in_words


def _goal_in_force(child: Child) -> CasePlanGoal:
    goal = store.goal_in_force(child)
    if goal is None:
        raise StepNotAllowedError("This child has no goal in force.")
    return goal


def _form_arguments(request: CaseworkRequest, goal: CasePlanGoal, step: str) -> dict[str, Any]:
    return {
        "data": post_data(request),
        "goal": goal,
        "on": request.today,
        "about": f"{step} {goal.pk}",
        "cancel_url": child_address(goal.child),
    }


@require_http_methods(["GET", "POST"])
def open_goal(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    refuse(lifecycle.HAS_A_GOAL if child.goals.exists() else "")
    form = OpenGoalForm(
        post_data(request), child=child, on=request.today, cancel_url=child_address(child)
    )
    warnings: tuple[str, ...] = ()
    if form.is_bound and form.is_valid():
        order = child.court_orders.in_force(on=request.today).first()
        warnings = child_goal_warnings(form.cleaned_data["goal"], child, order)
    step = StepTexts(
        "Open with the goal in force",
        "Open with this goal",
        "For a goal that stands in ChildStory already. No decision is recorded by this; from now "
        "on the goal changes only by consultation.",
        warnings,
    )

    def save() -> str:
        facts = form.service_values()
        lifecycle.open_with_goal_in_force(child, by=request.user, on=request.today, **facts)
        return "The goal in force is recorded."

    def effect() -> Sequence[effects.Effect]:
        return effects.effects_on(None, clocks.goal_dates(form.unsaved_goal(), on=request.today))

    return show_then_save(request, child, step, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def mark_intensive(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = _goal_in_force(child)
    refuse("" if Goal(goal.goal).has_two_year_clock else intensive.NOT_INTENSIVE)
    marking = not goal.is_intensive
    form_class, verb = (
        (IntensiveForm, intensive.mark_intensive)
        if marking
        else (EndIntensiveForm, intensive.unmark_intensive)
    )
    about = f"{'mark' if marking else 'unmark'} {goal.pk}"
    form = form_class(post_data(request), about=about, cancel_url=child_address(child))

    def save() -> str:
        verb(goal, reasons=form.cleaned_data["reasons"], by=request.user, on=request.today)
        return "The goal is intensive now." if marking else "The goal is no longer intensive."

    return show_then_save(
        request,
        child,
        MARK_STEP if marking else UNMARK_STEP,
        form,
        effect=lambda: effects.effects_on(
            clocks.dates_on_goal(goal),
            clocks.dates_after_marking(goal, intensive=marking, on=request.today),
        ),
        save=save,
    )


MARK_STEP = StepTexts(
    "Mark the goal intensive",
    "Mark the goal intensive",
    "Where permanency is unlikely in time, or more support is needed, a goal is reviewed every "
    "three months.",
)
UNMARK_STEP = StepTexts(
    "End the intensive reviews",
    "End the intensive reviews",
    "The goal is reviewed at its ordinary period again.",
)


@require_http_methods(["GET", "POST"])
def new_extension(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = _goal_in_force(child)
    if goal.two_year_on is None:
        raise StepNotAllowedError("This goal has no two-year date to extend.")
    form = ExtensionForm(**_form_arguments(request, goal, "extend"))

    def save() -> str:
        two_years.record_extension(goal, by=request.user, on=request.today, **form.service_values())
        return "The extension is recorded. The original date stays shown beside it."

    return show_then_save(
        request,
        child,
        StepTexts(
            "Record an extension",
            "Record the extension",
            f"The two-year date is {day_in_words(goal.two_year_on)}. Record an extension once it "
            "has been decided; nothing else moves that date.",
        ),
        form,
        effect=lambda: effects.effects_on(
            clocks.dates_on_goal(goal),
            clocks.dates_with_new_two_year(
                goal,
                on=request.today,
                extensions=[*clocks.other_extensions(child), form.decided],
            ),
        ),
        save=save,
    )


CORRECTION_TEXTS = (
    "Save the correction",
    "For one that was recorded wrongly. What stood before stays in the history.",
)


@require_http_methods(["GET", "POST"])
def correct_extension(request: CaseworkRequest, pk: int, extension: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = _goal_in_force(child)
    found = get_object_or_404(Extension, pk=extension, goal__child=child)
    arguments = _form_arguments(request, goal, f"{history.values(found)} of")
    form = ExtensionCorrectionForm(**arguments, row=found)

    def dates() -> clocks.GoalDates:
        others = clocks.other_extensions(child, but=found)
        counted = others if form.facts is None else [*others, form.decided]
        return clocks.dates_with_new_two_year(goal, on=request.today, extensions=counted)

    step = StepTexts("Correct an extension", *CORRECTION_TEXTS)
    return _correct(request, goal, step, form, two_years.correct_extension, dates)


@require_http_methods(["GET", "POST"])
def correct_mark(request: CaseworkRequest, pk: int, mark: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = _goal_in_force(child)
    found = get_object_or_404(IntensiveMark, pk=mark, goal=goal)
    arguments = _form_arguments(request, goal, f"{history.values(found)} of")
    form = MarkCorrectionForm(**arguments, row=found)

    def dates() -> clocks.GoalDates:
        return clocks.dates_with_marks(goal, form.marks, on=request.today)

    step = StepTexts("Correct a mark as intensive", *CORRECTION_TEXTS)
    return _correct(request, goal, step, form, intensive.correct_mark, dates)


def _correct(
    request: CaseworkRequest,
    goal: CasePlanGoal,
    step: StepTexts,
    form: ExtensionCorrectionForm | MarkCorrectionForm,
    service: Callable[..., None],
    dates: Callable[[], clocks.GoalDates],
) -> HttpResponse:
    def save() -> str:
        why = form.cleaned_data["why"]
        service(form.row, form.facts, why=why, by=request.user, on=request.today)
        return "It is taken back." if form.facts is None else "The correction is saved."

    def effect() -> Sequence[effects.Effect]:
        return effects.effects_on(clocks.dates_on_goal(goal), dates())

    return show_then_save(request, goal.child, step, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def correct_achievement(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = store.achieved_goal(child)
    form = AchievementCorrectionForm(**_form_arguments(request, goal, f"{goal.ended_on} of"))

    def save() -> str:
        lifecycle.correct_achievement(
            goal,
            achieved_on=form.achieved_on_now,
            why=form.cleaned_data["reasons"],
            by=request.user,
            on=request.today,
        )
        if form.achieved_on_now is None:
            return "The achievement is taken back, and the goal is in force again."
        return "The day of the achievement is corrected."

    def effect() -> Sequence[effects.Effect]:
        is_back = form.achieved_on_now is None
        return effects.effects_of_taking_back(goal, on=request.today) if is_back else ()

    step = StepTexts("Correct an achievement", *CORRECTION_TEXTS)
    return show_then_save(request, child, step, form, effect=effect, save=save)


@require_http_methods(["GET", "POST"])
def record_achievement(request: CaseworkRequest, pk: int) -> HttpResponse:
    child = child_to_write(request, pk)
    goal = _goal_in_force(child)
    has_achievement = Goal(goal.goal).has_two_year_clock
    refuse("" if has_achievement else "This goal has no legal achievement to record.")
    form = AchievementForm(**_form_arguments(request, goal, "achieve"))

    def save() -> str:
        answers = form.cleaned_data
        lifecycle.record_outcome(
            goal,
            moved_home_on=answers.get("moved_home_on"),
            achieved_on=answers["achieved_on"],
            note=answers["note"],
            by=request.user,
            on=request.today,
        )
        if answers["achieved_on"] is None:
            return "The move home is recorded. The goal stays in force."
        return "Permanency is achieved. If the child has left care, record that as well."

    def effect() -> Sequence[effects.Effect]:
        before = clocks.dates_on_goal(goal)
        if form.cleaned_data["achieved_on"] is None:
            return effects.effects_on(before, before)
        return effects.effects_of_ending(before)

    return show_then_save(
        request,
        child,
        StepTexts(
            "Record achievement", "Save", "The legal achievement ends the goal and its dates."
        ),
        form,
        effect=effect,
        save=save,
    )
