"""TLS to a server of ours: whom the program trusts, and what is wrong with a certificate it does not."""

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

# Numbers of https://docs.openssl.org/3.0/man1/openssl-verification-options and x509_vfy.h
_EXPIRED = frozenset({9, 10})
_OTHER_NAME = frozenset({62, 64})


def context_for(ca_file: str = "") -> ssl.SSLContext:
    """Return a context that trusts what this computer trusts, and the certificates in a file besides.

    Raises `EnvironmentFault` (`ca_unreadable`).
    """
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=str(Path(ca_file)))
        except (OSError, ssl.SSLError) as error:
            raise EnvironmentFault(
                CA_UNREADABLE,
                message("“{path}”不是能用的证书文件：请选择 PEM 格式的 CA 证书（.pem、.crt）。", path=ca_file),
            ) from error
    return context


def tls_fault(error: ssl.SSLError, host: str) -> EnvironmentFault:
    """Return what a failed handshake means, and what to do."""
    return EnvironmentFault(*_meaning(error, host))


def _meaning(error: ssl.SSLError, host: str) -> tuple[str, Message]:
    if not isinstance(error, ssl.SSLCertVerificationError):
        text = message("“{host}”的这个端口不是 https：请检查端口号，或者把地址改成 http:// 开头的。", host=host)
        return NO_TLS, text
    if error.verify_code in _EXPIRED:
        text = message("“{host}”的证书过期了，或者这台电脑的日期不对：请检查日期，或让管理员换证书。", host=host)
        return EXPIRED, text
    if error.verify_code in _OTHER_NAME:
        text = message("服务器的证书是给别的名字的，不是“{host}”：请用证书上的名字，或让管理员换证书。", host=host)
        return OTHER_NAME, text
    text = message(
        "“{host}”的证书不是这台电脑信任的机构签发的：请向管理员要 CA 证书文件，在连接窗口里选上它。"
        "没有确认之前不要输入密码，对方可能是冒充的。",
        host=host,
    )
    return UNTRUSTED, text
