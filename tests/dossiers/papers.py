"""One example payload for each print template: the contract at its head, filled in.

Names, numbers and results are invented; the plan is the one of Đồng Tháp.
"""

from datetime import date
from decimal import Decimal
from typing import Any

D = Decimal

HEAD: dict[str, Any] = {
    "is_sample": True,
    "parent_agency": "UBND tỉnh Đồng Tháp",
    "agency": "Sở Nông nghiệp và Phát triển nông thôn",
    "agency_name": "Sở Nông nghiệp và Phát triển nông thôn",
    "number": 5,
    "symbol": "BC-SNN",
    "place": "Đồng Tháp",
    "signed_on": date(2024, 2, 5),
    "year": 2024,
    "addressed_to": ["Ủy ban nhân dân tỉnh Đồng Tháp", "Sở Thông tin và Truyền thông"],
    "legal_bases": [
        "Căn cứ Luật Thi đua, khen thưởng ngày 15 tháng 6 năm 2022",
        "Căn cứ Kế hoạch số 207/KH-UBND ngày 07 tháng 6 năm 2022 của Ủy ban nhân dân tỉnh "
        "Đồng Tháp về việc tổ chức phong trào thi đua “Đồng Tháp đẩy mạnh chương trình "
        "chuyển đổi số” giai đoạn 2021-2025",
    ],
    "recipients": ["Như trên", "Sở Nội vụ", "Ban Giám đốc Sở", "Các phòng, đơn vị thuộc Sở"],
    "archive": "VT, VP",
    "signature": {
        "capacity": ["KT. Giám đốc", "Phó Giám đốc"],
        "post": "",
        "name": "Nguyễn Thị Đặng Ngữ",
    },
}

LONG_TEXT = (
    "Sở đã ban hành kế hoạch tổ chức phong trào thi đua, phổ biến đến toàn thể công chức, viên "
    "chức và người lao động; phân công lãnh đạo Sở phụ trách, các phòng, đơn vị thuộc Sở cử đầu "
    "mối theo dõi, báo cáo kết quả hằng năm."
)

NAMES = [
    "Tỷ lệ công chức, viên chức được bồi dưỡng kiến thức, kỹ năng về chuyển đổi số",
    "Tỷ lệ văn bản trao đổi trên môi trường mạng và được ký số (trừ văn bản mật)",
    "Tỷ lệ hồ sơ công việc cấp tỉnh được xử lý trên môi trường mạng",
    "Tỷ lệ kết quả giải quyết thủ tục hành chính còn hiệu lực được số hóa",
    "Tỷ lệ cuộc họp tổ chức trực tuyến",
    "Tỷ lệ sản phẩm OCOP được đưa lên sàn thương mại điện tử",
    "Tỷ lệ nông dân được hướng dẫn ứng dụng IoT trong sản xuất",
    "Số nền tảng dữ liệu nông dân sử dụng được",
]

ROWS = [
    {
        "code": f"CT{index}",
        "name": name,
        "target": "trên 90 %" if index == 3 else "100 %",
        "numerator": 1234 * index,
        "denominator": 1300 * index,
        "result": D("94.92") if index % 3 else None,
        "verdict": ("Đạt", "Chưa đạt", "Chưa có số liệu")[index % 3],
        "reported": 12,
        "nothing": 1,
        "not_applicable": 2,
        "missing": 3,
    }
    for index, name in enumerate(NAMES, start=1)
]

CELLS = [
    {"value": D("94.5"), "state": "reported", "met": True},
    {"value": D("79.3"), "state": "reported", "met": False},
    {"value": None, "state": "nothing", "met": None},
    {"value": None, "state": "not_applicable", "met": None},
    {"value": None, "state": "missing", "met": None},
    {"value": 1234, "state": "reported", "met": True},
    {"value": D("100"), "state": "reported", "met": True},
    {"value": D("65.25"), "state": "reported", "met": None},
]

