from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, object]:
    """What the page frame needs on every page."""
    return {
        "PORTAL_NAME": settings.PORTAL_NAME,
        "PORTAL_PLACE": settings.PORTAL_PLACE,
        "PORTAL_OFFICE": settings.PORTAL_OFFICE,
        "DEMO": settings.DEMO,
    }
