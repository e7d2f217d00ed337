// Wakes the design system's components and adds our few improvements. Every page works without this file.
const kit = document.querySelector("script[data-kit]").dataset.kit;
import(kit).then(({ initAll }) => initAll());

// Our own error summary says what is wrong, in our words.
for (const form of document.querySelectorAll("form")) form.noValidate = true;

// Tables drawn as cards on a phone lose their roles in some browsers: say them.
const roles = { THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row", TD: "cell" };
for (const table of document.querySelectorAll("table.t-table--cards, table.t-bars")) {
  table.setAttribute("role", "table");
  for (const part of table.querySelectorAll("thead, tbody, tfoot, tr, td")) part.setAttribute("role", roles[part.tagName]);
  for (const head of table.querySelectorAll("th")) head.setAttribute("role", head.scope === "row" ? "rowheader" : "columnheader");
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// <button data-copy="text" hidden>Copy the link</button>
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  });
}
