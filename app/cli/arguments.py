"""The grammar of the command line, in the user's language."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from app.cli.console import Console
from app.kernel.text import Message, message
from app.logs import FORMATS
from app.version import PROGRAM, VERSION

CHARTS = ("small_enterprise_2013", "asbe_2006_2019", "household")
PAPERS = ("240x140", "a5", "a4", "a4-3")
EXPORT_FORMATS = ("csv-book", "beancount", "hledger", "xlsx", "json")
REPORT_NAMES = (
    "trial-balance",
    "journal",
    "general-ledger",
    "subsidiary-ledger",
    "auxiliary-balance",
    "quantity",
    "cash-journal",
    "multi-column",
    "quantity-ledger",
    "auxiliary-ledger",
    "voucher-summary",
    "trial-balance-check",
    "balance-sheet",
    "income-statement",
    "cash-flow",
    "profit-appropriation",
    "net-worth",
    "income-expense",
    "asset-register",
    "depreciation",
    "ageing",
    "statement-of-account",
    "sales",
    "purchases",
    "open-orders",
    "stock",
    "stock-summary",
    "stock-card",
)
"""Written out so that the grammar does not load the reports; a test compares both."""

WRONG_USAGE = 2

_WORDING: tuple[tuple[str, Callable[[dict[str, str]], Message]], ...] = (
    (r"the following arguments are required: (?P<names>.+)", lambda at: message("还缺：{names}。", **at)),
    (r"unrecognized arguments: (?P<names>.+)", lambda at: message("不认识：{names}。", **at)),
    (r"argument (?P<name>\S+): expected one argument", lambda at: message("{name} 后面要有一个值。", **at)),
    (
        r"argument (?P<name>\S+): expected at least one argument",
        lambda at: message("{name} 后面至少要有一个值。", **at),
    ),
    (
        r"argument (?P<name>\S+): invalid choice: (?P<value>.+?) \(choose from (?P<choices>.+)\)",
        lambda at: message("{name} 不能是 {value}，只能是：{choices}。", **at),
    ),
    (
        r"argument (?P<name>\S+): not allowed with argument (?P<other>\S+)",
        lambda at: message("{name} 不能和 {other} 一起用。", **at),
    ),
    (
        r"argument (?P<name>\S+): invalid \S+ value: (?P<value>.+)",
        lambda at: message("{name} 的值 {value} 不对。", **at),
    ),
)
"""What argparse says, and what we say for it."""


class Parser(argparse.ArgumentParser):
    """A parser whose refusals are one sentence in the user's language, exit code 2."""

    console: Console

    def error(self, text: str) -> NoReturn:
        """Print how the command is used and what is wrong, and leave."""
        self.print_usage(sys.stderr)
        sentence = message("用法不对：{text}", text=text)
        for pattern, wording in _WORDING:
            found = re.fullmatch(pattern, text)
            if found:
                sentence = wording(found.groupdict())
                break
        self.console.note(sentence)
        raise SystemExit(WRONG_USAGE)


