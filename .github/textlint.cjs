// Runs textlint on the prose of Markdown files: `textlint.cjs LANGUAGE FILE …`, with the rules of .textlintrc.LANGUAGE.yml.
const { readFileSync } = require("node:fs");
const { createLinter, loadTextlintrc } = require("textlint");

// A sentence with a fault in each language: rules that let it pass were not loaded.
const FAULTS = { ja: "この設定は必ずしも必要です。これは食べれる。\n", en: "There is is an id.\n" };
const JAPANESE = /[ぁ-ヶ一-龠]/;

// What readers see in the place of macros, as far as grammar asks; sources and quotations are not ours to word. Lines stay
// where they are.
const prose = (text) =>
  text
    .replace(/<p class="cited__source"[^]*?<\/p>/g, (source) => source.replace(/.+/g, ""))
    .replace(/^['「].+['」]$/gm, "")
    .replace(/<%.*?%>|^<\{.*\}>$/gm, "")
    .replace(/<\{ see\("[^"]*"(?:, "([^"]*)")?\) \}>/g, "$1")
    .replace(/<\{.*?\}>/g, "1.0")
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/ *\{ ?[#.][^}]*\}/g, "");

const only = (language, file, text) =>
  file.startsWith("docs/") ? text : text.split("\n").map((line) => ((language === "ja") === JAPANESE.test(line) ? line : "")).join("\n");

(async () => {
  const [language, ...files] = process.argv.slice(2);
  const descriptor = await loadTextlintrc({ configFilePath: `.textlintrc.${language}.yml` });
  const linter = createLinter({ descriptor });
  if (!(await linter.lintText(FAULTS[language], "fault.md")).messages.length) {
    throw new Error(`the rules for ${language} find no fault where there is one: were they loaded?`);
  }
  let found = 0;
  for (const file of files) {
    const { messages } = await linter.lintText(only(language, file, prose(readFileSync(file, "utf8"))), file);
    for (const { line, message, ruleId } of messages) {
      console.log(`${file}:${line}: ${message.trim().replace(/\s*\n\s*/g, " ")} [${ruleId}]`);
    }
    found += messages.length;
  }
  process.exit(found ? 1 : 0);
})();
