// How a page reads in the window and the scheme that it is in, all that is folded opened: what is cut, broken, scrolls, or keeps somebody out.
// Asks axe, which must be there: all that it knows, or of colours alone, where the rest was looked at in the other scheme.
async (colours) => {
  const problems = [];
  const name = (element) => `${element.outerHTML.replace(/\s+/g, " ").slice(0, 120)}`;
  const complain = (element, what) => problems.push(`${what}: ${name(element)}`);
  const article = document.querySelector("article");
  const all = (selector) => [...article.querySelectorAll(selector)];
  all("details").forEach((each) => (each.open = true));

  if (document.documentElement.scrollWidth > innerWidth) problems.push("the page scrolls sideways");
  if (document.querySelectorAll("h1").length !== 1) problems.push("has not one h1");
  const overflow = new Map();
  const overflows = (element) => {
    if (!overflow.has(element)) overflow.set(element, getComputedStyle(element).overflowX);
    return overflow.get(element);
  };
  for (const element of all(":not(pre *, span, a, code, strong, mark)")) {
    const { right, width } = element.getBoundingClientRect();
    if (!width) continue;
    let frame = element.parentElement;
    while (frame && overflows(frame) === "visible") frame = frame.parentElement;
    const end = frame ? frame.getBoundingClientRect().right : innerWidth;
    if (right > end + 1 && !/auto|scroll/.test(frame && overflows(frame))) complain(element, "is cut");
    const scrolls = /auto|scroll/.test(overflows(element)) && element.scrollWidth > element.clientWidth + 1;
    if (scrolls && !element.closest("pre, .matrix__scroll")) complain(element, "scrolls sideways");
  }
  for (const each of all(".whole")) if (each.getClientRects().length > 1) complain(each, "is broken between two lines");
  const range = document.createRange();
  for (const heading of all("h1, h2, h3, h4")) {
    const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const { 0: word, index } of texts.currentNode.data.matchAll(/\w+/g)) {
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        const pieces = [...range.getClientRects()];
        const width = pieces.reduce((sum, each) => sum + each.width, 0);
        if (pieces.length > 1 && width < heading.clientWidth) complain(heading, `${word} is broken between two lines`);
      }
    }
  }

  // One element for each ink and the grounds behind it, and of links also for what they stand in: others are as legible.
  const first = new Set(), grounds = new Map([[null, ""]]);
  const behind = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, opacity } = getComputedStyle(element);
      const own = backgroundColor === "rgba(0, 0, 0, 0)" && opacity === "1" ? "" : `${backgroundColor} ${opacity} `;
      grounds.set(element, own + behind(element.parentElement));
    }
    return grounds.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const written = [...element.childNodes].some((each) => each.nodeType === Node.TEXT_NODE && each.data.trim());
    if (!written || !element.checkVisibility()) continue;
    const ink = ({ color, fontSize, fontWeight, textDecorationLine }) => [color, fontSize, fontWeight, textDecorationLine];
    const around = element.tagName === "A" ? ink(getComputedStyle(element.parentElement)) : [];
    const key = [...ink(getComputedStyle(element)), ...around, behind(element)].join();
    element.toggleAttribute("data-ink", !first.has(key));
    first.add(key);
  }
  axe.configure({
    rules: [
      { id: "color-contrast", selector: "[data-ink]" },
      { id: "link-in-text-block", selector: "a[data-ink]" },
    ],
  });
  // The theme lets keys reach a frame that scrolls, some time after it has come to scroll.
  const unreached = () => all("pre > code:not([tabindex])").some((each) => each.scrollWidth > each.clientWidth);
  for (let frames = 0; unreached() && frames < 300; frames++) await new Promise(requestAnimationFrame);
  const only = colours ? { runOnly: ["color-contrast", "link-in-text-block"] } : {};
  const { violations } = await axe.run(document, { ...only, resultTypes: ["violations"], selectors: false });
  for (const { id, help, nodes } of violations) problems.push(`${id}: ${help}: ${nodes.length} times, first ${nodes[0].html}`);
  return problems;
};
