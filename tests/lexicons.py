"""Bans to measure with: what laws on advertising and lending forbid, with the honest phrases that hold the words."""

from __future__ import annotations

from dsl.terms import Ban

CERTAINTY = Ban(
    ("秒批", "免审", "必过", "包过", "百分百通过", "百分百", "保证放款"),
    (
        "每秒批量", "减免审批", "减免审计", "免审核费", "不必过度", "不必过分", "不必过于", "不必过虑", "必过去",
        "红包过期", "红包过", "钱包过", "包过来", "包过去", "包过年", "包过夜", "书包过", "面包过",
    ),
    "承诺审批结果",
)  # fmt: skip
SPEED = Ban(("秒到账", "闪电放款", "最快{number}小时"), ("每秒到账",), "速度没有依据")
RATE = Ban(
    ("零利息", "免息", "日息", "低至", "利率{number}折", "利率X折", "月供减少"),
    (
        "减免息费", "避免息", "以免息", "难免息",
        "利率降低至年化", "降低至", "生日息", "节日息", "今日息", "昨日息", "次日息", "当日息", "每日息", "假日息",
    ),
    "未明示年化利率",
    ("年化{number}", "年化利率"),
)  # fmt: skip
ABSOLUTE = Ban(
    ("最低利率", "最优惠", "第一", "唯一", "国家级", "首选", "顶级"),
    ("第一期", "第一次", "国家级新区", "首选还款", "第一时间", "第一步", "第一季度", "第一笔", "第一天"),
    "绝对化用语",
)
INDUCEMENT = Ban(("低门槛", "零门槛", "低利率", "无成本", "人人可贷"), ("降低利率", "最低利率", "降低门槛"), "诱导借贷")
PRESSURE = Ban(
    ("限时", "最后一天", "名额仅剩"),
    ("期限时", "时限时", "权限时", "无限时", "有限时", "宽限期最后一天", "年限时", "上限时", "下限时"),
    "制造紧迫感",
)
BYPASS = Ban(("不查征信", "黑户可贷", "征信修复", "炒股", "付首付"), ("支付首付",), "绕开征信或用途")
ENDORSED = Ban(("央行推荐", "监管认证", "国家扶持贷款"), (), "借用国家机关名义")
APPROVED = Ban(("已获批", "已放款", "预审额度已提升"), (), "虚假审批")
CHINESE = (CERTAINTY, SPEED, RATE, ABSOLUTE, INDUCEMENT, PRESSURE, BYPASS, ENDORSED, APPROVED)
# Words that ordinary messages hold for their own sake; what the engine makes of tricks is told without them.
ORDINARY = {
    "第一",
    "唯一",
    "首选",
    "顶级",
    "限时",
    "最后一天",
    "国家级",
    "炒股",
    "免息",
    "低至",
    "百分百",
    "最优惠",
    "urgent",
}
ENGLISH = (
    Ban(
        ("guaranteed approval", "pre-approved", "no credit check", "instant approval", "100% approved", "everyone approved"),
        (),
        "promises an approval",
    ),
    Ban(("act now", "last chance", "limited time", "final notice", "urgent"), (), "presses"),
    Ban(("risk free", "no cost", "interest free", "bad credit ok", "erase bad credit", "free money"), (), "misleads"),
)  # fmt: skip

LEGITIMATE = (
    "每秒批量处理", "减免审批服务费", "不必过度借贷", "红包过期提醒", "不承诺百分百通过", "非秒到账,以审批为准", "减免息费",
    "利率降低至年化3.6%", "最高额度", "最低还款额", "第一期还款日", "国家级新区", "首选还款账户", "降低利率风险", "贷款期限时长",
    "宽限期最后一天", "声称\"不查征信\"的多为诈骗", "不得用于购房、炒股", "央行LPR", "国家助学贷款",
)  # fmt: skip
