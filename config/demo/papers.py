"""Papers that a unit itself would bring, as marked samples."""

from campaigns.models import Campaign
from dossiers import pdf
from units.models import Unit


def launch_plan(campaign: Campaign, unit: Unit) -> bytes:
    return sample_paper(
        campaign,
        unit,
        kind="Kế hoạch",
        subject=f"Phát động phong trào thi đua “{campaign.short_title}”",
        intro=f"Thực hiện kế hoạch của {campaign.issuer_name}, {unit.name} phát động phong trào "
        "thi đua trong toàn đơn vị với các nội dung sau:",
        body="Phổ biến tiêu chí đến từng bộ phận; phân công đầu mối theo dõi; kiểm tra, đánh giá "
        "hằng quý; gửi báo cáo năm đúng hạn.",
        closing=f"Trên đây là kế hoạch phát động của {unit.name}",
    )


def proof(campaign: Campaign, unit: Unit) -> bytes:
    return sample_paper(
        campaign,
        unit,
        kind="Giấy xác nhận",
        subject="Sáng kiến, giải pháp đã áp dụng tại đơn vị",
        intro=f"{unit.name} xác nhận sáng kiến, giải pháp nêu trong báo cáo thành tích đã được áp "
        "dụng tại đơn vị.",
        body="Đơn vị đã kiểm tra hiệu quả và phổ biến cho các bộ phận cùng thực hiện.",
        closing=f"Trên đây là xác nhận của {unit.name}",
    )


def sample_paper(
    campaign: Campaign, unit: Unit, *, kind: str, subject: str, intro: str, body: str, closing: str
) -> bytes:
    """A paper that the unit itself would bring, marked as a sample on every page."""
    paper = {
        "is_sample": True,
        "parent_agency": unit.parent.name if unit.parent else "",
        "agency": unit.name,
        "agency_name": unit.name,
        "number": None,
        "symbol": f"{unit.symbol or 'ĐV'}",
        "place": unit.place,
        "signed_on": None,
        "year": campaign.period_from.year,
        "kind": kind,
        "subject": subject,
        "addressed_to": [],
        "legal_bases": [],
        "recipients": [campaign.issuer_name],
        "archive": "VT",
        "signature": {"capacity": ["Thủ trưởng đơn vị"], "post": "", "name": ""},
        "intro": intro,
        "direction": body,
        "periods": [],
        "strengths": "",
        "limits": "",
        "tasks": "",
        "closing": closing,
    }
    return pdf.render(
        "print/campaign_report.html", paper, title=f"{kind} (mẫu)", author=unit.name
    ).content
