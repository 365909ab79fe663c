from django.urls import path

from units import views

app_name = "units"
urlpatterns = [
    path("dang-nhap/", views.login, name="login"),
    path("dang-xuat/", views.logout, name="logout"),
    path("mat-khau/", views.password_change, name="password_change"),
    path("nhac-viec/", views.reminders, name="reminders"),
    path("quen-mat-khau/", views.password_reset, name="password_reset"),
    path("quen-mat-khau/da-gui/", views.password_reset_done, name="password_reset_done"),
    path(
        "quen-mat-khau/<uidb64>/<token>/",
        views.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path("quen-mat-khau/xong/", views.password_reset_complete, name="password_reset_complete"),
    path("tai-khoan/", views.account_list, name="account_list"),
    path("tai-khoan/moi/", views.account_new, name="account_new"),
    path("tai-khoan/<int:pk>/", views.account_detail, name="account_detail"),
    path("tai-khoan/<int:pk>/vai-tro/", views.role_give, name="role_give"),
    path("tai-khoan/vai-tro/<int:pk>/thu/", views.role_take, name="role_take"),
    path("tai-khoan/<int:pk>/dong/", views.account_close, name="account_close"),
    path("tai-khoan/<int:pk>/mo/", views.account_open, name="account_open"),
    path("tai-khoan/<int:pk>/mo-khoa/", views.account_unlock, name="account_unlock"),
    path("tai-khoan/<int:pk>/gui-thu/", views.account_mail, name="account_mail"),
    path("tai-khoan/<int:pk>/mat-khau-tam/", views.account_password, name="account_password"),
    path("don-vi/<str:ref>/", views.unit_detail, name="unit_detail"),
    path("khoi/", views.bloc_list, name="bloc_list"),
    path("khoi/<str:ref>/", views.bloc_detail, name="bloc_detail"),
    path("khoi/<str:ref>/<int:year>/", views.bloc_detail, name="bloc_detail"),
    path("khoi/<str:ref>/<int:year>/danh-sach/", views.bloc_year, name="bloc_year"),
]