REPORT = {
    **HEAD,
    "kind": "Báo cáo",
    "subject": "Kết quả thực hiện phong trào thi đua “Đẩy mạnh chương trình chuyển đổi số trong "
    "ngành nông nghiệp” năm 2023",
    "intro": "Thực hiện Kế hoạch số 207/KH-UBND ngày 07 tháng 6 năm 2022 của Ủy ban nhân dân tỉnh "
    "Đồng Tháp, Sở Nông nghiệp và Phát triển nông thôn báo cáo kết quả thực hiện như sau:",
    "direction": f"{LONG_TEXT}\n{LONG_TEXT}",
    "participation": {"invited": 18, "reported": 15, "not_reported": 3},
    "groups": [
        {"name": "Tập thể", "indicators": ROWS},
        {"name": "Ủy ban nhân dân cấp xã", "indicators": ROWS[:5]},
    ],
    "told": [
        {
            "code": "CT9",
            "name": NAMES[0],
            "group": "Tập thể",
            "met": 11,
            "not_met": 2,
            "waiting": 1,
            "nothing": 1,
            "not_applicable": 0,
            "missing": 3,
        }
    ],
    "awards": [
        {
            "form": "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
            "recipient": "Tập thể",
            "quota": "Phân bổ sau",
            "nominated": 2,
            "granted": 0,
        },
        {
            "form": "Giấy khen của Giám đốc Sở",
            "recipient": "Cá nhân",
            "quota": 20,
            "nominated": 18,
            "granted": 18,
        },
    ],
    "granted": [
        {
            "name": "Trần Văn Đực",
            "unit": "Chi cục Thủy lợi",
            "form": "Giấy khen của Giám đốc Sở",
            "decision": "45/QĐ-SNN",
            "decided_on": date(2023, 12, 20),
        }
    ],
    "silent": 3,
    "silent_in": "IV",
    "child_plans": [
        {
            "number": "12/KH-CCTL",
            "issuer": "Chi cục Thủy lợi",
            "title": "Kế hoạch thi đua đẩy mạnh chuyển đổi số năm 2023",
            "issued_on": date(2023, 1, 9),
            "units": 6,
            "reported": 6,
            "awards": 2,
        }
    ],
    "years": {
        "names": ["Năm 2022", "Năm 2023"],
        "groups": [
            {
                "rows": [
                    {
                        "code": "CT1",
                        "name": NAMES[0],
                        "years": [
                            {"shown": "", "verdict": "no_data"},
                            {"shown": "94,9%", "verdict": "not_met"},
                        ],
                    }
                ]
            }
        ],
    },
    "next_heading": "Phương hướng, nhiệm vụ năm 2024",
    "chapters": {
        "direction": [],
        "results": [],
        "models": [{"text": LONG_TEXT, "is_item": True}],
        "limits": [],
        "next": [],
        "proposals": [
            {
                "text": "Đề nghị Ủy ban nhân dân tỉnh phân bổ số lượng khen thưởng trong quý I.",
                "is_item": False,
            }
        ],
    },
    "closing": "Trên đây là báo cáo kết quả thực hiện phong trào thi đua năm 2023, Sở Nông nghiệp "
    "và Phát triển nông thôn kính báo cáo Ủy ban nhân dân tỉnh",
}

NOMINEES = [
    {
        "name": "Phòng Kế hoạch, Tài chính",
        "birth_year": "",
        "role": "",
        "unit": "Sở Nông nghiệp và Phát triển nông thôn",
        "form": "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
        "achievement": "Hoàn thành 8/8 chỉ tiêu; số hóa 12.340 hồ sơ, vượt 4,9 % kế hoạch.",
        "votes": "13/15 (86,7 %)",
        "history": "Giấy khen năm 2022",
    },
    {
        "name": "Nguyễn Văn Ưởng",
        "birth_year": "1985",
        "role": "Chuyên viên",
        "unit": "Chi cục Thủy lợi",
        "form": "Giấy khen của Giám đốc Sở",
        "achievement": "Sáng kiến đo mực nước tự động, áp dụng tại 14 trạm bơm.",
        "votes": "15/15 (100 %)",
        "history": "",
    },
]

