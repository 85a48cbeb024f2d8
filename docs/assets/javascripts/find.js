/* Runs before the theme's script. Gives the theme our search, lets text that was pasted be searched for, and brings to life
   the fields in which a reader looks for a message. */
{
  const config = document.getElementById("__config");
  const { base } = JSON.parse(config.textContent);
  // The worker is one for all languages: what follows # tells it whose index to ask.
  const search = new URL("search.js", document.currentScript.src) + "#" + new URL(base.replace(/\/?$/, "/"), location);
  config.textContent = JSON.stringify({ ...JSON.parse(config.textContent), search });

  // The theme listens for keys alone: neither a mouse nor a finger that pastes is heard.
  const query = document.querySelector(".md-search__input");
  query.addEventListener("input", () => query.dispatchEvent(new KeyboardEvent("keyup")));

  const QUERY = 2, RESULT = 3; // the theme's messages, see search.js
  const MOST = 5, NEAR = 0.5;

  for (const finder of document.querySelectorAll(".finder")) {
    const { only, root } = finder.dataset;
    const field = finder.querySelector("textarea"), said = finder.querySelector("[role=status]"), list = finder.querySelector("ol");
    let worker;

    function show({ data: { type, data } }) {
      if (type !== RESULT) return;
      const hits = data.items.flat().filter((hit, _, [best]) => hit.score > NEAR * best.score).slice(0, MOST);
      said.textContent = field.value.trim() && (hits.length ? said.dataset.found : said.dataset.none);
      list.replaceChildren(...hits.map(hit => {
        const item = document.createElement("li"), link = item.appendChild(document.createElement("a"));
        link.href = root + hit.location;
        link.innerHTML = hit.heading; // as the page has it
        return item;
      }));
    }

    field.addEventListener("input", () => {
      if (!worker) (worker = new Worker(search)).addEventListener("message", show);
      worker.postMessage({ type: QUERY, data: field.value.trim(), only });
    });
  }
}
