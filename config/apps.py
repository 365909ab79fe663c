import gc
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class PortalConfig(AppConfig):
    """The composition root: commands, template tags and the pages that gather from every app."""

    name = "config"
    verbose_name = "Cổng thi đua"

    def ready(self) -> None:
        """What is read and printed here is kept until it is done: to look for garbage after every
        700 new objects is a fifth of the work of a large workbook and finds next to none."""
        gc.set_threshold(10_000, 10, 10)


@checks.register(checks.Tags.security, deploy=True)
def proxies_are_counted(**_given: Any) -> list[checks.CheckMessage]:
    if settings.TRUSTED_PROXIES or not settings.HTTPS:
        return []
    return [
        checks.Warning(
            "HTTPS is set, so a proxy stands in front, but TRUSTED_PROXIES is 0: everybody has the "
            "proxy's address and is locked out together.",
            hint="Set TRUSTED_PROXIES to the number of your own proxies.",
            id="config.W001",
        )
    ]
