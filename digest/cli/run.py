"""`digest run`: the service, in one process."""

from __future__ import annotations

from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, serving


def run(config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """Poll by each source's cadence, assemble at the cut-off, deliver from noon, and serve the leave pages.

    It runs until it is told to stop (Ctrl-C or SIGTERM), then finishes the messages it has begun. It may be
    killed and started again at any time: nobody gets two editions, and nothing is lost.

    Example: digest run --config /etc/digest
    """
    from digest.adapters.logs import log_to_stderr
    from digest.app import configured, serve

    settings, secrets = configured(config)
    log_to_stderr()
    serving(serve(settings, secrets, directory=config))