OF_REPORT = {
    **{key: REPORT[key] for key in ("is_sample", "kind", "number", "symbol", "signed_on", "year")},
    "agency_name": REPORT["agency_name"],
    "what": "Tổng hợp kết quả của các đơn vị",
    "appendix": 2,
    "audit_note": f"Mã kiểm nhật ký của cổng: 2024-02-04:{'9f' * 32}",
}
MATRIX = {
    **OF_REPORT,
    "sections": [
        {
            "title": "Tập thể",
            "start": 0,
            "legend": [{"code": f"CT{n}", "name": name} for n, name in enumerate(NAMES, start=1)],
            "parts": [
                {
                    "codes": [f"CT{n}" for n in range(1, len(NAMES) + 1)],
                    "rows": [
                        {"unit": f"Phòng, đơn vị thuộc Sở số {n}", "cells": CELLS}
                        for n in range(1, 41)
                    ],
                }
            ],
        }
    ],
}
FIGURE = {
    "numerator": 793, "denominator": 1000, "shown": "79,3%", "reported": True, "target": "từ 80%",
    "verdict": "Chưa đạt", "met": False, "reason": "",
}  # fmt: skip
BLANK = {
    "numerator": None, "denominator": None, "shown": "Không phát sinh", "reported": False,
    "target": "", "verdict": "", "met": None, "reason": "Không có hồ sơ nào trong năm.",
}  # fmt: skip
SLICES = [
    {"key": "met", "word": "Đạt", "paint": "#17603a", "count": 3, "x": 0, "width": 748},
    {"key": "no_data", "word": "Chưa có", "paint": "#dcdce2", "count": 1, "x": 750, "width": 248},
]
INDICATORS = {
    **OF_REPORT,
    "sections": [
        {
            "title": f"CT1. {NAMES[0]}",
            "code": "CT1",
            "start": 0,
            "parted": True,
            "facts": {
                "group": "Tập thể", "target": "từ 80%", "result": "79,3%", "verdict": "Chưa đạt",
                "numerator": 793, "denominator": 1000, "slices": SLICES,
            },
            "bars": [{"unit": "Chi cục Thủy lợi", "shown": "79,3%", "met": False, "width": 793}],
            "rows": [{"unit": "Chi cục Thủy lợi", **FIGURE}, {"unit": "Chi cục Thú y", **BLANK}],
        }
    ],
}  # fmt: skip
UNITS = {
    **OF_REPORT,
    "sections": [
        {
            "title": "Chi cục Thủy lợi",
            "plan": "Kế hoạch của Sở",
            "rows": [
                {"code": "CT1", "name": NAMES[0], **FIGURE},
                {"code": "CT2", "name": NAMES[1], **BLANK},
            ],
        }
    ],
}
YEARS = {
    **OF_REPORT,
    "sections": [
        {
            "title": f"CT1. {NAMES[0]}",
            "group": "Tập thể",
            "chart": {
                "words": "Năm 2022: 70%; Năm 2023: 94,9%", "width": 320, "height": 190, "base": 162,
                "columns": [
                    {
                        "x": 48, "y": 60, "width": 64, "height": 102, "label": "Năm 2022",
                        "shown": "70%", "verdict": "not_met", "line": 40, "middle": 80, "above": 54,
                        "left": 32, "right": 128,
                    }
                ],
            },
            "rows": [
                {
                    "name": "Năm 2022", "shown": "70%", "target": "từ 80%", "numerator": 7,
                    "denominator": 10, "verdict_label": "Chưa đạt",
                }
            ],
        }
    ],
}  # fmt: skip
TOLD = {
    **OF_REPORT,
    "sections": [
        {
            "question": "Sáng kiến, giải pháp chuyển đổi số",
            "counts": "1 đạt, 0 chưa đạt, 0 chưa xét",
            "answers": [{"unit": "Chi cục Thủy lợi", "text": LONG_TEXT, "found": "Đạt, mức “Tốt”"}],
        }
    ],
}
SILENT = {
    **OF_REPORT,
    "rows": [
        {"name": "Chi cục Thú y", "due_on": date(2023, 11, 29), "state": "Đang nhập", "note": ""}
    ],
}
ONE_UNIT = {
    "unit": "Chi cục Thú y", "plan": "", "by": "Trần Duyệt", "at": "14:05 ngày 20/12/2023",
    "why": "Sai tử số.",
}  # fmt: skip
ONE_AWARD = {"name": "Trần Văn Đực", "unit": "A", "form": "Giấy khen", "decision": "45/QĐ-SNN"}
CHANGED = {
    **OF_REPORT,
    "since": {
        "version": 1,
        "number": "215/BC-SNN",
        "sent_to": "Sở Nội vụ",
        "letter_on": date(2023, 12, 20),
    },
    **{kind: [ONE_UNIT] for kind in ("came_in", "withdrawn", "joined", "left")},
    "totals": [
        {"group": "Tập thể", "code": "CT1", "name": NAMES[0], "before": "", "after": "80,1%"}
    ],
    "figures": [
        {
            "unit": "Chi cục Thủy lợi", "code": "CT1", "name": NAMES[0], "before": "79,3%",
            "after": "80,1%", "reopened_by": "Phạm Mở", "reopened_at": "14:05 ngày 20/12/2023",
            "why": "Sai tử số.", "verified_by": "Trần Duyệt",
            "verified_at": "15:05 ngày 20/12/2023",
        }
    ],
    "awarded": [ONE_AWARD],
    "revoked": [ONE_AWARD],
}  # fmt: skip
CONTENTS = {
    "is_sample": True, "what": "", "audit_note": "", "pages": 48,
    "lines": [
        {"title": "Báo cáo", "page": 1, "level": 1},
        {"title": "I. Công tác chỉ đạo, tổ chức thực hiện", "page": 1, "level": 2},
    ],
}  # fmt: skip

