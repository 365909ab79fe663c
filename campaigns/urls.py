from django.urls import path

from campaigns import views

app_name = "campaigns"

urlpatterns = [
    path("phong-trao/", views.campaign_list, name="campaign_list"),
    path("van-ban/", views.legal_act_list, name="legal_act_list"),
    path("phong-trao/<str:ref>/", views.campaign_detail, name="campaign_detail"),
    path("phong-trao/<str:ref>/tieu-chi/", views.campaign_indicators, name="campaign_indicators"),
    path("phong-trao/<str:ref>/don-vi/", views.campaign_units, name="campaign_units"),
    path(
        "phong-trao/<str:ref>/don-vi/ghi-danh/",
        views.participation_enrol,
        name="participation_enrol",
    ),
    path(
        "phong-trao/<str:ref>/don-vi/<int:pk>/thoi-tham-gia/",
        views.participation_leave,
        name="participation_leave",
    ),
    path(
        "phong-trao/<str:ref>/don-vi/<int:pk>/gia-han/<str:period_ref>/",
        views.participation_extend,
        name="participation_extend",
    ),
    path("phong-trao/<str:ref>/bang-theo-doi/", views.board_table, name="board_table"),
    path(
        "phong-trao/<str:ref>/bang-theo-doi/tieu-chi/<str:indicator_ref>/",
        views.board_indicator,
        name="board_indicator",
    ),
    path(
        "phong-trao/<str:ref>/bang-theo-doi/don-vi/<str:unit_ref>/",
        views.board_unit,
        name="board_unit",
    ),
    path("phong-trao/<str:ref>/bang-theo-doi/han/", views.board_deadline, name="board_deadline"),
    path("phong-trao/<str:ref>/cham-diem/", views.campaign_scores, name="campaign_scores"),
    path(
        "phong-trao/<str:ref>/cham-diem/<str:period_ref>/mo/", views.score_open, name="score_open"
    ),
    path(
        "phong-trao/<str:ref>/cham-diem/<str:period_ref>/cham-cheo/",
        views.score_peers,
        name="score_peers",
    ),
    path(
        "phong-trao/<str:ref>/xep-hang/<str:period_ref>/",
        views.ranking_detail,
        name="ranking_detail",
    ),
    path(
        "phong-trao/<str:ref>/xep-hang/<str:period_ref>/cong-bo/",
        views.ranking_publish,
        name="ranking_publish",
    ),
    path(
        "phong-trao/<str:ref>/xep-hang/<str:period_ref>/mo-lai/",
        views.ranking_reopen,
        name="ranking_reopen",
    ),
    path(
        "phong-trao/<str:ref>/xep-hang/<str:period_ref>/thu-tu/",
        views.ranking_settle,
        name="ranking_settle",
    ),
    path("diem/<int:pk>/", views.score_sheet_detail, name="score_sheet_detail"),
    path("diem/<int:pk>/muc/<int:item_pk>/", views.score_history, name="score_history"),
    path("diem/luot/<int:pk>/luu/", views.score_layer_save, name="score_layer_save"),
    path("diem/luot/<int:pk>/muc/<int:item_pk>/", views.score_save, name="score_save"),
    path(
        "diem/luot/<int:pk>/muc/<int:item_pk>/minh-chung/",
        views.score_evidence_add,
        name="score_evidence_add",
    ),
    path("diem/minh-chung/<int:pk>/", views.score_evidence_file, name="score_evidence_file"),
    path("diem/minh-chung/<int:pk>/go/", views.score_evidence_remove, name="score_evidence_remove"),
    path("diem/luot/<int:pk>/gui/", views.score_layer_send, name="score_layer_send"),
    path("diem/luot/<int:pk>/mo-lai/", views.score_layer_reopen, name="score_layer_reopen"),
    path("diem/luot/<int:pk>/lop-truoc/", views.score_take_over, name="score_take_over"),
    path("diem/luot/<int:pk>/dieu-kien/<int:gate_pk>/", views.gate_declare, name="gate_declare"),
    path("phong-trao/<str:ref>/chu-tri/", views.lead_cells, name="lead_cells"),
    path("phong-trao/<str:ref>/chu-tri/cach-thuc/", views.leads_first_set, name="leads_first_set"),
    path("phong-trao/<str:ref>/phieu/mo/", views.result_sheet_open, name="result_sheet_open"),
    path("khoi/<str:ref>/<int:year>/chu-trinh/", views.bloc_cycle, name="bloc_cycle"),
    path("khoi/<str:ref>/<int:year>/ban-giao/", views.hand_over, name="hand_over"),
    path("ban-giao/<int:pk>/xac-nhan/", views.hand_over_confirm, name="hand_over_confirm"),
    path("ban-giao/<int:pk>/tra-lai/", views.hand_over_return, name="hand_over_return"),
    path("khoi/<str:ref>/<int:year>/giao-uoc/", views.pledge_round, name="pledge_round"),
    path(
        "khoi/<str:ref>/<int:year>/giao-uoc/mo/", views.pledge_round_open, name="pledge_round_open"
    ),
    path(
        "khoi/<str:ref>/<int:year>/giao-uoc/chot/",
        views.pledge_round_close,
        name="pledge_round_close",
    ),
    path(
        "khoi/<str:ref>/<int:year>/giao-uoc/mo-lai/",
        views.pledge_round_reopen,
        name="pledge_round_reopen",
    ),
    path("khoi/<str:ref>/<int:year>/giao-uoc/lap/", views.pledge_start, name="pledge_start"),
    path("giao-uoc/<int:pk>/", views.pledge_detail, name="pledge_detail"),
    path("giao-uoc/<int:pk>/ky/", views.pledge_sign, name="pledge_sign"),
    path("giao-uoc/<int:pk>/bo/", views.pledge_discard, name="pledge_discard"),
    path("giao-uoc/<int:pk>/thay/", views.pledge_amend, name="pledge_amend"),
    path("phieu/", views.result_sheet_list, name="result_sheet_list"),
    path("phieu/tham-dinh/", views.result_sheets_verify, name="result_sheets_verify"),
    path("phieu/cau-tra-loi-chua-xet/", views.answer_list, name="answer_list"),
    path("phieu/<int:pk>/", views.result_sheet_detail, name="result_sheet_detail"),
    path("phieu/<int:pk>/luu/", views.result_sheet_save, name="result_sheet_save"),
    path("phieu/<int:pk>/thay-doi/", views.result_sheet_changes, name="result_sheet_changes"),
    path("phieu/<int:pk>/ky-gui/", views.result_sheet_submit, name="result_sheet_submit"),
    path("phieu/<int:pk>/tham-dinh/", views.result_sheet_verify, name="result_sheet_verify"),
    path("phieu/<int:pk>/xet/", views.result_sheet_assess, name="result_sheet_assess"),
    path("phieu/<int:pk>/mo-khoa/", views.result_sheet_reopen, name="result_sheet_reopen"),
    path("phieu/<int:pk>/tra-lai/", views.result_sheet_return, name="result_sheet_return"),
    path("phieu/<int:pk>/o/<int:indicator_pk>/", views.result_save, name="result_save"),
    path(
        "phieu/<int:pk>/o/<int:indicator_pk>/lich-su/", views.result_history, name="result_history"
    ),
    path(
        "phieu/<int:pk>/o/<int:indicator_pk>/minh-chung/", views.evidence_add, name="evidence_add"
    ),
    path("phieu/<int:pk>/excel/", views.result_sheet_excel, name="result_sheet_excel"),
    path(
        "phieu/<int:pk>/bang-tinh.xlsx", views.result_sheet_workbook, name="result_sheet_workbook"
    ),
    path("phong-trao/<str:ref>/excel/", views.campaign_excel, name="campaign_excel"),
    path("phong-trao/<str:ref>/bang-tinh.xlsx", views.campaign_workbook, name="campaign_workbook"),
    path("nhap-excel/<int:pk>/", views.import_detail, name="import_detail"),
    path("nhap-excel/kiem-tra/<int:pk>/", views.import_check, name="import_check"),
    path(
        "nhap-excel/kiem-tra/<int:pk>/tep-goc.xlsx",
        views.import_check_file,
        name="import_check_file",
    ),
    path("nhap-excel/<int:pk>/kiem-tra-lai/", views.import_recheck, name="import_recheck"),
    path("nhap-excel/<int:pk>/ghi/", views.import_accept, name="import_accept"),
    path("nhap-excel/<int:pk>/tien-do/", views.import_progress, name="import_progress"),
    path("nhap-excel/<int:pk>/bo/", views.import_discard, name="import_discard"),
    path("nhap-excel/<int:pk>/tep-goc.xlsx", views.import_file, name="import_file"),
    path("nhap-excel/<int:pk>/tep-danh-dau.xlsx", views.import_workbook, name="import_workbook"),
    path("phieu/<int:pk>/so-lieu-khac/", views.offer_list, name="offer_list"),
    path("phieu/<int:pk>/o/<int:indicator_pk>/lay-so/", views.offer_take, name="offer_take"),
    path("minh-chung/<int:pk>/", views.evidence_file, name="evidence_file"),
    path("minh-chung/<int:pk>/go/", views.evidence_remove, name="evidence_remove"),
]
