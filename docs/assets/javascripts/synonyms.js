/* Words of which a reader types one and a page has another, in a row each; of Japanese, what no ending changes. A query that
   has one of a row also asks, with less weight, for the others. */
const SYNONYMS = [
  ["つなが", "接続", "通信でき", "届か", "届き", "アクセスでき", "unreachable", "not reachable", "does not answer", "cannot connect", "connection refused", "not working"],
  ["セキュリティ", "安全", "危険", "リスク", "security", "secure", "safe", "risk", "dangerous"],
  ["速度", "速い", "速さ", "遅い", "性能", "パフォーマンス", "performance", "fast", "faster", "slow", "speed", "latency", "throughput", "measured"],
  ["使用中", "使ってい", "使われ", "競合", "in use", "taken", "allocated", "port conflict", "holds a port"],
  ["表示", "空に", "empty", "shown"],
  ["併用", "同時", "複数", "two networks", "another network", "at once"],
  ["ファイアウォール", "firewall", "firewalld", "ufw", "iptables", "nftables"],
  ["名前解決", "名前を引", "名前が引", "resolve", "dns", "service name"],
  ["アクセス元", "接続元", "クライアント", "client address", "client ip", "client's ip"],
  ["プロキシ", "reverse proxy", "nginx", "traefik", "502", "bad gateway", "bridge のコンテナからホスト", "from a bridge container"],
  ["バインド", "待ち受け", "listen", "bind", "specific ip", "特定の", "ループバックだけ"],
  ["ホスト名", "hostname", "host name"],
  ["ビルド", "build", "buildx", "bake"],
  ["無視", "効かない", "効きません", "ignored", "discarded", "無視される"],
  ["x11", "display", "gui", "抽象ソケット", "abstract socket", "d-bus"],
  ["インターフェース", "インタフェース", "nic", "interface", "can0", "device"],
  ["古い", "更新", "反映", "stale", "updated", "changes on the host"],
  ["not found", "失われ", "lost"],
  ["違い", "使い分け", "difference", "vs", "versus", "compare"],
  ["ルートレス", "rootless", "root なし"],
];
