from django.urls import path

from dossiers import views

app_name = "dossiers"
urlpatterns = [
    path("phong-trao/<str:ref>/ke-hoach.pdf", views.plan_paper, name="plan_paper"),
    path("khoi/<str:ref>/<int:year>/giao-uoc.pdf", views.pledges_paper, name="pledges_paper"),
    path("khoi/<str:ref>/<int:year>/giao-uoc/ban-in/", views.pledge_papers, name="pledge_papers"),
    path(
        "khoi/<str:ref>/<int:year>/giao-uoc/ban-in/<int:version>.pdf",
        views.pledge_paper_file,
        name="pledge_paper_file",
    ),
    path("phong-trao/<str:ref>/ho-so/", views.campaign_dossiers, name="campaign_dossiers"),
    path("khen-thuong/dot/<str:ref>/ho-so/", views.dossier_open, name="dossier_open"),
    path("ho-so/<int:pk>/", views.dossier_detail, name="dossier_detail"),
    path("ho-so/<int:pk>/sua/", views.dossier_edit, name="dossier_edit"),
    path("ho-so/<int:pk>/giay-to/<int:requirement>/", views.part_add, name="part_add"),
    path("ho-so/<int:pk>/lap/", views.build_request, name="build_request"),
    path("ho-so/<int:pk>/trinh/", views.dossier_send, name="dossier_send"),
    path("ho-so/giay-to/<int:pk>/", views.part_file, name="part_file"),
    path("ho-so/giay-to/<int:pk>/go/", views.part_remove, name="part_remove"),
    path("ho-so/ban/<int:pk>/", views.build_progress, name="build_progress"),
    path("ho-so/ban/<int:pk>/tep/", views.build_file, name="build_file"),
    path("ho-so/ban/<int:pk>/lap-lai/", views.build_retry, name="build_retry"),
]
