"""`xlpolicy excel serve`: licence, address and certificates said in Chinese, then the server until it is stopped."""

from __future__ import annotations

import argparse
import gc
import os
import re
import socket
import ssl
from pathlib import Path

from xlpolicy.excel.server.assets import absent, gather
from xlpolicy.excel.server.options import EVERYWHERE, LOOPBACK, Options
from xlpolicy.faults import InvalidInput, system_reason

LICENCE = """\
许可：函数和任务窗格经 xlwings-server 提供，它按 PolyForm Noncommercial 1.0.0 许可使用。该许可写明政府机构（不论经费来源）
的使用属于允许的用途，机关单位使用不需购买；企业的商业用途须向其作者购买许可，并把密钥写入环境变量 XLWINGS_LICENSE_KEY。
未设置该变量时按 noncommercial（非商业）运行。xlpolicy 本身为 MIT 许可，不装本组件时其他功能照常使用。"""
#: more connections at once are turned away (503) instead of piling up
CONNECTIONS = 4000
TOKEN = "XLPOLICY_SERVER_TOKEN"
#: what browsers call a machine: a name or an address, and a port
_NAMED = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `xlpolicy excel serve`."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="地址",
        help="监听地址；不写只供本机（127.0.0.1），供全单位用写 0.0.0.0，并放在单位的反向代理之后",
    )
    parser.add_argument("--port", type=int, default=8765, metavar="端口", help="端口，默认 8765")
    parser.add_argument("--public", default="", metavar="名称[:端口]", help="各科室访问时用的名称，写入加载项清单")
    parser.add_argument("--cert", type=Path, metavar="证书.pem", help="HTTPS 证书（Excel 只接受 https 的加载项）")
    parser.add_argument("--key", type=Path, metavar="私钥.pem", help="证书的私钥")
    parser.add_argument(
        "--token-file", type=Path, metavar="文件", help=f"访问口令所在的文件；也可设环境变量 {TOKEN}。不写则不要口令"
    )
    parser.add_argument("--max-mb", type=int, default=32, metavar="MB", help="一次请求的上限（MB），默认 32")
    parser.add_argument(
        "--max-cells", type=int, default=1_000_000, metavar="格数", help="一次计算的单元格上限，默认 1000000"
    )


def run(args: argparse.Namespace) -> int:
    """Serve; returns when stopped. Raises InvalidInput for options that do not fit together."""
    if lacking := absent():
        print(lacking)
        return 2
    options = read(args)
    _usable(options)
    serve(options)
    return 0


def _usable(options: Options) -> None:
    """Raises InvalidInput, in words, for what would otherwise fail deep inside the server."""
    try:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        socket.getaddrinfo(options.host, None)
        socket.create_server((options.host, options.port), family=family).close()
    except socket.gaierror:
        raise _no_listening(options, "没有这个地址") from None
    except (OSError, OverflowError) as error:
        why = system_reason(error) if isinstance(error, OSError) else "端口是 0 到 65535"
        raise _no_listening(options, why) from None
    if options.cert is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(options.cert, options.key)
        except (ssl.SSLError, OSError):
            raise InvalidInput(
                "证书或私钥不能用", where="--cert --key", expected="PEM 格式、互相匹配的证书和私钥",
                remedy="向发证书的部门要 PEM 格式的证书和私钥",
            ) from None  # fmt: skip


def _no_listening(options: Options, why: str) -> InvalidInput:
    return InvalidInput(
        f"不能在 {options.host} 的端口 {options.port} 上监听（{why}）", where="--host --port",
        expected="本机的地址，和没有被占用的端口", remedy="核对地址；端口被占用的换一个，如 --port 8766",
    )  # fmt: skip


def read(args: argparse.Namespace) -> Options:
    """The options as the server takes them. Raises InvalidInput."""
    if (args.cert is None) != (args.key is None):
        raise InvalidInput(
            "证书和私钥只给了一个", where="--cert --key", expected="两个文件都给，或都不给", remedy="补上另一个"
        )
    for path in (args.cert, args.key, args.token_file):
        if path is not None and not path.is_file():
            raise InvalidInput(f"没有文件 {path}", where="命令行", expected="存在的文件", remedy="核对路径")
    token = os.environ.get(TOKEN, "")
    if args.token_file is not None:
        token = _token_of(args.token_file)
    token = token.strip()
    if token and (not token.isascii() or not token.isprintable() or " " in token):
        raise InvalidInput("口令里有空格或汉字", where="口令", expected="字母、数字和符号", remedy="换一个口令")
    if args.public and not _NAMED.fullmatch(args.public):
        raise InvalidInput(
            f"“{args.public}”不是名称", where="--public", expected="名称，或 名称:端口，如 zc.example.cn:8443",
            remedy="只写名称，不写 https:// 和后面的路径",
        )  # fmt: skip
    if args.max_mb < 1 or args.max_cells < 1:
        raise InvalidInput("上限小于 1", where="--max-mb --max-cells", expected="正整数", remedy="改正上限")
    return Options(
        args.host, args.port, args.public, args.cert, args.key, token, args.max_mb << 20, args.max_cells
    )  # fmt: skip


def _token_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        why = system_reason(error) if isinstance(error, OSError) else "不是文本文件，或编码不是 UTF-8"
        raise InvalidInput(
            f"口令文件读不出来（{why}）",
            where=str(path),
            expected="一行口令：字母、数字和符号",
            remedy="用记事本另存为 UTF-8",
        ) from None


def greeting(options: Options) -> str:
    """What the administrator reads at start."""
    lines = [LICENCE, "", f"加载项清单　{options.url}/manifest.xml", f"任务窗格　　{options.url}/taskpane.html"]
    lines.append(f"使用说明　　{options.url}/help.html")
    if not options.url.startswith("https"):
        lines.append("没有给证书：浏览器可以打开任务窗格；Excel 只加载 https 的加载项，请用 --cert 和 --key 给出证书。")
    if options.host in EVERYWHERE and not options.public:
        lines.append("各科室都能访问，但没有写 --public：清单里写的是 localhost，只有本机的 Excel 能用。")
    if options.host not in LOOPBACK:
        lines.append("不只供本机时，请放在单位的反向代理之后，由它限制来源地址和访问频率。")
    if options.host not in LOOPBACK and not options.token:
        lines.append(f"没有设口令：能连上本机的人都能使用。设口令：--token-file 文件，或环境变量 {TOKEN}。")
    if options.token:
        lines.append("已设口令：经办人员在任务窗格“口令”处填一次，自定义函数随即可用。")
    lines.append("停止：Ctrl+C")
    return "\n".join(lines)


def serve(options: Options) -> None:
    """Listen until stopped."""
    import uvicorn

    from xlpolicy.excel.server.front import Front
    from xlpolicy.law import catalog as catalogs

    front = Front(options, gather(options))
    catalogs.default()
    # what is loaded now stays: the collector need not walk through it each time a call has made ten thousand rows
    gc.collect()
    gc.freeze()
    print(greeting(options), flush=True)
    uvicorn.run(
        front, host=options.host, port=options.port, log_level="warning", access_log=False, server_header=False,
        ssl_certfile=str(options.cert) if options.cert else None, ssl_keyfile=str(options.key) if options.key else None,
        limit_concurrency=CONNECTIONS, timeout_keep_alive=75, backlog=4096, ws="none", proxy_headers=False,
    )  # fmt: skip