LETTER = {
    **HEAD,
    "number": None,
    "symbol": "TTr-SNN",
    "signed_on": None,
    "kind": "Tờ trình",
    "subject": "Về việc đề nghị khen thưởng tổng kết phong trào thi đua đẩy mạnh chuyển đổi số",
    "addressed_to": ["Chủ tịch Ủy ban nhân dân tỉnh Đồng Tháp"],
    "opening": "Căn cứ kết quả họp Hội đồng Thi đua - Khen thưởng Sở ngày 05 tháng 12 năm 2023 "
    "(Biên bản số 03/BB-HĐTĐKT), Giám đốc Sở trình Chủ tịch Ủy ban nhân dân tỉnh xem xét, tặng "
    "Bằng khen cho các tập thể, cá nhân sau:",
    "awards": [
        {
            "form": "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
            "recipient": "Tập thể",
            "quota": "Phân bổ sau",
            "nominated": 1,
        },
        {
            "form": "Giấy khen của Giám đốc Sở",
            "recipient": "Cá nhân",
            "quota": 20,
            "nominated": 1,
        },
    ],
    "commitment": "Sở Nông nghiệp và Phát triển nông thôn chịu trách nhiệm về tính chính xác của "
    "hồ sơ và thành tích đề nghị khen thưởng.\n(Có danh sách kèm theo)",
    "closing": "Kính trình Chủ tịch Ủy ban nhân dân tỉnh xem xét, quyết định",
    "nominees": NOMINEES,
}

