from django.urls import path

from awards import views

app_name = "awards"
urlpatterns = [
    path("khen-thuong/", views.award_home, name="award_home"),
    path("khen-thuong/so/", views.award_register, name="award_register"),
    path("khen-thuong/hoi-dong/", views.council_list, name="council_list"),
    path("khen-thuong/hoi-dong/<str:ref>/", views.council_detail, name="council_detail"),
    path("khen-thuong/hoi-dong/<str:ref>/thanh-vien/", views.seat_add, name="seat_add"),
    path("khen-thuong/thanh-vien/<int:pk>/ket-thuc/", views.seat_end, name="seat_end"),
    path("phong-trao/<str:ref>/khen-thuong/", views.campaign_awards, name="campaign_awards"),
    path("phong-trao/<str:ref>/khen-thuong/dot-moi/", views.round_new, name="round_new"),
    path("khen-thuong/so-luong/<int:pk>/phan-bo/", views.quota_allot, name="quota_allot"),
    path("khen-thuong/dot/<str:ref>/", views.round_detail, name="round_detail"),
    path("khen-thuong/dot/<str:ref>/ket-thuc/", views.round_close, name="round_close"),
    path("khen-thuong/dot/<str:ref>/mo-lai/", views.round_reopen, name="round_reopen"),
    path("khen-thuong/dot/<str:ref>/de-nghi/", views.nomination_new, name="nomination_new"),
    path("khen-thuong/dot/<str:ref>/phien-hop/", views.session_new, name="session_new"),
    path("khen-thuong/dot/<str:ref>/quyet-dinh/", views.decision_new, name="decision_new"),
    path("khen-thuong/de-nghi/<int:pk>/", views.nomination_detail, name="nomination_detail"),
    path("khen-thuong/de-nghi/<int:pk>/sua/", views.nomination_edit, name="nomination_edit"),
    path("khen-thuong/de-nghi/<int:pk>/gui/", views.nomination_propose, name="nomination_propose"),
    path(
        "khen-thuong/de-nghi/<int:pk>/tra-lai/", views.nomination_return, name="nomination_return"
    ),
    path(
        "khen-thuong/de-nghi/<int:pk>/rut/", views.nomination_withdraw, name="nomination_withdraw"
    ),
    path(
        "khen-thuong/de-nghi/<int:pk>/tai-lieu/",
        views.nomination_evidence_add,
        name="nomination_evidence_add",
    ),
    path(
        "khen-thuong/tai-lieu/<int:pk>/",
        views.nomination_evidence_file,
        name="nomination_evidence_file",
    ),
    path(
        "khen-thuong/tai-lieu/<int:pk>/go/",
        views.nomination_evidence_remove,
        name="nomination_evidence_remove",
    ),
    path("khen-thuong/phien-hop/<int:pk>/", views.session_detail, name="session_detail"),
    path(
        "khen-thuong/phien-hop/<int:pk>/diem-danh/",
        views.session_attendance,
        name="session_attendance",
    ),
    path(
        "khen-thuong/phien-hop/<int:pk>/kiem-phieu/<int:nomination>/",
        views.tally_record,
        name="tally_record",
    ),
    path("khen-thuong/phien-hop/<int:pk>/ket-thuc/", views.session_close, name="session_close"),
    path("khen-thuong/quyet-dinh/<int:pk>/", views.decision_detail, name="decision_detail"),
]
