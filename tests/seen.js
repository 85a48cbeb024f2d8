// What a reader sees of a page's claims: {problems: […], sentences: […], texts: […]}. Opens what is folded.
() => {
  const problems = [];
  const name = (element) => {
    const claim = element.closest("[data-claim]")?.dataset.claim ?? "";
    return `${element.tagName.toLowerCase()}.${element.className} of ${claim}: ${element.textContent.trim().slice(0, 40)}`;
  };
  const complain = (element, what) => problems.push(`${name(element)}: ${what}`);
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const mixed = (...colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) =>
    rgb
      .map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (element) => {
    const grounds = [];
    for (let each = element; each; each = each.parentElement) grounds.unshift(getComputedStyle(each).backgroundColor);
    const ground = mixed("white", ...grounds);
    const ink = mixed("white", ...grounds, getComputedStyle(element).color);
    const [bright, dark] = [light(ground), light(ink)].sort((a, b) => b - a);
    return (bright + 0.05) / (dark + 0.05);
  };
  const known = new Set();
  const styled = (element) => {
    for (let each = element; each && !known.has(each); each = each.parentElement) {
      known.add(each);
      const style = getComputedStyle(each);
      if (style.opacity < 0.9) complain(each, "is not displayed");
      if (style.textDecorationLine.includes("line-through")) complain(each, "is struck through");
      if (style.clipPath !== "none" || style.maskImage !== "none" || style.filter !== "none") complain(each, "is cut");
      if (style.transform !== "none" || style.translate !== "none" || style.scale !== "none") complain(each, "is moved");
    }
  };
  const look = (element) => {
    if (!element.textContent.trim()) return;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) complain(element, "is not displayed");
    styled(element);
    if (parseFloat(getComputedStyle(element).fontSize) < 8) complain(element, "is too small");
    if (contrast(element) < 3) complain(element, "cannot be told from its ground");
  };
  const touch = (element) => {
    element.scrollIntoView({ block: "start", inline: "start", behavior: "instant" });
    // From below the page's head, which stays.
    if (element.getBoundingClientRect().top < 200) scrollBy({ top: -200, behavior: "instant" });
    const { left, top, width, height } = element.getBoundingClientRect();
    const hit = document.elementFromPoint(left + Math.min(width / 2, 20), top + Math.min(height / 2, 10));
    if (!hit || !element.contains(hit)) complain(element, `is covered, or out of sight: ${hit?.outerHTML.slice(0, 80)} is there`);
  };
  const article = document.querySelector("article");
  const all = (selector) => [...article.querySelectorAll(selector)];
  all("summary").forEach(look);
  all("summary").forEach(touch);
  all("details").forEach((each) => (each.open = true));
  const sentences = all(".claim > :first-child");
  const seen = all(".verdict, .claim__engines a, .claim__date, .capture__where, .capture__exit, .terminal span");
  [...sentences, ...seen].forEach(look);
  [...sentences, ...all(".verdict, .terminal, .screenshot")].forEach(touch);
  // Captions of the memo's table where it is stacked, heads of columns beside cells that stand alone, and shapes without words.
  const captions = ["none", "normal", '""', '"memo"', '"today"', '"メモ"', '"今日"'];
  for (const element of [document.body, article, ...all("*")]) {
    for (const place of ["::before", "::after", "::marker"]) {
      const { content, display } = getComputedStyle(element, place);
      const head = element.tagName === "TD" && element.closest("table").tHead?.rows[0].cells[element.cellIndex]?.textContent;
      if (![...captions, JSON.stringify(head)].includes(content) && display !== "none") complain(element, `${place} is ${content}`);
    }
  }
  let above = -Infinity;
  for (const element of all(".claim, .capture, .counterfactual")) {
    const { top } = element.getBoundingClientRect();
    if (top + scrollY < above) complain(element, "is above what it follows");
    above = top + scrollY;
  }
  return {
    problems,
    sentences: sentences.map((each) => each.innerText),
    texts: all(".claim__proof, .terminal, .capture__exit, .capture__where").map((each) => each.textContent),
  };
};
