"""Names as people of rural Chongqing bear them: surnames by frequency, given names by generation and sex."""

from functools import cache

import numpy as np
import polars as pl
from pypinyin import lazy_pinyin

from shouwang.world.draws import Flags, Ints, happens, stream

# Shares in thousandths, after the frequency of surnames in the south-west.
SURNAMES = {
    "李": 75, "王": 66, "张": 64, "刘": 58, "陈": 56, "杨": 46, "周": 33, "黄": 31, "罗": 27, "何": 26, "吴": 24,
    "唐": 24, "冉": 22, "谭": 22, "田": 20, "徐": 18, "邓": 18, "向": 17, "赵": 17, "胡": 16, "谢": 15, "蒋": 15,
    "彭": 14, "曾": 13, "余": 13, "冯": 12, "任": 11, "朱": 11, "秦": 10, "龙": 10, "郑": 10, "廖": 9, "熊": 9,
    "钟": 9, "郭": 9, "石": 8, "马": 8, "舒": 7, "文": 7, "蒲": 7, "程": 7, "袁": 7, "简": 6, "白": 6, "付": 6,
    "傅": 4, "姚": 6, "汪": 6, "吕": 5, "滕": 5, "肖": 5, "萧": 1, "覃": 5, "庹": 2, "单": 2, "仇": 1, "瞿": 4,
    "易": 4, "阎": 1, "闫": 2, "代": 5, "戴": 3, "万": 4, "孙": 6, "高": 5, "林": 5, "梁": 5, "宋": 4, "许": 4,
    "江": 4, "姜": 2, "游": 4, "章": 2, "欧阳": 2, "上官": 1, "司马": 1, "尹": 3, "卢": 4, "夏": 3, "方": 3,
}  # fmt: skip
MALE_CHARACTERS = (
    "国明文华德富贵财福兴万世大光忠仁义礼林森才学成昌云龙长春廷朝正永清",
    "建国军民强平志明华伟勇兵红卫东胜利新民光荣学农田生贵友安林斌福全洪",
    "勇刚强军波伟涛峰超杰辉斌亮林鹏飞江川洪海云雷磊小毅华明健志平剑",
    "鑫浩杰宇鹏磊涛俊超凯帆洋川航鸿翔博文豪阳龙伟旭锋健智明晨",
    "子轩浩然宇泽俊杰梓豪博文睿晨皓天佑铭思远嘉诚奕辰沐阳锦程一诺",
)
FEMALE_CHARACTERS = (
    "秀英珍芳兰桂玉素清淑华群贞碧琼莲珍容会先光翠菊明德惠芝",
    "秀芳兰英琼芬群容碧华蓉莲红丽素珍萍玲霞菊美翠淑琴会平",
    "丽红艳梅霞燕玲芳静萍敏琴春英娟莉小晓利群容蓉琼娅洪",
    "婷丽雪娇欣静玲雨倩媛琴莎露蓉燕娟敏晓慧佳梦思颖",
    "欣怡梓涵诗语雨桐思琪佳怡可馨子萱一诺若曦紫涵雅婷梦瑶艺",
)
GENERATION_YEARS = (1955, 1970, 1985, 2000)
"""A birth year up to the first belongs to the first generation, and so on."""
RARE_CHARACTERS = ("𠮷", "䶮", "㛃", "𬭎", "𨱑", "㑇", "𫖯", "䓖")
"""Written with four bytes in GB18030."""
RARE_SHARE = 0.0015
SINGLE_SHARE = (0.10, 0.22, 0.42, 0.40, 0.12)
MINORITY_GIVEN_MALE = ("木呷", "尔古", "拉铁", "约布", "惹古", "曲比", "石且", "伍呷")
MINORITY_GIVEN_FEMALE = ("阿依", "阿呷", "尔西", "莫色", "依扎", "拉则", "木香", "果果")
MINORITY_FAMILY = ("吉克", "阿西", "沙马", "海来", "俄木", "阿尔", "曲木", "吉木", "木呷")
MIDDLE_DOT = "·"
# Each character with another way of writing it that registers mix up.
VARIANTS = {
    "峰": "峯", "群": "羣", "国": "國", "强": "強", "凤": "鳳", "华": "華", "龙": "龍", "红": "紅", "贵": "貴", "云": "雲",
    "兰": "蘭", "德": "徳", "清": "淸", "吴": "吳", "吕": "呂", "杨": "楊", "陈": "陳", "闫": "阎", "阎": "闫", "付": "傅",
    "傅": "付", "肖": "萧", "萧": "肖", "代": "戴", "义": "義", "明": "眀", "静": "靜", "万": "萬", "马": "馬", "刘": "劉",
}  # fmt: skip
MIDDLE_DOTS = ("•", "．", "‧", "・")


