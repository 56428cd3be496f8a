"""TLS to a server of any kind: whom the program trusts, and what is wrong with a certificate it does not."""

from __future__ import annotations

import ssl
from pathlib import Path

from app.kernel.errors import EnvironmentFault
from app.kernel.text import Message, message

UNTRUSTED = "certificate_untrusted"
EXPIRED = "certificate_expired"
OTHER_NAME = "certificate_other_name"
NO_TLS = "no_tls"
CA_UNREADABLE = "ca_unreadable"

# Where Linux systems keep the certificates they trust. A built program carries the OpenSSL of the system it was built
# on, which looks only where that one keeps them.
CERTIFICATE_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
# Numbers of https://docs.openssl.org/3.0/man1/openssl-verification-options and x509_vfy.h
_EXPIRED = frozenset({9, 10})
_OTHER_NAME = frozenset({62, 64})


def trusting_the_system() -> ssl.SSLContext:
    """Return what checks certificates against those the system trusts: Windows' own store, or Linux's files."""
    context = ssl.create_default_context()
    found = ssl.get_default_verify_paths()
    if not context.cert_store_stats()["x509_ca"] and not (found.cafile or found.capath):
        for name in CERTIFICATE_FILES:
            if Path(name).is_file():
                context.load_verify_locations(cafile=name)
                break
    return context


def context_for(ca_file: str = "") -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts, and the certificates in a file besides.

    Raises `EnvironmentFault` (`ca_unreadable`).
    """
    context = trusting_the_system()
    if ca_file:
        _trust(context, ca_file)
    return context


def context_for_only(ca_file: str) -> ssl.SSLContext:
    """Return a context that trusts the certificates in a file and nobody else. Raises as `context_for`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _trust(context, ca_file)
    return context


def context_for_anybody() -> ssl.SSLContext:
    """Return a context that encrypts and believes whoever answers: against listeners, not against impostors."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    try:
        context.load_verify_locations(cafile=str(Path(ca_file)))
    except (OSError, ValueError) as error:  # ssl.SSLError, among them; ValueError: no path at all
        raise EnvironmentFault(
            CA_UNREADABLE,
            message("“{path}”不是能用的证书文件：请选择 PEM 格式的 CA 证书（.pem、.crt）。", path=ca_file),
        ) from error


def tls_fault(error: ssl.SSLError, host: str) -> EnvironmentFault:
    """Return what a failed handshake with a server of ours means, and what to do."""
    return EnvironmentFault(*_meaning(error, host))


def certificate_flaw(error: ssl.SSLCertVerificationError) -> str:
    """Return the code of what is wrong with a certificate: `EXPIRED`, `OTHER_NAME` or `UNTRUSTED`."""
    if error.verify_code in _EXPIRED:
        return EXPIRED
    return OTHER_NAME if error.verify_code in _OTHER_NAME else UNTRUSTED


def _meaning(error: ssl.SSLError, host: str) -> tuple[str, Message]:
    if not isinstance(error, ssl.SSLCertVerificationError):
        text = message("“{host}”的这个端口不是 https：请检查端口号，或者把地址改成 http:// 开头的。", host=host)
        return NO_TLS, text
    sentences = {
        EXPIRED: message("“{host}”的证书过期了，或者这台电脑的日期不对：请检查日期，或让管理员换证书。", host=host),
        OTHER_NAME: message(
            "服务器的证书是给别的名字的，不是“{host}”：请用证书上的名字，或让管理员换证书。", host=host
        ),
        UNTRUSTED: message(
            "“{host}”的证书不是这台电脑信任的机构签发的：请向管理员要 CA 证书文件，在连接窗口里选上它。"
            "没有确认之前不要输入密码，对方可能是冒充的。",
            host=host,
        ),
    }
    flaw = certificate_flaw(error)
    return flaw, sentences[flaw]
