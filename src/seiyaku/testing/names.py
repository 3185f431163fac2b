"""Word lists for invented people: no name, number or address belongs to anyone."""

from __future__ import annotations

FAMILY = (
    ("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("田中", "tanaka"),
    ("伊藤", "ito"), ("渡辺", "watanabe"), ("山本", "yamamoto"), ("中村", "nakamura"),
    ("小林", "kobayashi"), ("加藤", "kato"), ("吉田", "yoshida"), ("山田", "yamada"),
    ("髙﨑", "takasaki"), ("齋藤", "saito"), ("渡邉", "watanabe"), ("東海林", "shoji"),
    ("長谷川", "hasegawa"), ("五十嵐", "igarashi"), ("小笠原", "ogasawara"), ("林", "hayashi"),
    ("森", "mori"), ("𠮷野", "yoshino"), ("清水", "shimizu"), ("阿部", "abe"),
)  # fmt: skip
"""Japanese family names with romaji; some in old or rare characters, one outside the BMP."""

GIVEN = (
    ("陽葵", "himari"), ("蓮", "ren"), ("凛", "rin"), ("湊", "minato"), ("結菜", "yuna"),
    ("大翔", "hiroto"), ("さくら", "sakura"), ("悠真", "yuma"), ("葵", "aoi"), ("樹", "itsuki"),
    ("美咲", "misaki"), ("健太", "kenta"), ("千夏", "chinatsu"), ("修", "osamu"),
    ("ひかり", "hikari"), ("純一郎", "junichiro"), ("真央", "mao"), ("航", "wataru"),
    ("恵", "megumi"), ("ジュン", "jun"),
)  # fmt: skip

ENGLISH_FAMILY = (
    "Smith", "Jones", "O'Brien", "Garcia", "Nguyen", "Müller", "Okafor", "Lee", "Kowalski",
    "Johnson", "Silva", "St. John", "Brown", "Patel", "Ivanova", "Andersson",
)  # fmt: skip
ENGLISH_GIVEN = (
    "Alex", "Maria", "Noah", "Olivia", "Sam", "Zoë", "Liam", "Grace", "Ines", "Peter", "Ada",
    "Jean-Luc", "Mina", "Omar", "Ruth", "Tom",
)  # fmt: skip

PLACES = (
    ("100-0001", "東京都千代田区架空町"), ("150-0042", "東京都渋谷区例示"),
    ("530-0001", "大阪府大阪市北区見本町"), ("604-8001", "京都府京都市中京区仮名町"),
    ("060-0001", "北海道札幌市中央区試験条"), ("810-0001", "福岡県福岡市中央区架空"),
    ("460-0008", "愛知県名古屋市中区例町"), ("980-0021", "宮城県仙台市青葉区見本"),
    ("900-0015", "沖縄県那覇市仮地"), ("730-0011", "広島県広島市中区試町"),
)  # fmt: skip
ENGLISH_PLACES = (
    ("62704", "Example St, Springfield, IL"), ("97201", "Sample Ave, Portland, OR"),
    ("10115", "Musterstraße, Berlin"), ("75001", "rue de l'Exemple, Paris"),
    ("SW1A 0AA", "Specimen Road, London"), ("H2X 1Y4", "rue Fictive, Montréal, QC"),
)  # fmt: skip

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 Version/17.6 Safari/605.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Version/17.6 Mobile/15E148",
    "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
)

SENTENCES = (
    "今日も一枚描きました", "新作を公開しました", "雨の日は制作がはかどる",
    "展示に来てくれてありがとう",
    "Sketches from the train", "A new piece is up", "Coffee, then colours", "Thanks for looking",
    "深夜の作業配信", "額装してみた", "Work in progress", "色違いも作りたい",
)  # fmt: skip

PATHS = ("/", "/timeline", "/view", "/random", "/search?q=%E7%8C%AB", "/tutorial", "/settings")
