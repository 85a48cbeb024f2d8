/* The search: a worker in the place of the theme's, which speaks as that does. The theme's takes dashes and quotes for
   operators, so that `--network host` finds nothing; it cuts Japanese at words of a list; and one word of a heading outweighs
   a message that stands on a page from end to end. Here nothing in a query is an operator, neighbours count as such, and the
   index is fetched once somebody searches. */

const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3; // the theme's messages
const WEIGHT = { title: 4, prose: 1, output: 0.3, asked: 1 };
const SAME = 0.6, BEGUN = 0.5; // words that mean the same, and those that a query begins
const ENDING = 0.2, PIECE = 0.25; // of Japanese, hiragana alone, and a pair of katakana, whose word counts as a whole, too
const K = 1.2, B = 0.5; // BM25: how soon a word that is repeated stops to count, and how much a long text counts for less
const WHOLE = 0.3; // how much more an entry counts whose heading stands in the query from end to end
const PAGE = 0.3; // how much an entry has of what its page has
const ERRORS = "reference/errors/";
const FOREIGN = 0.5, SAID = 2; // how much a message counts that has no neighbours of the query, and how much more with all of them
const FEW = 2; // so many more neighbours a query would need: one or two by chance are no message
const MOST = 30;

/* What stands before a message, what stands around it and says nothing of it, and ids of one run. */
const BEFORE = /\b(?:docker: |error response from daemon: )/;
const AROUND = new RegExp(`${BEFORE.source}|\\b(?:see|run) '[^']*--help'(?: for more information)?\\.?|\\b[0-9a-f]{12,64}\\b`, "g");
const WORDS = /(?<![\w-])--?[a-z][a-z0-9-]*|\d+(?:[.:/]\d+)+|[a-z0-9_]+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー]+/gu;
const CAPTURE = /<pre[^]*?<\/pre>/g;
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

const plain = html => html.replace(/<[^>]*>/g, "").replace(/&(?:lt|gt|amp);/g, entity => ENTITIES[entity]);
const escaped = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
/* In one spelling: half-width, lower case, コンテナー as コンテナ. */
const folded = text => text.normalize("NFKC").toLowerCase().replace(/(?<=\p{sc=Katakana})ー(?![\p{sc=Katakana}ー])/gu, "");
const stem = word => word.length < 5 ? word : word.replace(/(?:ing|ed|(?<=ss|sh|ch|x)es|(?<!s)s)$/, "").replace(/([^aels\d])\1$/, "$1");

/* The terms of a folded text: flags, words, the parts of words_like_these and pairs of neighbours; of Japanese, pairs
   of letters and words in katakana. */
function terms(text) {
  const found = [];
  let before = "";
  for (const [word] of text.matchAll(WORDS)) {
    if (word.startsWith("-")) {
      const name = terms(word.replace(/^-+/, ""));
      found.push(word, ...name);
      before = name[0];
    } else if (/^[a-z0-9_]/.test(word)) {
      const here = stem(word);
      found.push(here);
      if (/[a-z]_[a-z]/.test(word)) found.push(...word.split("_").map(stem));
      if (before) found.push(`${before} ${here}`);
      before = here;
    } else {
      for (let i = 0; i < Math.max(word.length - 1, 1); i++) found.push(word.slice(i, i + 2));
      found.push(...word.match(/[\p{sc=Katakana}ー]{3,}/gu) || []);
      before = "";
    }
  }
  return found;
}

let entries = []; // sections of pages
const postings = new Map(); // of each term, the entries that have it and how often, weighted
let mean = 0;

function add(entry) {
  const output = (entry.text.match(CAPTURE) || []).join(" "), prose = entry.text.replace(CAPTURE, " ");
  entry.prose = plain(prose).replace(/\s+/g, " ").trim();
  entry.heading = terms(folded(plain(entry.title)));
  entry.length = 0;
  const fields = { title: entry.heading, prose: terms(folded(entry.prose)), output: terms(folded(plain(output))), asked: terms(folded(entry.asked)) };
  for (const [field, found] of Object.entries(fields)) {
    const weight = WEIGHT[field];
    for (const term of found) {
      if (!postings.has(term)) postings.set(term, new Map());
      const counts = postings.get(term);
      counts.set(entry, (counts.get(entry) || 0) + weight);
      entry.length += weight;
    }
  }
}

function setUp({ docs }) {
  importScripts("synonyms.js"); // no more than the index is it fetched before somebody searches
  const pages = new Map(docs.map(each => [each.location, each.title]));
  entries = docs.map(each => {
    const [place] = each.location.split("#");
    return { boost: 1, asked: "", ...each, place, page: pages.get(place) };
  });
  entries.forEach(add);
  mean = entries.reduce((sum, each) => sum + each.length, 0) / entries.length;
}