class _Formatter(argparse.HelpFormatter):
    """Says “usage” in the user's language."""

    def __init__(self, prog: str, prefix: str) -> None:
        super().__init__(prog)
        self._prefix = prefix

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Put the usage into the help, or on its own before a refusal."""
        super().add_usage(usage, actions, groups, self._prefix if prefix is None else prefix)


def _numbers(text: str) -> tuple[int, int]:
    """Return the first and last number of `1-20`, `5` or `5-`; 0 stands for no end. Raises `ValueError`."""
    first, dash, last = text.partition("-")
    begin = int(first)
    return begin, int(last or 0) if dash else begin


class Grammar:
    """Builds the parser; every text goes through the console's language."""

    def __init__(self, console: Console) -> None:
        """Make the parser with all commands."""
        self._console = console
        usage = self._text(message("用法："))
        self._formatter: Any = lambda prog: _Formatter(prog, usage)
        description = self._text(message("账房的命令行。"))
        self.parser = Parser(prog=PROGRAM, add_help=False, description=description, formatter_class=self._formatter)
        self.parser.console = console
        options = self._options(self.parser)
        options.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
        self._commands = self.parser.add_subparsers(
            dest="command", metavar="COMMAND", required=True, title=self._text(message("命令")), parser_class=Parser
        )
        self._add_serving()
        self._add_books()
        self._add_files()
        self._add_printing()
        self._add_periods()
        self._add_people()

    def _text(self, sentence: Message) -> str:
        # argparse fills in % places of its own
        return self._console.text(sentence).replace("%", "%%")

    def _options(self, parser: Parser) -> Any:
        group = parser.add_argument_group(self._text(message("选项")))
        group.add_argument("-h", "--help", action="help", help=self._text(message("显示这段说明")))
        return group

    def _command(self, name: str, what: Message, *, book: bool = True) -> tuple[Any, Any]:
        """Add a command and return its groups of arguments and options; nearly all begin with the book."""
        text = self._text(what)
        parser: Parser = self._commands.add_parser(
            name, help=text, description=text, add_help=False, formatter_class=self._formatter
        )
        parser.console = self._console
        arguments = parser.add_argument_group(self._text(message("参数")))
        if book:
            arguments.add_argument(
                "book", metavar="BOOK", help=self._text(message("账簿文件，或 mysql://用户@主机:端口/数据库"))
            )
        return arguments, self._options(parser)

    def _json(self, options: Any) -> None:
        options.add_argument("--json", action="store_true", help=self._text(message("只输出一份 JSON")))

    def _add_serving(self) -> None:
        _, options = self._command("serve", message("启动服务器，不开窗口"))
        self._listening(options)
        options.add_argument(
            "--services", metavar="NAMES", help=self._text(message("只启动这些服务，用逗号分开（默认全部）"))
        )
        self._book_serving(options)
        _, options = self._command(
            "services", message("启动四个服务和网关，各为一个进程：网关用 --port，服务用其后四个")
        )
        self._listening(options)
        self._book_serving(options)
        _, options = self._command("gateway", message("只启动网关，服务由别处启动"), book=False)
        self._listening(options)
        options.add_argument(
            "--upstream",
            metavar="NAME=HOST:PORT",
            action="append",
            help=self._text(message("某个服务的位置（可写多次），如 orders=127.0.0.1:5002")),
        )

    def _listening(self, options: Any) -> None:
        options.add_argument("--host", default="127.0.0.1", help=self._text(message("监听的地址（默认 127.0.0.1）")))
        options.add_argument("--port", type=int, default=5000, help=self._text(message("监听的端口（默认 5000）")))
        options.add_argument(
            "--trusted-proxy",
            metavar="ADDRESS",
            action="append",
            help=self._text(message("相信这个地址或网段的代理转来的 X-Forwarded-*（可写多次）")),
        )
        options.add_argument("--log-format", choices=FORMATS, help=self._text(message("日志格式（默认 text）")))

    def _book_serving(self, options: Any) -> None:
        options.add_argument(
            "--backup-folder", metavar="FOLDER", help=self._text(message("自动备份存到这个文件夹（默认按设置）"))
        )
        options.add_argument(
            "--books", metavar="FOLDER", help=self._text(message("同时提供这个文件夹里的账簿，地址为 /books/名称"))
        )
        options.add_argument(
            "--allow-host",
            metavar="NAME",
            action="append",
            help=self._text(message("也以这个主机名提供服务（可写多次）")),
        )

    def _add_books(self) -> None:
        _, options = self._command("new", message("建立新账簿"))
        options.add_argument("--chart", required=True, choices=CHARTS, help=self._text(message("科目表")))
        options.add_argument(
            "--start", required=True, metavar="YYYY-MM", help=self._text(message("启用月份，如 2026-06"))
        )
        options.add_argument("--base", default="CNY", metavar="CODE", help=self._text(message("本位币（默认 CNY）")))
        options.add_argument("--name", default="", help=self._text(message("账套名称（默认文件名）")))
        options.add_argument(
            "--vat", default="general", choices=("general", "small"), help=self._text(message("一般纳税人或小规模"))
        )
        _, options = self._command("verify", message("核验账簿：重算每一项保证"))
        self._json(options)
        arguments, _ = self._command("backup", message("备份成一个文件"))
        arguments.add_argument("file", metavar="FILE", help=self._text(message("备份文件，不能已存在")))
        _, options = self._command("backups", message("列出程序保留的备份：时间、原因、检查到哪一步"))
        options.add_argument("--keep", action="store_true", help=self._text(message("先备份一次，并做完整检查")))
        options.add_argument("--check", action="store_true", help=self._text(message("先把每份备份完整检查一遍")))
        self._json(options)
        arguments, _ = self._command("restore", message("从备份恢复；原来的账簿改名留存"), book=False)
        arguments.add_argument("file", metavar="FILE", help=self._text(message("备份文件")))
        arguments.add_argument("book", metavar="BOOK", help=self._text(message("恢复成的账簿")))
        arguments, _ = self._command("copy", message("复制到另一个空账簿，可在 SQLite 与 MySQL 之间"))
        arguments.add_argument("target", metavar="TARGET", help=self._text(message("目标账簿")))
        self._add_upgrade()

    def _add_upgrade(self) -> None:
        _, options = self._command("upgrade", message("把旧版的账簿更新到本程序，或换回更新前的账簿"))
        options.add_argument("--yes", action="store_true", help=self._text(message("更新共享账簿而不再问")))
        options.add_argument(
            "--despite-others", action="store_true", help=self._text(message("即使还有程序连着共享账簿"))
        )
        options.add_argument(
            "--accept-differences", action="store_true", help=self._text(message("接受更新前后的差别（已查明原因时）"))
        )
        options.add_argument("--back", action="store_true", help=self._text(message("换回更新前的账簿文件")))
        options.add_argument("--file", metavar="FILE", help=self._text(message("换回哪个留存的文件（默认最近的）")))

    def _add_files(self) -> None:
        arguments, options = self._command("import", message("导入文件"))
        arguments.add_argument("paths", metavar="PATH", nargs="+", help=self._text(message("文件或文件夹")))
        options.add_argument("--as", dest="format", default="", help=self._text(message("格式（默认从内容判断）")))
        options.add_argument("--account", default="", metavar="CODE", help=self._text(message("对账单的科目")))
        options.add_argument("--post", action="store_true", help=self._text(message("同时审核并记账")))
        options.add_argument("--renumber", action="store_true", help=self._text(message("重新编号")))
        options.add_argument("--dry-run", action="store_true", help=self._text(message("只看结果，不写入")))
        self._json(options)
        arguments, options = self._command("export", message("导出账簿"))
        arguments.add_argument("path", metavar="PATH", help=self._text(message("导出到的文件或文件夹")))
        options.add_argument(
            "--as", dest="format", required=True, choices=EXPORT_FORMATS, help=self._text(message("格式"))
        )
        arguments, options = self._command("report", message("输出报表"))
        arguments.add_argument("name", metavar="NAME", help=", ".join(REPORT_NAMES))
        options.add_argument(
            "--from", dest="first", default="", metavar="YYYY-MM", help=self._text(message("起始月份（默认启用月份）"))
        )
        options.add_argument(
            "--to",
            dest="last",
            default="",
            metavar="YYYY-MM",
            help=self._text(message("截止月份（默认有账的最后一月）")),
        )
        options.add_argument("--include-unposted", action="store_true", help=self._text(message("包含未记账凭证")))
        options.add_argument("--account", default="", metavar="CODE", help=self._text(message("只看这个科目及其下级")))
        options.add_argument("--aux", default="", help=self._text(message("只看这个辅助核算，如 客户:甲公司")))
        options.add_argument(
            "--order",
            default="",
            choices=("account", "item", "contact", "month", "warehouse", "lot", "category"),
            help=self._text(
                message(
                    "辅助账：account 先科目后项目，item 先项目后科目；购销统计：按 item、contact 或 month；"
                    "库存：按 item、warehouse、lot 或 category"
                )
            ),
        )
        options.add_argument("--item", default="", metavar="CODE", help=self._text(message("库存：只看这个商品")))
        options.add_argument("--warehouse", default="", metavar="NAME", help=self._text(message("库存：只看这个仓库")))
        options.add_argument("--category", default="", metavar="NAME", help=self._text(message("库存：只看这个类别")))
        options.add_argument(
            "--date", default="", metavar="YYYY-MM-DD", help=self._text(message("库存余额表：哪一天的库存"))
        )
        options.add_argument("--word", default="", help=self._text(message("凭证汇总表：只汇总这个凭证字")))
        options.add_argument(
            "--numbers",
            default=(0, 0),
            type=_numbers,
            metavar="FROM-TO",
            help=self._text(message("凭证汇总表：凭证号范围，如 1-20")),
        )
        options.add_argument(
            "--level", default=0, type=int, metavar="N", help=self._text(message("凭证汇总表：汇总到第几级科目"))
        )
        options.add_argument(
            "--columns",
            default=8,
            type=int,
            choices=(6, 8, 10),
            help=self._text(message("科目余额表打印的金额栏数（默认 8）")),
        )
        options.add_argument("--same-page", action="store_true", help=self._text(message("打印账簿时科目不另起一页")))
        form = options.add_mutually_exclusive_group()
        self._json(form)
        form.add_argument("--csv", action="store_true", help=self._text(message("输出 CSV")))
        form.add_argument("--xlsx", metavar="FILE", help=self._text(message("写成 Excel 文件")))
        form.add_argument("--pdf", metavar="FILE", help=self._text(message("写成 PDF 文件")))

    def _add_printing(self) -> None:
        _, options = self._command("print", message("把凭证排成 PDF，供打印装订"))
        options.add_argument("--period", required=True, metavar="YYYY-MM", help=self._text(message("哪个月的凭证")))
        options.add_argument("--pdf", required=True, metavar="FILE", help=self._text(message("写成 PDF 文件")))
        options.add_argument(
            "--paper", default="240x140", choices=PAPERS, help=self._text(message("纸张（默认 240×140 毫米）"))
        )
        options.add_argument("--word", default="", metavar="WORD", help=self._text(message("只这个凭证字")))
        options.add_argument("--first", type=int, metavar="N", help=self._text(message("从这个号起")))
        options.add_argument("--last", type=int, metavar="N", help=self._text(message("到这个号止")))
        options.add_argument("--posted-only", action="store_true", help=self._text(message("只要已记账的")))
        options.add_argument("--chief", default="", metavar="NAME", help=self._text(message("会计主管的姓名")))

    def _add_periods(self) -> None:
        _, options = self._command("post", message("审核并记账所有已完整的凭证，说明其余的为什么不行"))
        options.add_argument("--period", default="", metavar="YYYY-MM", help=self._text(message("只这个月")))
        self._json(options)
        arguments, options = self._command("close", message("结账"))
        arguments.add_argument("period", metavar="YYYY-MM", help=self._text(message("要结的月份")))
        options.add_argument(
            "--carry-forward", action="store_true", help=self._text(message("先结转损益，12 月还有年末结转"))
        )
        self._json(options)
        arguments, _ = self._command("reopen", message("反结账：只为补记新凭证"))
        arguments.add_argument("period", metavar="YYYY-MM", help=self._text(message("要重新打开的月份")))

    def _add_people(self) -> None:
        arguments, options = self._command("user", message("用户：add 新增，list 列出，passwd 设密码"))
        arguments.add_argument("action", choices=("add", "list", "passwd"))
        arguments.add_argument(
            "name", metavar="NAME", nargs="?", default="", help=self._text(message("姓名；passwd 也可写登录名"))
        )
        options.add_argument("--login", default="", metavar="LOGIN", help=self._text(message("登录名；密码另行输入")))
        options.add_argument("--age", type=int, help=self._text(message("年龄")))
        options.add_argument("--email", default="", help=self._text(message("邮箱")))
        options.add_argument(
            "--role", action="append", default=[], metavar="ROLE", help=self._text(message("角色名，可写多次"))
        )
        self._json(options)
        arguments, options = self._command("token", message("接口令牌：create 新建，list 列出，revoke 作废"))
        arguments.add_argument("action", choices=("create", "list", "revoke"))
        arguments.add_argument("id", metavar="ID", nargs="?", type=int, help=self._text(message("要作废的令牌编号")))
        options.add_argument("--user", default="", metavar="U", help=self._text(message("给谁（默认账簿所有者）")))
        options.add_argument("--name", default="", metavar="N", help=self._text(message("给哪个程序用")))
        self._json(options)
