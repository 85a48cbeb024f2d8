/* Lets a reader choose an engine: what it printed then comes first, on every page and in both languages, and where a claim does
   not speak of it, that is said. Nothing is hidden, and without a script the newest engine comes first. Looks through the matrix
   of all claims, too. */
{
  const KEY = "engine", MOVABLE = ".capture, .other, .message, .variant";
  const choice = document.querySelector(".engine-choice select"), matrix = document.querySelector(".matrix");
  const moved = [], notes = [];

  /* The first of those that show the same thing on one engine or another, of which `element` is one. */
  function start(element) {
    let first = element, before;
    while ((before = first.previousElementSibling)?.matches(MOVABLE) && !(before.matches(".other") && !first.matches(".other")))
      first = before;
    return first;
  }

  function show(engine, title) {
    while (moved.length) {
      const [stand, element] = moved.pop();
      stand.replaceWith(element);
      if (element.matches(".other")) element.open = false;
    }
    while (notes.length) notes.pop().remove();
    document.querySelectorAll(".chosen").forEach(link => link.classList.remove("chosen"));
    if (!engine) return;
    document.querySelectorAll(`a[data-engine="${engine}"]`).forEach(link => link.classList.add("chosen"));
    for (const element of document.querySelectorAll(`[data-engines~="${engine}"]`)) {
      const first = start(element), stand = document.createComment(engine);
      if (element.matches(".other")) element.open = true;
      if (first === element) continue;
      element.replaceWith(stand);
      first.before(element);
      moved.push([stand, element]);
    }
    for (const proof of document.querySelectorAll(".claim__proof:has(.claim__engines)")) {
      if (proof.querySelector(`[data-engine="${engine}"]`)) continue;
      const note = proof.appendChild(document.createElement("span"));
      note.className = "claim__not";
      note.textContent = choice.dataset.not.replace("{engine}", title);
      notes.push(note);
    }
  }

  function look(fields, status) {
    const [words, topic, engine, which] = fields.map(field => field.value.toLowerCase()), column = Number(engine);
    const kind = matrix.querySelectorAll("thead th[data-kind]")[column].dataset.kind;
    const newest = [...matrix.querySelectorAll("thead th[data-kind]")].findLastIndex(head => head.dataset.kind === kind);
    const WHICH = {
      all: () => true,
      moved: cells => cells[column].dataset.g !== cells[newest].dataset.g,
      same: cells => cells[column].classList.contains("where__same"),
      other: cells => cells[column].classList.contains("where__other"),
      none: cells => cells[column].classList.contains("where__none"),
    };
    let shown = 0, all = 0;
    for (const body of matrix.querySelectorAll("tbody")) {
      let here = 0;
      for (const row of body.querySelectorAll("tr:has(td)")) {
        const found = row.textContent.toLowerCase().includes(words) && (!topic || topic === body.dataset.topic);
        row.hidden = !found || !WHICH[which](row.querySelectorAll("td"));
        all++, here += !row.hidden;
      }
      body.hidden = !here;
      shown += here;
    }
    for (const row of matrix.querySelectorAll("tr"))
      row.querySelectorAll("thead th[data-kind], td").forEach((cell, at) => cell.classList.toggle("matrix__column", at === column));
    status.textContent = status.dataset.counted.replace("{shown}", shown).replace("{all}", all);
  }

  if (choice) {
    choice.value = localStorage.getItem(KEY) ?? "";
    if (choice.selectedIndex < 0) choice.value = "";
    const now = () => show(choice.value, choice.selectedOptions[0].text);
    choice.addEventListener("change", () => (localStorage.setItem(KEY, choice.value), now()));
    now();
  }
  if (matrix) {
    const fields = [...matrix.querySelectorAll("input, select")], status = matrix.querySelector("[role=status]");
    fields.forEach(field => field.addEventListener("input", () => look(fields, status)));
    look(fields, status);
  }
}
