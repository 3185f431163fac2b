"""Texts as people write them to a service, with what identifies somebody marked in each.

Two sets of templates: those the rules were improved with, and `JAPANESE_NEW`, `ENGLISH_NEW`,
written afterwards and never looked at to change a rule: what is found in these is what the
documentation states. Names, too, come in two kinds: ones people bear often, and ones that stand
in no word list.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seiyaku.doors.masking.lexicon import lexicon
from seiyaku.testing.names import ENGLISH_FAMILY, ENGLISH_GIVEN, FAMILY, GIVEN

RARE_FAMILY = (
    "小鳥遊", "御手洗", "鬼頭", "葛城", "綾小路", "一ノ瀬", "二階堂", "神宮寺", "伊集院",
    "早乙女", "如月", "影山", "黒崎", "白鳥", "朝倉", "朝比奈", "阿久津", "浅野", "浅井",
    "荒川", "有馬", "安西", "生田", "磯部", "市原", "入江", "岩佐", "宇野", "海老原", "大崎",
    "大場", "日下部", "久我", "倉持", "小金井", "桐生", "鮫島", "設楽", "城田", "仙波",
)  # fmt: skip
RARE_GIVEN = (
    "万里江", "禄郎", "琥珀", "朔", "澄玲", "彪雅", "珠寿", "環奈", "芙美代", "勘九郎", "峻",
    "恒", "喜代美", "曜子", "稀星", "朱莉", "麟", "佑真", "紗良", "征四郎",
)  # fmt: skip
RARE_ENGLISH_GIVEN = (
    "Thaddeus", "Isolde", "Caspian", "Oriel", "Bram", "Elowen", "Zephyr", "Ottilie", "Tavish",
    "Maren",
)  # fmt: skip
RARE_ENGLISH_FAMILY = (
    "Featherstonehaugh", "Quillfeather", "Abernethy", "Blenkinsop", "Threlkeld", "Zabriskie",
    "Vandermolen", "Okonjo", "Tregenza",
)  # fmt: skip
DOMAINS = ("example.jp", "mail.example.com", "example.co.jp", "sub.example.org")
TOWNS = (
    "東京都千代田区架空町{n}-{m}-{k}",
    "大阪府大阪市北区見本町{n}丁目{m}番{k}号",
    "北海道札幌市中央区北{n}条西{m}丁目",
    "京都府京都市中京区仮名町{n}{m}",
    "神奈川県横浜市西区例示{n}-{m} サンプルビル{k}0{m}号室",
    "福岡県福岡市中央区架空{n}の{m}",
    "埼玉県さいたま市大宮区見本{n}-{m}",
    "兵庫県神戸市灘区仮町{n}丁目{m}-{k}",
    "宇治市茶町{n}-{m}",
    "渋谷区例示{n}-{m}-{k}",
    "沖縄県那覇市仮地{n}番地",
    "世田谷区試町{n}丁目{m}番{k}号 メゾン見本{n}0{k}号室",
)
STREETS = (
    "{n}{m} Example St, Springfield, IL 62704",
    "{n}{m} Sample Avenue, Portland, OR 97201",
    "{n} Specimen Road, London SW1A 0AA",
    "{n}{m} Test Lane, Apt {k}B",
    "Musterstraße {n}{m}, 10115 Berlin",
    "{n} rue de l'Exemple, 75001 Paris",
    "{n}-{m}-{k} Mihon, Shibuya-ku, Tokyo 150-0042",
    "{n}{m} North Oak Drive, Suite {k}00, Austin, TX 78701",
)

JAPANESE = (
    "{name}と申します。先日注文した品物について伺いたいです。",
    "{family}様からのお問い合わせに返信する文面を考えてください。連絡先は{phone}です。",
    "氏名：{name}\n住所：{address}\n電話番号：{phone}\nメール：{mail}",
    "お届け先を〒{postal} {address}に変更してください。{name}",
    "昨日{family}さんと打ち合わせをしました。議事録を要約してください。",
    "担当は{family}です。{mail}までご連絡ください。",
    "{name}（{address}在住）が契約者です。",
    "{family}部長の指示で、{name}さんに{phone}へ電話してもらいました。",
    "マイナンバーは{my_number}、免許証番号は{licence}です。",
    "カード番号{card}の支払いができません。{name}",
    "私の名前は{name}です。{address}に住んでいます。",
    "次の文章を校正してください。「{name}は来月{family}課長と大阪へ出張します。」",
    "{given}ちゃんの誕生日は生年月日{birth}です。",
    "{name}様、いつもお世話になっております。株式会社見本の{family}です。",
    "パスポート番号は{passport}、在留カードは{residence}です。",
    "口座番号{account}、名義は{name}です。",
    "至急{phone_plain}に折り返しお願いします。",
    "{name} <{mail}> 宛に転送してください。",
    "ログに{ip}からのアクセスが残っていました。ユーザーは@{handle}です。",
    "{family}が言うには、{address}の工事は来週からです。",
)
ENGLISH = (
    "My name is {name} and my order has not arrived. Call me at {phone}.",
    "Dear {name},\nthank you for your message. Please reply to {mail}.\nRegards,\n{name}",
    "Ship it to {name}, {address}.",
    "Yesterday I spoke with Mr. {family} about the refund.",
    "Please summarise: {name} said that {given} moved to {address} last week.",
    "Customer: {name}\nPhone: {phone}\nEmail: {mail}",
    "Can you write a reminder to {name}? The card is {card}.",
    "I'm {name} from accounting, reach me on {phone} or {mail}.",
    "The passport number is {passport} and the driver's license number is {licence}.",
    "{name} lives at {address}.",
    "Dr. {family} and {name} will attend the meeting on Monday.",
    "Login from {ip} by @{handle}, please check.",
    "Date of birth: {birth_en}. SSN: {ssn}.",
    "Ask {name} whether the invoice was paid.",
)
JAPANESE_NEW = (
    "お世話になります。{name}です。{phone}に電話をいただけますか。",
    "返品希望です。送り先：{address}　宛名：{name}",
    "{family}先生の論文を要約してください。",
    "新入社員の{name}さんを紹介するメールを書いて。配属は営業部です。",
    "{name}の母です。息子の{given}のことで相談があります。",
    "以下の履歴書を英訳して。\n{name}\n{address}\n{mail}\n{birth}生まれ",
    "このメールに返信して：「{family}です。{phone}までお願いします」",
    "引っ越しました。新住所は{address}です。",
    "支払い方法を{card}に変えたいです（{name}）。",
    "来週の面接官は{family}さんと{name}さんです。",
    "{name}、{address}、{phone}",
    "個人番号 {my_number} を登録したのに反映されません。",
    "友達の{family}君に{mail}で送ってと言われた。",
    "請求書の宛先を{name}様に直してください。郵便番号は{postal}です。",
)
ENGLISH_NEW = (
    "Hi, this is {name}. I lost my password, my email is {mail}.",
    "Translate into Japanese: {given} and I met {name} at the station.",
    "Invoice to: {name}\n{address}",
    "The tenant, {name}, can be reached at {phone}.",
    "Rewrite politely: {name} never answers {mail}!",
    "Prof. {family} reviewed the draft by {name}.",
    "We delivered the parcel to {address} but nobody was home.",
    "Refund card {card} please. Thanks, {name}",
    "Meeting notes: {name} (chair), {given}, Monday 10 am.",
    "her number is {phone} and her passport {passport}",
    "Is {name} still an employee? HR asked about {ssn}.",
)
INNOCENT = (
    "東京の天気を教えてください。",
    "Pythonで辞書を並べ替える方法は？",
    "大阪から京都まで電車で何分かかりますか。",
    "仕様書の3.2節を要約してください。",
    "会議は10月12日の午後2時から第3会議室です。",
    "お客様の声をまとめて、改善案を5つ挙げてください。",
    "注文番号は20261120-0042です。",
    "価格は1,980円（税込）、在庫は120個です。",
    "森の中を歩くと、林の向こうに川が見えた。",
    "千葉の海と長野の山、どちらへ行くか迷う。",
    "山口県の名物と福島県の温泉を比べて。",
    "皆様のご協力に感謝します。同様の事例はありますか。",
    "データベースのバックアップは毎日3時に取ります。",
    "バージョン2.10.4でエラー番号404が出ます。",
    "先生に質問する手紙の書き方を教えて。",
    "社長の挨拶文を400字で書いてください。",
    "高橋駅ではなく新橋駅で降ります。",
    "この部屋は20平方メートル、家賃は85000円です。",
    "What is the capital of France?",
    "Summarise the March report for the marketing team.",
    "The order number is 20261120-0042.",
    "Write a function that sorts a list in Python.",
    "Please translate this page into Japanese.",
    "The meeting is on Monday, October 12 at 2 pm in Room 301.",
    "Version 2.10.4 fails with error 404 on Windows Server.",
    "New York and London are large cities.",
    "Our Privacy Policy and Terms of Service changed in April.",
    "How do I mark an item as done?",
    "I will bill the customer in May.",
    "It costs 1,980 yen including tax; 120 are left.",
    "Kubernetes and Apache Kafka run on Amazon Web Services.",
    "The Great Wall of China is very long.",
)


@dataclass(frozen=True)
class Marked:
    """A text and the stretches in it that identify somebody: kind, start, end."""

    text: str
    truth: tuple[tuple[str, int, int], ...]


def texts(seed: int, count: int, rare: bool = False, new: bool = False) -> Iterator[Marked]:
    """Texts of both languages, half of them, and as many of neither name nor number."""
    rng = random.Random(seed)
    japanese, english = (JAPANESE_NEW, ENGLISH_NEW) if new else (JAPANESE, ENGLISH)
    for n in range(count):
        template = rng.choice(japanese if n % 2 else english)
        yield _filled(template, rng, japanese=n % 2 == 1, rare=rare)
        yield Marked(rng.choice(INNOCENT), ())


def _filled(template: str, rng: random.Random, japanese: bool, rare: bool) -> Marked:
    person = _japanese(rng, rare) if japanese else _english(rng, rare)
    values = {**person, **_numbers(rng)}
    values["address"] = _address(rng, TOWNS if japanese else STREETS)
    values["phone"] = _phone(rng, japanese)
    text, truth, upto = "", [], 0
    for slot in re.finditer(r"\{(\w+)\}", template):
        text += template[upto : slot.start()]
        value = values[slot.group(1)]
        truth.append((slot.group(1), len(text), len(text) + len(value)))
        text += value
        upto = slot.end()
    return Marked(text + template[upto:], tuple(truth))


def _japanese(rng: random.Random, rare: bool) -> dict[str, str]:
    family = rng.choice(RARE_FAMILY if rare else [f for f, _ in FAMILY])
    given = rng.choice(RARE_GIVEN if rare else [g for g, _ in GIVEN])
    gap = rng.choice(("", " ", "　"))
    mail = f"{rng.choice(FAMILY)[1]}.{rng.randrange(100)}@{rng.choice(DOMAINS)}"
    return {"family": family, "given": given, "name": f"{family}{gap}{given}", "mail": mail}


def _english(rng: random.Random, rare: bool) -> dict[str, str]:
    family = rng.choice(RARE_ENGLISH_FAMILY if rare else ENGLISH_FAMILY)
    given = rng.choice(RARE_ENGLISH_GIVEN if rare else ENGLISH_GIVEN)
    mail = f"{rng.choice(ENGLISH_GIVEN).lower()}+{rng.randrange(100)}@{rng.choice(DOMAINS)}"
    mail = mail.encode("ascii", "ignore").decode()
    return {"family": family, "given": given, "name": f"{given} {family}", "mail": mail}


def _address(rng: random.Random, forms: tuple[str, ...]) -> str:
    n, m, k = (rng.randrange(1, 10) for _ in range(3))
    text = rng.choice(forms).format(n=n, m=m, k=k)
    return _wide(text) if rng.random() < 0.15 and not text.isascii() else text


def _phone(rng: random.Random, japanese: bool) -> str:
    d = [str(rng.randrange(10_000)).zfill(4) for _ in range(2)]
    forms = (
        (
            f"090-{d[0]}-{d[1]}",
            f"080{d[0]}{d[1]}",
            f"03-{d[0]}-{d[1]}",
            f"(03){d[0]}-{d[1]}",
            f"０９０－{_wide(d[0])}－{_wide(d[1])}",
            f"+81 90 {d[0]} {d[1]}",
            f"0120-{d[0][:3]}-{d[1][:3]}",
        )
        if japanese
        else (
            f"+1 555 {d[0][:3]} {d[1]}",
            f"(555) {d[0][:3]}-{d[1]}",
            f"555-{d[0][:3]}-{d[1]}",
            f"+44 20 {d[0]} {d[1]}",
            f"+49 30 {d[0]}{d[1]}",
        )
    )
    return rng.choice(forms)


def _numbers(rng: random.Random) -> dict[str, str]:
    def digits(n: int) -> str:
        return "".join(rng.choice("0123456789") for _ in range(n))

    y, m, d = rng.randrange(1950, 2010), rng.randrange(1, 13), rng.randrange(1, 29)
    return {
        "postal": f"{digits(3)}-{digits(4)}",
        "my_number": my_number(digits(11)),
        "licence": licence("3" + digits(9)),
        "card": _grouped(card("4" + digits(14)), rng),
        "passport": f"TZ{digits(7)}",
        "residence": f"AB{digits(8)}CD",
        "account": digits(7),
        "phone_plain": f"090{digits(8)}",
        "birth": rng.choice((f"{y}年{m}月{d}日", f"{y}/{m}/{d}")),
        "birth_en": f"{rng.choice(('March', 'June', 'October'))} {d}, {y}",
        "ssn": f"{rng.randrange(100, 700)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}",
        "ip": ".".join(str(rng.randrange(1, 255)) for _ in range(4)),
        "handle": f"user_{digits(3)}",
    }


def my_number(body: str) -> str:
    """Eleven digits with their check digit."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
    return body + str(0 if rest <= 1 else 11 - rest)


def licence(body: str) -> str:
    """Ten digits with their check digit and the number of re-issues."""
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
    return body + str(0 if rest <= 1 else 11 - rest) + "0"


def card(body: str) -> str:
    """Fifteen digits with their check digit."""
    total = sum(sum(divmod(int(d) * (2 - n % 2), 10)) for n, d in enumerate(body))
    return body + str(-total % 10)


def _grouped(number: str, rng: random.Random) -> str:
    gap = rng.choice(("", " ", "-"))
    return gap.join(number[n : n + 4] for n in range(0, len(number), 4))


def _wide(text: str) -> str:
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789-"})


def unlisted() -> bool:
    """Whether the rare names stand in no word list."""
    words = lexicon()
    japanese = not set(RARE_FAMILY) & words.ja_family and not set(RARE_GIVEN) & words.ja_given
    latin = {w.casefold() for w in (*RARE_ENGLISH_GIVEN, *RARE_ENGLISH_FAMILY)}
    return japanese and not latin & (words.given | words.family)