MINUTES = {
    **HEAD,
    "agency": "Hội đồng Thi đua - Khen thưởng",
    "parent_agency": "Sở Nông nghiệp và Phát triển nông thôn",
    "number": 3,
    "symbol": "BB-HĐTĐKT",
    "kind": "Biên bản",
    "subject": "Họp xét khen thưởng tổng kết phong trào thi đua năm 2023",
    "starts": "08 giờ 00, ngày 05 tháng 12 năm 2023",
    "ends": "10 giờ 30 phút cùng ngày",
    "location": "Phòng họp số 1, Sở Nông nghiệp và Phát triển nông thôn",
    "chair": "Ông Lê Quốc Điền, Chủ tịch Hội đồng",
    "secretary": "Bà Phạm Thị Mỹ Dung, Ủy viên, Thư ký Hội đồng",
    "present": ["Ông Lê Quốc Điền, Giám đốc Sở, Chủ tịch Hội đồng", "Bà Phạm Thị Mỹ Dung, Thư ký"],
    "absent": ["Ông Võ Thành Nữa, Ủy viên (đi công tác)"],
    "members": 15,
    "attending": 14,
    "agenda": LONG_TEXT,
    "rule": "Người được đề nghị phải có từ 80 % tổng số thành viên Hội đồng đồng ý.",
    "method": "bỏ phiếu kín",
    "votes": [
        {
            "name": "Phòng Kế hoạch, Tài chính",
            "unit": "",
            "form": "Bằng khen của Chủ tịch UBND tỉnh",
            "yes": 13,
            "no": 1,
            "abstained": 0,
            "absent": 1,
            "recused": 0,
            "base": 15,
            "percent": D("86.67"),
            "passed": True,
        },
        {
            "name": "Nguyễn Văn Ưởng",
            "unit": "Chi cục Thủy lợi",
            "form": "Giấy khen của Giám đốc Sở",
            "yes": 11,
            "no": 2,
            "abstained": 0,
            "absent": 1,
            "recused": 1,
            "base": 15,
            "percent": D("73.33"),
            "passed": False,
        },
    ],
    "conclusion": "Hội đồng thống nhất trình cấp có thẩm quyền khen thưởng 01 tập thể.",
    "left": {"capacity": ["Thư ký"], "post": "", "name": "Phạm Thị Mỹ Dung"},
    "right": {
        "capacity": ["Chủ tọa", "Chủ tịch Hội đồng"],
        "post": "Giám đốc Sở",
        "name": "Lê Quốc Điền",
    },
    "recipients": ["Thành viên Hội đồng"],
    "archive": "HĐTĐKT",
}

ACHIEVEMENT_REPORT = {
    **HEAD,
    "kind": "Báo cáo thành tích",
    "subject": "Đề nghị tặng Giấy khen của Giám đốc Sở Nông nghiệp và Phát triển nông thôn",
    "form": "Theo Mẫu số 07 ban hành kèm theo Nghị định số 91/2017/NĐ-CP",
    "symbol": "",
    "nominee_label": "Họ và tên cá nhân đề nghị",
    "nominee": "Nguyễn Văn Ưởng",
    "role": "Chuyên viên",
    "unit": "Chi cục Thủy lợi",
    "profile_title": "Sơ lược lý lịch",
    "profile": [
        {"label": "Sinh ngày", "value": "12/03/1985"},
        {"label": "Giới tính", "value": "Nam"},
        {"label": "Trình độ chuyên môn", "value": "Kỹ sư thủy lợi"},
    ],
    "profile_text": "",
    "results": [
        {key: value for key, value in row.items() if key not in {"reported", "missing"}}
        for row in ROWS[:3]
    ],
    "told": [{"code": "CT9", "name": NAMES[0], "found": "Đạt, mức “Tốt”"}],
    "achievements": [
        {"title": "Sáng kiến, giải pháp", "text": LONG_TEXT},
        {"title": "Chấp hành chủ trương, chính sách", "text": LONG_TEXT},
    ],
    "titles": [
        {
            "year": "2022",
            "name": "Lao động tiên tiến",
            "decision": "QĐ số 12/QĐ-SNN ngày 05/01/2023",
        }
    ],
    "forms": [],
    "with_history": True,
    "signer": {"capacity": ["Người báo cáo"], "post": "", "name": "Nguyễn Văn Ưởng"},
    "confirmers": [
        {"capacity": ["Xác nhận của", "thủ trưởng đơn vị"], "post": "", "name": "Đỗ Vũ Hùng"},
        {"capacity": ["Xác nhận của cấp trình khen"], "post": "", "name": ""},
    ],
}

SUMMARY = {
    **HEAD,
    "kind": "Bản tóm tắt thành tích",
    "subject": "Của các tập thể, cá nhân đề nghị khen thưởng năm 2023",
    "symbol": "DS-SNN",
    "nominees": NOMINEES * 8,
}

