// Find, narrow down, sort and copy. The report is whole without this script; it adds nothing that is not there.
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
  // A link to a finding opens what it is folded in.
  const unfold = () => {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const group = row && row.closest("details");
    if (group && !group.open) {
      group.open = true;
      row.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  unfold();
  if (!bar) return;

  const field = (name) => bar.querySelector(`[name=${name}]`);
  const words = field("words");
  const choices = ["part", "rule", "column", "state"].map(field).filter(Boolean);
  const order = field("order");
  const shown = bar.querySelector("output");
  const text = (row, selector) => (row.querySelector(selector) || { textContent: "" }).textContent;
  const groups = Array.from(document.querySelectorAll("details.group"), (details) => ({
    details,
    open: details.open,
    part: details.dataset.part,
    rule: details.dataset.rule,
    body: details.querySelector("tbody"),
    heading: details.closest(".indicator"),
    list: details.closest(".part"),
  }));
  const rows = groups.flatMap((group) => Array.from(group.body.rows, (row) => ({ row, group, words: "", column: null })));

  const matches = (entry, wanted) => {
    for (const { name, value } of choices) {
      if (value === "") continue;
      if (name === "state") {
        const review = entry.row.hasAttribute("data-review");
        if (!{ certain: !review, review, new: entry.row.hasAttribute("data-new") }[value]) return false;
      }
      if ((name === "part" || name === "rule") && entry.group[name] !== value) return false;
      if (name === "column") {
        if (entry.column === null) entry.column = text(entry.row, ".c bdi");
        if (entry.column !== value) return false;
      }
    }
    if (!wanted.length) return true;
    if (!entry.words) entry.words = entry.row.textContent.toLowerCase();
    return wanted.every((word) => entry.words.includes(word));
  };

  const apply = () => {
    const wanted = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const asked = wanted.length > 0 || choices.some((choice) => choice.value !== "");
    const counts = new Map();
    let total = 0;
    for (const entry of rows) {
      const match = !asked || matches(entry, wanted);
      if (entry.row.hidden === match) entry.row.hidden = !match;
      if (!match) continue;
      total += 1;
      counts.set(entry.group, (counts.get(entry.group) || 0) + 1);
      counts.set(entry.group.heading, (counts.get(entry.group.heading) || 0) + 1);
    }
    const flat = order.value !== "";
    for (const group of groups) {
      group.details.hidden = flat || !counts.has(group);
      group.details.open = asked ? counts.has(group) : group.open;
      if (group.heading) group.heading.hidden = flat || !counts.has(group.heading);
    }
    shown.value = shown.dataset.text.replace("{shown}", total).replace("{all}", rows.length);
  };

  // Sorted, the findings of a site stand in one table; each then says which indicator it belongs to.
  const at = (row) => text(row, ".at");
  const keys = {
    page: ({ row }) => text(row, ".on a") || at(row),
    at: ({ row }) => at(row),
    points: ({ row }) => -Number((row.dataset.points || "0").replace(/,/g, "")),
    first: ({ row }) => row.dataset.first || "9999",
  };
  const tables = new Map();
  const tableOf = (list) => {
    if (!tables.has(list)) {
      const table = list.querySelector("table.findings").cloneNode(false);
      table.append(list.querySelector("table.findings thead").cloneNode(true), document.createElement("tbody"));
      table.classList.add("flat");
      list.append(table);
      tables.set(list, table);
    }
    return tables.get(list);
  };
  const arrange = () => {
    const key = keys[order.value];
    for (const table of tables.values()) table.hidden = !key;
    if (!key) {
      for (const { row, group } of rows) group.body.append(row);
      return;
    }
    const keyed = rows.map((entry) => [key(entry), entry]);
    keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [, { row, group }] of keyed) {
      if (!row.cells[1].dataset.of) {
        const code = group.heading ? text(group.heading, "h4 bdi") : "";
        row.cells[1].dataset.of = `${code} · ${group.details.querySelector("summary").firstChild.data.trim()}`;
      }
      tableOf(group.list).tBodies[0].append(row);
    }
    for (const table of tables.values()) table.hidden = false;
  };

  // Copying: what a person would paste into a message to the editor.
  const lines = (entry) => {
    const site = entry.row.closest(".site");
    const summary = entry.group.details.querySelector("summary").firstChild.data.trim();
    const told = [`${text(site, "h2")}　${text(entry.group.heading || site, "h4 bdi")}　${summary}`];
    for (const p of entry.row.cells[1].querySelectorAll("p")) {
      const parts = p.querySelectorAll(":scope > span");
      for (const part of parts.length ? parts : [p]) told.push(part.textContent.replace(/\s+/g, " ").trim());
    }
    told.push(entry.row.cells[3].textContent.split("\n").join("　"));
    const fix = entry.group.details.querySelector(".law .fix");
    if (fix) told.push(`${fix.previousSibling.textContent.trim()}：${fix.textContent.trim()}`);
    return told.join("\n");
  };
  const copy = async (button, entries) => {
    const told = entries.map(lines).join("\n\n");
    const label = button.textContent;
    let done = true;
    try {
      await navigator.clipboard.writeText(told);
    } catch {
      // An old browser, or one that forbids it to files: by way of a field.
      const field = document.createElement("textarea");
      field.value = told;
      document.body.append(field);
      field.select();
      done = document.execCommand("copy");
      field.remove();
      button.focus();
    }
    button.textContent = done ? bar.dataset.copied : bar.dataset.missed;
    shown.value = button.textContent;
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  };
  field("copy").addEventListener("click", (event) => {
    copy(event.currentTarget, rows.filter(({ row }) => !row.hidden));
  });
  // A row gets its button when somebody comes to it: ten thousand buttons would be slow.
  const byRow = new Map(rows.map((entry) => [entry.row, entry]));
  const offer = (event) => {
    const row = event.target.closest && event.target.closest("table.findings tbody > tr");
    if (!row || !byRow.has(row) || row.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = bar.dataset.copy;
    button.addEventListener("click", () => copy(button, [byRow.get(row)]));
    row.cells[2].append(button);
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, offer);

  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 150);
  });
  for (const choice of choices) choice.addEventListener("change", apply);
  order.addEventListener("change", () => {
    arrange();
    apply();
  });
  bar.hidden = false;
  apply();
})();
