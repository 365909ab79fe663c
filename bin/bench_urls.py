"""The portal's addresses and, beside them, the least that saving could cost: one row written."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

import config.urls
from campaigns.models import Result

handler400 = config.urls.handler400


@require_POST
def bare(request: HttpRequest, pk: int) -> HttpResponse:
    Result.objects.filter(pk=pk).update(value=request.POST["value"])
    return HttpResponse("Đã lưu")


urlpatterns = [*config.urls.urlpatterns, path("o-tran/<int:pk>/", bare, name="bare")]
