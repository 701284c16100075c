// What needs a script: copying a command, sorting the models, showing those in one state, and opening all in print.
"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  for (const command of all(".command")) {
    const button = command.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = command.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
  }

  for (const head of all("table.models th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const table = head.closest("table"), body = table.tBodies[0], key = head.dataset.sort;
      const down = head.getAttribute("aria-sort") === "ascending";
      all("th[aria-sort]", table).forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = new Intl.Collator("en", { numeric: true }).compare;
      const rows = [...body.rows].sort((a, b) => order(a.dataset[key], b.dataset[key]));
      body.append(...(down ? rows.reverse() : rows));
    });
  }

  const filters = document.querySelector(".filters");
  if (filters) {
    filters.hidden = false;
    filters.addEventListener("change", () => document.dispatchEvent(new Event("samebits-filter")));
  }

  // The newest check is to the right.
  for (const plot of all(".timeline")) plot.scrollLeft = plot.scrollWidth;

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    opened.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((one) => { one.open = false; }));
})();
