from django.urls import URLPattern, URLResolver, include, path

from config import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("tim-kiem/", views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("ui/", views.ui, name="ui"),
    path("", include("config.plans.urls")),
    path("", include("units.urls")),
    path("", include("campaigns.urls")),
    path("", include("awards.urls")),
    path("", include("dossiers.urls")),
    path("", include("reports.urls")),
]

handler400 = "config.views.bad_request"
