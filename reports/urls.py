from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("bao-cao/", views.report_list, name="report_list"),
    path("phong-trao/<str:ref>/bao-cao/", views.campaign_reports, name="campaign_reports"),
    path("phong-trao/<str:ref>/bao-cao/lap/", views.report_request, name="report_request"),
    path("bao-cao/<int:pk>/", views.report_detail, name="report_detail"),
    path("bao-cao/<int:pk>/tien-do/", views.report_progress, name="report_progress"),
    path("bao-cao/<int:pk>/lap-lai/", views.report_retry, name="report_retry"),
    path("bao-cao/<int:pk>/thay-doi/", views.report_changes, name="report_changes"),
    path("bao-cao/<int:pk>/da-gui/", views.report_sent, name="report_sent"),
    path("bao-cao/<int:pk>/loi-van/<str:slug>/", views.chapter_edit, name="chapter_edit"),
    path("bao-cao/<int:pk>/loi-van/<str:slug>/y-kien/", views.chapter_take, name="chapter_take"),
    path(
        "bao-cao/<int:pk>/loi-van/<str:slug>/lich-su/",
        views.chapter_history,
        name="chapter_history",
    ),
    path(
        "bao-cao/<int:pk>/loi-van/<str:slug>/lay-lai/",
        views.chapter_restore,
        name="chapter_restore",
    ),
    path("bao-cao/<int:pk>/<str:kind>/", views.report_file, name="report_file"),
]
