from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The composition root: commands, template tags and the pages that gather from every app."""

    name = "config"
    verbose_name = "Cổng thi đua"
