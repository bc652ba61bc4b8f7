# Copyright: (c) 2026, netdevops.python contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate authorities are trusted when files are fetched."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping

from ansible_collections.netdevops.python.plugins.module_utils.common.errors import refuse

# OpenSSL reads the first two by itself; the others are what pip, requests and curl read.
OF_OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
OF_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
# An interpreter that was compiled by hand often looks where no distribution puts them.
OF_DISTRIBUTIONS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def named_bundle(environ: Mapping[str, str]) -> str:
    """Return the file or folder of authorities that the environment names, or ''."""
    return next((environ[name] for name in (*OF_OPENSSL, *OF_OTHERS) if environ.get(name)), "")


def trusting(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that verifies servers by the authorities that the environment names, else by the system's.

    Raises:
        Refused: when the environment names authorities that cannot be read.
    """
    context = ssl.create_default_context()
    if any(environ.get(name) for name in OF_OPENSSL):
        return context
    named = named_bundle(environ)
    known = (
        [named]
        if named
        else []
        if context.get_ca_certs()
        else [path for path in OF_DISTRIBUTIONS if os.path.isfile(path)]
    )
    for path in known[:1]:
        try:
            context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
        except (OSError, ssl.SSLError) as error:
            refuse(
                path,
                f"expected a bundle of certificate authorities: {error}.",
                "Correct REQUESTS_CA_BUNDLE, or unset it.",
            )
    return context
