from django.urls import path

from config.plans import issue_views, table_views, views

app_name = "plans"

urlpatterns = [
    path("ke-hoach/moi/", views.plan_start, name="plan_start"),
    path("ke-hoach/nap/", views.plan_upload, name="plan_upload"),
    path("phong-trao/<str:ref>/ke-hoach.yaml", views.plan_file, name="plan_file"),
    path("phong-trao/<str:ref>/soan/", views.plan_edit, name="plan_edit"),
    path("phong-trao/<str:ref>/soan/<slug:part>/", views.part_edit, name="part_edit"),
    path(
        "phong-trao/<str:ref>/soan/tieu-chi/<str:group>/",
        views.indicators_edit,
        name="indicators_edit",
    ),
    path("phong-trao/<str:ref>/soan/cham-diem/<str:group>/", views.tables_edit, name="tables_edit"),
    path("phong-trao/<str:ref>/ban-hanh/", issue_views.plan_issue, name="plan_issue"),
    path("phong-trao/<str:ref>/dieu-chinh/", views.plan_amend, name="plan_amend"),
    path(
        "phong-trao/<str:ref>/dieu-chinh/cham-diem/<str:group>/",
        table_views.next_table_edit,
        name="next_table_edit",
    ),
    path(
        "phong-trao/<str:ref>/dieu-chinh/cham-diem/<str:group>/soan/",
        table_views.next_table_start,
        name="next_table_start",
    ),
    path(
        "phong-trao/<str:ref>/dieu-chinh/cham-diem/<str:group>/bo/",
        table_views.next_table_drop,
        name="next_table_drop",
    ),
    path("phong-trao/<str:ref>/doi-chieu/", views.plan_conformity, name="plan_conformity"),
    path("phong-trao/<str:ref>/sao-chep/", views.plan_copy, name="plan_copy"),
    path("phong-trao/<str:ref>/trien-khai/", views.plan_carry_out, name="plan_carry_out"),
]
