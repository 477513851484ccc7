"""A site with long texts, for layouts that must not lose any of them."""

from __future__ import annotations

from protocol.answers import OtherSite
from protocol.vocabulary import SiteId, Text

FAR_SITE = OtherSite(
    site=SiteId("township"),
    name=Text(
        zh="竹溪县龙王镇人民政府便民服务中心",
        en="Zhuxi County Longwang Township People's Government Convenience Service Centre",
    ),
    address=Text(
        zh="龙王镇解放大道北段 118 号镇政府大院东侧一楼",
        en="118 Jiefang Avenue North, Longwang Town, ground floor at the east side of the government yard",
    ),
    directions=Text(zh="乘 12 路公交车到龙王镇政府下车", en="Bus 12 to Longwang Town Government"),
    travel_min=45,
)
