// Search: `/` goes there. On a page with the table of models it narrows the table, elsewhere it lists what it finds.
"use strict";
(() => {
  const box = document.querySelector(".search");
  if (!box) return;
  const input = box.querySelector("input"), list = box.querySelector(".found");
  const table = document.querySelector("table[data-searched]"), said = document.querySelector("#said");
  const root = document.documentElement.dataset.root || "", MOST = 12;
  box.hidden = false;

  const words = () => input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text, wanted) => wanted.every((word) => text.includes(word));

  const narrow = () => {
    const wanted = words(), state = document.querySelector(".filters :checked");
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const fits = holds(row.dataset.text, wanted) && (!state || !state.value || row.dataset.state === state.value);
      row.hidden = !fits;
      shown += fits;
    }
    const total = table.tBodies[0].rows.length;
    said.textContent = shown === total ? "" : `${shown} of ${total} models`;
  };

  let chosen = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    const found = options();
    chosen = found.length ? (index + found.length) % found.length : -1;
    found.forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
    if (chosen >= 0) {
      input.setAttribute("aria-activedescendant", found[chosen].id);
      found[chosen].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
    chosen = -1;
  };
  const go = (href) => { location.href = root + href; };

  const option = ([name, href, state, look], index) => {
    const item = document.createElement("li"), label = document.createElement("bdi"), word = document.createElement("span");
    item.id = `found-${index}`;
    item.setAttribute("role", "option");
    item.dataset.href = href;
    label.textContent = name;
    word.className = `state ${look}`;
    word.textContent = state;
    item.append(label, word);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); go(href); });
    return item;
  };
  const show = () => {
    const wanted = words();
    if (!wanted.length) return close();
    const found = (window.samebitsIndex || []).filter((entry) => holds(`${entry[0].toLowerCase()} ${entry[4]}`, wanted));
    list.replaceChildren(...found.slice(0, MOST).map(option));
    said.textContent = found.length ? `${found.length} found` : "nothing found";
    if (!found.length) {
      const nothing = document.createElement("li");
      nothing.className = "nothing";
      nothing.setAttribute("role", "option");
      nothing.setAttribute("aria-disabled", "true");
      nothing.textContent = "nothing found";
      list.append(nothing);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    choose(0);
  };

  const enter = () => {
    if (table) {
      const first = table.querySelector("tbody tr:not([hidden]) a");
      if (first) first.click();
    } else if (chosen >= 0 && options()[chosen].dataset.href) {
      go(options()[chosen].dataset.href);
    }
  };
  const keys = {
    Enter: enter,
    Escape: () => { input.value = ""; if (table) narrow(); else close(); input.blur(); },
    ArrowDown: () => { if (table) table.querySelector("tbody tr:not([hidden]) a")?.focus(); else choose(chosen + 1); },
    ArrowUp: () => { if (!table) choose(chosen - 1); },
  };
  input.addEventListener("input", table ? narrow : show);
  input.addEventListener("keydown", (event) => {
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  if (table) {
    document.addEventListener("samebits-filter", narrow);
    narrow();
  } else {
    input.addEventListener("blur", close);
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
})();
