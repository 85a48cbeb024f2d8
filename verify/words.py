"""What macros say in each language."""

from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "ja": {
        "holds": "✓ 成立",
        "host": "ホスト",
        "router": "ルーター",
        "client": "クライアント",
        "exit": "終了コード {code}",
        "on": "{date} に確認",
        "copy": "コマンドをコピー",
        "counterfactual": "反対の世界 ({world}) では、同じ手順の結果がこう変わります",
        "other": "{engine} ではここが違います (毎回変わる値は種類で示します)",
        "files": "パケット (pcap, {size})",
        "permalink": "このメッセージへのリンク",
        "screenshot": "その時のブラウザの画面",
        "served": {
            "official": "`httpd:latest` は公式イメージです (パッケージの取得先だけは、ラボの中のミラーに向けてあります)。",
            "stand-in": "記録した環境ではレジストリに届かないため、`httpd:latest` は公式イメージではありません。"
            "Debian の Apache を公式イメージと同じ配置にした代用品です。",
        },
        "marks": {
            "same": ("＝", "同じ"),
            "volatile": ("≈", "毎回変わる値を除いて同じ"),
            "changed": ("≠", "変わった"),
            "gone": ("−", "メモだけ"),
            "new": ("＋", "今日だけ"),
        },
        "compare": ("印", "メモ", "今日"),
        "masks": ("コマンド", "値の種類", "伏せる理由"),
        "mutants": {
            "ran": "変異",
            "compared": "比較が気づいた",
            "claimed": "主張が気づいた",
            "masked": "マスクの陰",
            "survived": "見逃し",
        },
        "provenance": {
            "engine": "エンジン",
            "client": "クライアント",
            "kernel": "カーネル",
            "cgroup": "cgroup のバージョン",
            "browser": "ブラウザ",
            "os": "ホストの OS",
        },
    },
    "en": {
        "holds": "✓ holds",
        "host": "host",
        "router": "router",
        "client": "client",
        "exit": "exit status {code}",
        "on": "seen on {date}",
        "copy": "Copy the command",
        "counterfactual": "In the opposite world ({world}), the same steps show this instead",
        "other": "{engine} shows this instead (values that always change are shown by their kind)",
        "files": "Packets (pcap, {size})",
        "permalink": "Link to this message",
        "screenshot": "The browser's window at that moment",
        "served": {
            "official": "`httpd:latest` is the official image, with its package source pointed at the mirror inside the lab.",
            "stand-in": "No registry was in reach where this was recorded, so `httpd:latest` is not the official image: "
            "Debian's Apache in the official image's layout stands in for it.",
        },
        "marks": {
            "same": ("＝", "same"),
            "volatile": ("≈", "same but for values that change every time"),
            "changed": ("≠", "changed"),
            "gone": ("−", "only in the memo"),
            "new": ("＋", "only today"),
        },
        "compare": ("Mark", "Memo", "Today"),
        "masks": ("Command", "Kind of value", "Why it is masked"),
        "mutants": {
            "ran": "Mutants",
            "compared": "Caught by the comparison",
            "claimed": "Caught by the claim",
            "masked": "Behind a mask",
            "survived": "Survived",
        },
        "provenance": {
            "engine": "Engine",
            "client": "Client",
            "kernel": "Kernel",
            "cgroup": "cgroup version",
            "browser": "Browser",
            "os": "Host's OS",
        },
    },
}
