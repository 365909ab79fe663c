"""What was typed for a layer of scores that is no more is shown again, to be copied."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from campaigns import forms, queries, services

PAGE = "campaigns/score_sheet_gone.html"
View = Callable[..., HttpResponse]


def told_when_gone(view: View) -> View:
    """An act on a layer (`pk`) that went before it came, or in the very moment, is answered with
    the reason and what was typed; who does not see the plan learns nothing."""

    @wraps(view)
    def told(request: HttpRequest, pk: int, **more: int) -> HttpResponse:
        try:
            return view(request, pk, **more)
        except (Http404, services.LayerGone) as error:
            if not queries.is_gone(pk):
                raise
            return _gone(request, error, **more)

    return told


def _gone(
    request: HttpRequest, error: Exception, item_pk: int = 0, gate_pk: int = 0
) -> HttpResponse:
    typed = queries.TypedScores(
        {pk: values for pk, (values, _version) in forms.scores(request.POST).items()},
        gate_pk,
        request.POST.get("reason", ""),
        [str(file.name) for file in request.FILES.values()],
    )
    kept = queries.kept_scores(request.user, item_pk, typed)  # type: ignore[arg-type]
    if kept is None:
        raise Http404 from error
    campaign, words = kept
    context = {"campaign": campaign, "typed": words, "key": f"s{item_pk}"}
    only = "#gone" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, PAGE + only, context, status=422)
