// What is lost of a page on paper.
() => {
  const problems = [];
  const complain = (element, what) => problems.push(`${what}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(`article ${selector}`)];
  for (const each of all("pre")) {
    if (Math.max(each.scrollWidth, ...[...each.children].map((code) => code.offsetWidth)) > each.clientWidth + 1) complain(each, "is cut");
  }
  for (const each of all("details > :not(summary)")) if (!each.checkVisibility() || !each.offsetHeight) complain(each, "is folded");
  for (const each of all("button")) if (each.checkVisibility()) complain(each, "is printed");
  return problems;
};
