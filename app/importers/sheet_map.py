"""Which column of somebody's device sheet is which field: headings as they are written in Chinese and English."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.ci_words import labels
from app.errors import BadInput
from app.text import clean_line
from app.words import tr

HEADING_ROWS = 20
REQUIRED = ("name",)

_NOISE = re.compile(r"[(（\[【].*?[)）\]】]|[\s*＊:：_\-/.、]+")
_HEADINGS: dict[str, str] = {
    "name": "名称 设备名称 设备名 资产名称 主机名 计算机名 name devicename hostname host sysname",
    "class_name": "类别 设备类别 类型 设备类型 分类 资产类别 class category type devicerole role",
    "code": "编号 资产编号 设备编号 固定资产编号 资产编码 资产号 code assetcode assettag assetnumber assetno",
    "state": "状态 使用状态 生命周期 state status lifecycle",
    "address": "地址 IP IP地址 管理地址 管理IP 主机地址 address ipaddress primaryip managementip mgmtip",
    "maker": "厂商 品牌 生产厂商 生产厂家 制造商 厂家 maker manufacturer vendor brand make",
    "model": "型号 设备型号 规格型号 model modelname",
    "device_type_id": "型号标识 型号库 slug devicetype devicetypeslug",
    "serial": "序列号 产品序列号 SN S/N 出厂编号 serial serialnumber serialno",
    "firmware": "版本 软件版本 固件版本 系统版本 version firmware firmwareversion softwareversion osversion",
    "site": "站点 地点 园区 数据中心 site location datacenter",
    "room": "机房 房间 所在机房 room machineroom",
    "rack": "机柜 机柜号 所在机柜 机架 rack cabinet rackname",
    "place_id": "位置 安装位置 存放位置 所在位置 放置地点 place position",
    "u_bottom": "U位 起始U位 起始U 最低U位 机柜U位 U数位置 lowestu rackunit uposition ubottom rackposition",
    "u_height": "U高 高度 占用U数 U数 设备高度 heightinu uheight height units",
    "parent_id": "上联设备 上级设备 父设备 经由设备 parent uplink reachedthrough",
    "owner_id": "负责人 责任人 管理员 使用人 保管人 owner personincharge responsible admin",
    "maintainer_id": "维护单位 维保单位 维护人 维保联系人 maintainedby maintainer support",
    "supplier": "供应商 供货商 supplier seller reseller",
    "bought_on": "购置日期 采购日期 购买日期 购入日期 boughton purchasedate purchased",
    "warranty_until": "保修期至 保修到期 维保到期 质保到期 保修截止 warrantyuntil warranty warrantyend warrantyexpires",
    "purpose": "用途 设备用途 purpose usage function",
    "persons_allowed": "授权人员 允许操作人员 personsallowed authorizedpersons",
    "note": "备注 说明 note notes remark remarks comment comments description",
}
SHEET_FIELDS = frozenset(_HEADINGS)
"""The fields that a sheet may have a column for."""


@dataclass(frozen=True, slots=True)
class SheetMap:
    """The heading row's number (0 is the sheet's first), each field's column, and headings that fit no field.

    Of the `others`, the class of a row may know some as its own attributes; the rest are named to the user.
    """

    row: int
    columns: dict[str, int]
    others: dict[str, int]


def recognise(rows: Iterable[Sequence[object]]) -> SheetMap:
    """Return the map of the first row, of the first HEADING_ROWS, that has a name and another known heading.

    Titles above the headings are passed over. Raises BadInput when no row has them, or one field twice.
    """
    known = _fields()
    for number, row in enumerate(rows):
        if number >= HEADING_ROWS:
            break
        found = _map(number, row, known)
        if all(field in found.columns for field in REQUIRED) and len(found.columns) > 1:
            return found
    raise BadInput(
        tr("No row of headings was found. One column must be called “Name”, others “Address”, “Class” and so on.")
    )


def field_of(heading: str) -> str:
    """Return the field that a heading names, "" for none."""
    return _fields().get(_plain(heading), "")


def _map(number: int, row: Sequence[object], known: dict[str, str]) -> SheetMap:
    columns: dict[str, int] = {}
    others: dict[str, int] = {}
    for place, cell in enumerate(row):
        heading = clean_line(cell, 80) if isinstance(cell, str) else ""
        field = known.get(_plain(heading), "")
        if field and field not in columns:
            columns[field] = place
        elif heading:
            others.setdefault(heading, place)
    return SheetMap(number, columns, others)


def _fields() -> dict[str, str]:
    """Return each known heading's field; the program's own labels, which its export writes, go first."""
    known = {_plain(heading): field for field, text in _HEADINGS.items() for heading in text.split()}
    return known | {_plain(heading): field for field, heading in labels().items()}


def _plain(heading: str) -> str:
    """Return a heading without blanks, signs and what stands in brackets: "Serial No. (必填)" is "serialno"."""
    return _NOISE.sub("", clean_line(heading, 80)).casefold()
