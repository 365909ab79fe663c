"""The portal's settings with the bare view beside its addresses, for the measured server."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bin.bench_urls"