CAMPAIGN_REPORT = {
    **HEAD,
    "agency": "Chi cục Thủy lợi",
    "parent_agency": "Sở Nông nghiệp và Phát triển nông thôn",
    "symbol": "BC-CCTL",
    "kind": "Báo cáo",
    "subject": "Tổng kết phong trào thi đua đẩy mạnh chuyển đổi số giai đoạn 2021-2025",
    "addressed_to": ["Sở Nông nghiệp và Phát triển nông thôn"],
    "intro": LONG_TEXT,
    "direction": LONG_TEXT,
    "periods": [
        {
            "name": f"Năm {year}",
            "results": ROWS[:4],
            "narratives": [
                {"question": "Điển hình tiên tiến", "text": LONG_TEXT, "found": "Đạt, mức “Tốt”"}
            ],
        }
        for year in (2022, 2023)
    ],
    "strengths": LONG_TEXT,
    "limits": "",
    "tasks": LONG_TEXT,
    "closing": "Trên đây là báo cáo tổng kết phong trào thi đua của Chi cục Thủy lợi",
}

COVER = {
    "is_sample": True,
    "parent_agency": "UBND tỉnh Đồng Tháp",
    "agency": "Sở Nông nghiệp và Phát triển nông thôn",
    "place": "Đồng Tháp",
    "year": 2023,
    "code": "HS-2023-004",
    "subject": "Đề nghị khen thưởng tổng kết phong trào thi đua “Đẩy mạnh chương trình chuyển đổi "
    "số trong ngành nông nghiệp”",
    "plan": "Kế hoạch số 207/KH-UBND ngày 07/06/2022 của Ủy ban nhân dân tỉnh Đồng Tháp",
    "authority": "Chủ tịch Ủy ban nhân dân tỉnh Đồng Tháp",
    "sets": "01 bộ (bản chính)",
    "nominees": {"collectives": 1, "individuals": 1, "households": 0},
    "prepared_on": date(2023, 12, 8),
    "total_pages": 48,
    "checklist": [
        {
            "number": index,
            "name": name,
            "required": True,
            "copies": "01 bản chính",
            "state": "Đã có",
        }
        for index, name in enumerate(
            [
                "Tờ trình",
                "Biên bản họp xét",
                "Báo cáo thành tích và bản tóm tắt",
                "Báo cáo phong trào",
                "Kế hoạch phát động của đơn vị",
            ],
            start=1,
        )
    ],
    "contents": [
        {
            "level": 1,
            "number": "1",
            "symbol": "12/TTr-SNN",
            "dated_on": date(2023, 12, 7),
            "title": "Tờ trình về việc đề nghị khen thưởng",
            "author": "Sở Nông nghiệp và PTNT",
            "first_page": 4,
            "pages": 2,
            "note": "",
        },
        {
            "level": 2,
            "number": "1.1",
            "symbol": "",
            "dated_on": None,
            "title": "Bảng số liệu gốc.xlsx",
            "author": "Phòng Kế hoạch, Tài chính",
            "first_page": None,
            "pages": 0,
            "note": "Nộp kèm tệp gốc",
        },
    ],
}

PAPERS: dict[str, dict[str, Any]] = {
    "print/report.html": REPORT,
    "print/report_matrix.html": MATRIX,
    "print/report_indicators.html": INDICATORS,
    "print/report_units.html": UNITS,
    "print/report_told.html": TOLD,
    "print/report_years.html": YEARS,
    "print/report_silent.html": SILENT,
    "print/report_changed.html": CHANGED,
    "print/report_contents.html": CONTENTS,
    "print/numbers.html": {"stamps": ["2", "3"]},
    "print/letter.html": LETTER,
    "print/minutes.html": MINUTES,
    "print/achievement_report.html": ACHIEVEMENT_REPORT,
    "print/summary.html": SUMMARY,
    "print/campaign_report.html": CAMPAIGN_REPORT,
    "print/cover.html": COVER,
    "print/stamps.html": {"stamps": ["Hồ sơ HS-2023-004 – Thành phần 3 – trang 12/48"] * 3},
}
