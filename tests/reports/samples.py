"""Records to print in tests, the first of them the sheet of the design's drawing."""

from app.reports.inspection import Finding, InspectionSheet, Part, Signer
from app.reports.sealing import Seal

UNIT = "示例信息中心"
SEAL = Seal(48_213, "9f3c71ab02de6c55" + 48 * "0")
OK, BAD = "正常", "异常"


def daily_round() -> InspectionSheet:
    return InspectionSheet(
        title="机房日常巡检记录",
        unit=UNIT,
        form="表单编号 XJ-R-01 第 3 版",
        number="XJ-20261123-01",
        facts=(
            (
                ("记录编号", "XJ-20261123-01"),
                ("机房", "一号机房（C 级）"),
                ("巡检时间", "2026-11-23 08:05–08:31"),
            ),
            (("巡检人", "演示员甲"), ("监护人", "演示员乙"), ("依据", "制度 第三章 五、八")),
        ),
        parts=_parts(),
        problems=(
            "1. UPS-1 负载率 78 %，超过警戒值 70 %：已转事件 E-20261123-022，移负荷变更 C-118。\n"
            "2. 灭火器 03 号失重 6 %：已开工单 W-1123-02，责任人 机房主管丙，期限 2026-11-30。"
        ),
        signers=(Signer("巡检人"), Signer("监护人"), Signer("机房主管")),
        printed="打印 2026-11-23 08:40　席位 A1　演示员甲",
        seal=SEAL,
    )


def _parts() -> tuple[Part, ...]:
    return (
        Part(
            "环境",
            (
                Finding("机房温度", "18–28 °C", "23.4", "23.1", OK, note="采集 08:06"),
                Finding("相对湿度", "35–75 %", "47", "48", OK, note="采集 08:06"),
                Finding("漏水检测", "无水、传感器正常", OK, OK, OK),
                Finding("照明、卫生、异味异响、鼠迹", "无异常", OK, OK, OK),
            ),
        ),
        Part(
            "供配电",
            (
                Finding("市电电压 A / B / C 相", "198–235 V", "226 / 225 / 227", "226 / 226 / 228", OK),
                Finding("市电频率", "50 ± 0.5 Hz", "50.0", "50.0", OK),
                Finding("UPS-1 负载率", "≤ 70 %", "66 %", "78 %", BAD, abnormal=True, note="E-20261123-022"),
                Finding("UPS-2 负载率", "≤ 70 %", "40 %", "41 %", OK),
                Finding("UPS 电池容量、后备时间", "≥ 95 %、≥ 30 min", "100 % / 42", "100 % / 37", OK),
            ),
        ),
        Part(
            "空调与消防",
            (
                Finding("精密空调送风温度", "14–20 °C", "17.1", "17.0", OK),
                Finding("精密空调运行台数", "N + 1", "3 / 3", "3 / 3", OK),
                Finding("消防主机、烟感温感", "无故障", OK, OK, OK),
                Finding("二氧化碳灭火器称重", "失重 ≤ 5 %", "3 %", "6 %", BAD, True, "03 号，W-1123-02"),
            ),
        ),
        Part(
            "设备与系统",
            (
                Finding("服务器、存储、网络设备指示灯", "无黄、红灯", "1 处", "1 处", BAD, True, "阵列-A 热备"),
                Finding("CPU、内存、磁盘超限设备数", "0", "2", "3", BAD, True, "见附页清单"),
                Finding("昨夜备份作业", "全部成功", "18 / 18", "17 / 18", BAD, True, "门户库，已补做"),
                Finding("出入登记核对", "陪同、事由、时间齐全", "齐全", "齐全", OK),
            ),
        ),
    )
