// Keys and ticks. Every action works without this script; it only saves the clerk's hands.
(() => {
  "use strict";
  const many = document.querySelector("form.many");
  if (many) {
    const all = many.querySelector("[data-all]");
    const ticks = Array.from(many.querySelectorAll("input[name=item]:not(:disabled)"));
    const told = many.querySelector("[data-ticked]");
    const count = () => {
      const ticked = ticks.filter((tick) => tick.checked).length;
      told.value = ticked ? ` ${ticked}` : "";
      all.checked = ticked > 0 && ticked === ticks.length;
      all.indeterminate = ticked > 0 && ticked < ticks.length;
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const tick of ticks) tick.checked = all.checked;
      count();
    });
    many.addEventListener("change", count);
    count();
  }
  for (const select of document.querySelectorAll("form.filter select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  // Single keys (WCAG 2.1.4): they can be switched off, and rest while something is typed.
  const box = document.querySelector("[data-keys]");
  const wanted = () => localStorage.getItem("keys") !== "off";
  if (box) {
    box.closest("[hidden]").hidden = false;
    box.checked = wanted();
    box.addEventListener("change", () => {
      localStorage.setItem("keys", box.checked ? "on" : "off");
      show();
    });
  }
  const show = () => document.documentElement.classList.toggle("keys", wanted());
  show();
  let asked = null;
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey) return;
    const typing = event.target.closest("textarea, input:not([type=checkbox]):not([type=radio]), select");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      if (event.key === "Enter" && event.ctrlKey && asked) asked.click();
      return;
    }
    if (event.ctrlKey || event.repeat || !wanted()) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.name === "choice") asked = target;
    target.click();
  });
})();
