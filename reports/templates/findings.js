// Filter and search. The report is whole without this script; it only hides rows that were not asked for.
(() => {
  "use strict";
  const bar = document.getElementById("filter");
  const sections = Array.from(document.querySelectorAll("details"));
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = sections.filter((details) => !details.open);
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
  if (!bar) return;

  const [words, part, state] = ["words", "part", "state"].map((name) => bar.querySelector(`[name=${name}]`));
  const shown = bar.querySelector("output");
  const groups = Array.from(document.querySelectorAll("details.group"), (details) => ({
    details,
    open: details.open,
    part: details.dataset.part,
    heading: details.closest(".indicator"),
    rows: Array.from(details.querySelectorAll("tbody > tr"), (row) => ({ row, kinds: [row.hasAttribute("data-review") ? "review" : "certain", row.hasAttribute("data-new") ? "new" : ""], text: "" })),
  }));
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);

  const apply = () => {
    const wanted = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const asked = wanted.length > 0 || part.value !== "" || state.value !== "";
    let total = 0;
    const headings = new Map();
    for (const group of groups) {
      let count = 0;
      for (const entry of group.rows) {
        let match = (part.value === "" || group.part === part.value) && (state.value === "" || entry.kinds.includes(state.value));
        if (match && wanted.length) {
          if (!entry.text) entry.text = entry.row.textContent.toLowerCase();
          match = wanted.every((word) => entry.text.includes(word));
        }
        if (entry.row.hidden === match) entry.row.hidden = !match;
        if (match) count += 1;
      }
      group.details.hidden = count === 0;
      group.details.open = asked ? count > 0 : group.open;
      headings.set(group.heading, (headings.get(group.heading) || 0) + count);
      total += count;
    }
    for (const [heading, count] of headings) if (heading) heading.hidden = count === 0;
    shown.value = shown.dataset.text.replace("{shown}", total).replace("{all}", all);
  };

  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 150);
  });
  part.addEventListener("change", apply);
  state.addEventListener("change", apply);
  bar.hidden = false;
  apply();
})();