const isPair = term => term.includes(" ");
const rarity = term => Math.log(1 + (entries.length - postings.get(term).size + 0.5) / (postings.get(term).size + 0.5));
const says = (query, words) => /^[a-z]/.test(words) ? ` ${query.replace(/[^a-z0-9]+/g, " ")} `.includes(` ${words} `) : query.includes(words);

/* The terms of a query, its own and others, that any entry has, each with its weight. */
function asked(query, own) {
  const weights = new Map();
  const weigh = (term, weight) => postings.has(term) && weights.set(term, Math.max(weight, weights.get(term) || 0));
  for (const term of own) weigh(term, /^\p{sc=Hiragana}+$/u.test(term) ? ENDING : /^[\p{sc=Katakana}ー]{2}$/u.test(term) ? PIECE : 1);
  const [typing] = /[a-z0-9_]{3,}$/.exec(query) || [];
  if (typing) for (const term of postings.keys()) if (term.startsWith(typing) && !isPair(term)) weigh(term, BEGUN);
  for (const row of SYNONYMS.filter(row => row.some(each => says(query, each)))) {
    for (const each of row) for (const term of terms(each)) weigh(term, SAME);
  }
  return weights;
}

/* How much of a heading is in the query, from 0 to 1. */
function covered(heading, weights) {
  const sum = list => list.reduce((total, term) => total + rarity(term), 0);
  return sum(heading.filter(term => weights.get(term) === 1)) / (sum(heading) || 1);
}

/* The best entries for a query. A section counts with its page, of which it is a part. Messages stand side by side without a
   subject: they count by how much of the query they have in its order, or all of them if it begins as an engine prints. */
function search(text, only) {
  const typed = folded(text), query = typed.replace(AROUND, " ").trim() || typed, own = terms(query);
  const weights = asked(query, own), scores = new Map(), pages = new Map(), pairs = new Map();
  const printed = BEFORE.test(typed), every = new Set(own.filter(isPair)).size + FEW;
  const count = (counts, key, worth) => counts.set(key, (counts.get(key) || 0) + worth);
  for (const [term, weight] of weights) {
    const best = new Map(); // of each page, how much its entry counts that has the term most
    for (const [entry, number] of postings.get(term)) {
      const worth = weight * rarity(term) * number * (K + 1) / (number + K * (1 - B + B * entry.length / mean));
      count(scores, entry, worth);
      if (isPair(term)) count(pairs, entry, 1);
      best.set(entry.place, Math.max(best.get(entry.place) || 0, worth));
    }
    for (const [place, worth] of best) count(pages, place, worth);
  }
  const hits = [...scores].filter(([entry]) => !only || entry.location.startsWith(only));
  return hits
    .map(([entry, score]) => {
      const said = printed ? 1 : (pairs.get(entry) || 0) / every;
      const all = entry.place === ERRORS ? score * (FOREIGN + SAID * said ** 2) : score + PAGE * pages.get(entry.place);
      return { entry, score: all * entry.boost * (1 + WHOLE * covered(entry.heading, weights)) };
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(hit => shown(hit, [...weights.keys()].filter(term => term.length > 1 && !isPair(term))));
}

/* A hit for the theme, which shows of a section that stands for itself only the title: there is the name of its page, and
   what stands around its rarest word. */
function shown({ entry, score }, words) {
  const low = entry.prose.toLowerCase();
  const [rarest] = words.filter(word => low.includes(word)).sort((a, b) => rarity(b) - rarity(a));
  const from = Math.max(0, rarest ? low.indexOf(rarest) - 40 : 0), to = from + 200;
  const begins = words.map(word => (/^\w/.test(word) ? "\\b" : "") + word.replace(/[.:/-]/g, "\\$&"));
  const marked = new RegExp(`(${begins.join("|") || "$^"})`, "gi");
  const pieces = entry.prose.slice(from, to).split(marked).map((piece, i) => i % 2 ? `<mark>${escaped(piece)}</mark>` : escaped(piece));
  const teaser = `${from ? "…" : ""}${pieces.join("")}${to < low.length ? "…" : ""}`;
  const page = entry.title === entry.page ? "" : `<small>${entry.page}</small>`;
  const title = `${page}<b>${entry.title}</b><span>${teaser}</span>`;
  return { location: entry.location, heading: entry.title, title, text: "", score, terms: {} };
}

let index;

/* An index that could not be fetched is asked for again with the next query. */
const read = () => fetch(new URL("search/entries.json", location.hash.slice(1)))
  .then(answer => answer.json())
  .then(setUp)
  .catch(error => { index = undefined; throw error; });

self.addEventListener("message", async ({ data: { type, data, only } }) => {
  if (type === SETUP) return postMessage({ type: READY });
  if (data) await (index ||= read());
  postMessage({ type: RESULT, data: { items: data ? search(data, only).map(hit => [hit]) : [] } });
});