def surnames_of(rng: np.random.Generator, size: int) -> Ints:
    """Indexes into `SURNAMES`, by frequency."""
    weights = np.array(list(SURNAMES.values()), dtype=float)
    return np.asarray(rng.choice(len(weights), size, p=weights / weights.sum()), dtype=np.int64)


def full_names(seed: int, county: int, surnames: Ints, birth_years: Ints, male: Flags, yi: Flags) -> pl.Series:
    """Family and given names; `yi` persons bear names with a middle dot."""
    rng = stream(seed, "names", county)
    size = len(surnames)
    generation = np.searchsorted(np.array(GENERATION_YEARS), birth_years, side="left").astype(np.int64)
    first = _characters(rng, generation, male)
    second = _characters(rng, generation, male)
    single = happens(rng, np.array(SINGLE_SHARE)[generation], size)
    rare = happens(rng, RARE_SHARE, size)
    odd = pl.Series(RARE_CHARACTERS).gather(rng.integers(0, len(RARE_CHARACTERS), size))
    dotted = _dotted(rng, male)
    frame = pl.DataFrame(
        {
            "family": pl.Series(list(SURNAMES)).gather(surnames), "first": first, "second": second, "odd": odd,
            "single": single, "rare": rare, "yi": yi, "dotted": dotted,
        }
    )  # fmt: skip
    last = pl.when("rare").then("odd").when("single").then(pl.lit("")).otherwise("second")
    plain = pl.concat_str("family", "first", last)
    return frame.select(pl.when("yi").then("dotted").otherwise(plain).alias("name")).to_series()


def homophone(rng: np.random.Generator, name: str) -> str:
    """The name as somebody wrote it down from hearing, or unchanged where no such name is known."""
    places = [place for place, character in enumerate(name) if place and len(_same_sound(character)) > 1]
    if not places:
        return name
    place = int(rng.choice(places))
    others = [each for each in _same_sound(name[place]) if each != name[place]]
    return name[:place] + others[int(rng.integers(len(others)))] + name[place + 1 :]


def variant(rng: np.random.Generator, name: str) -> str:
    """The name with one character in another form, or another middle dot; unchanged where there is none."""
    if MIDDLE_DOT in name:
        return name.replace(MIDDLE_DOT, MIDDLE_DOTS[int(rng.integers(len(MIDDLE_DOTS)))])
    places = [place for place, character in enumerate(name) if character in VARIANTS]
    if not places:
        return name
    place = int(rng.choice(places))
    return name[:place] + VARIANTS[name[place]] + name[place + 1 :]


def _characters(rng: np.random.Generator, generation: Ints, male: Flags) -> pl.Series:
    pools = [*MALE_CHARACTERS, *FEMALE_CHARACTERS]
    starts = np.cumsum([0, *map(len, pools)])
    pool = np.where(male, generation, generation + len(MALE_CHARACTERS))
    lengths = np.array([len(each) for each in pools])
    index = starts[pool] + (rng.random(len(pool)) * lengths[pool]).astype(np.int64)
    return pl.Series(list("".join(pools)), dtype=pl.String).gather(index)


def _dotted(rng: np.random.Generator, male: Flags) -> pl.Series:
    size = len(male)
    sons = pl.Series(MINORITY_GIVEN_MALE).gather(rng.integers(0, len(MINORITY_GIVEN_MALE), size))
    daughters = pl.Series(MINORITY_GIVEN_FEMALE).gather(rng.integers(0, len(MINORITY_GIVEN_FEMALE), size))
    family = pl.Series(MINORITY_FAMILY).gather(rng.integers(0, len(MINORITY_FAMILY), size))
    given = pl.DataFrame({"m": male, "s": sons, "d": daughters}).select(pl.when("m").then("s").otherwise("d"))
    return given.to_series() + MIDDLE_DOT + family


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    characters = sorted(set("".join((*MALE_CHARACTERS, *FEMALE_CHARACTERS))))
    sounds: dict[str, list[str]] = {}
    for character, sound in zip(characters, lazy_pinyin(characters), strict=True):
        sounds.setdefault(sound, []).append(character)
    return {each: tuple(group) for group in sounds.values() for each in group}


def _same_sound(character: str) -> tuple[str, ...]:
    return _by_sound().get(character, ())
