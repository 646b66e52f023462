// Rows of lists: J and K move, Enter opens, space selects, with shift a range; the bar at the bottom shows what may be done.
"use strict";
(() => {
  const table = document.querySelector("table[data-rows]");
  if (!table) return;
  const rows = [...document.querySelectorAll("table[data-rows] tbody tr")];
  const bar = document.querySelector("[data-bulk]");
  const box = (row) => row.querySelector('input[type="checkbox"][name="row"]');
  const at = () => rows.indexOf(document.activeElement && document.activeElement.closest("tr[data-href]"));
  let last = -1;

  function show() {
    const chosen = rows.filter((row) => box(row) && box(row).checked);
    rows.forEach((row) => { if (box(row)) row.setAttribute("aria-selected", String(box(row).checked)); });
    if (!bar) return;
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-selected]").textContent = String(chosen.length);
    const closer = chosen.some((row) => !("batch" in box(row).dataset));
    bar.querySelectorAll("[data-needs-batch]").forEach((one) => { one.disabled = closer; });
    bar.querySelectorAll("[data-batch-hint]").forEach((one) => { one.hidden = !closer; });
  }

  function select(index, range) {
    const one = box(rows[index]);
    if (!one) return;
    one.checked = !one.checked;
    if (range && last >= 0) {
      for (let i = Math.min(last, index); i <= Math.max(last, index); i += 1) if (box(rows[i])) box(rows[i]).checked = one.checked;
    }
    last = index;
    show();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type='checkbox']), textarea, select, button, summary, dialog")) return;
    const now = at();
    const step = { j: 1, k: -1, ...(now >= 0 ? { ArrowDown: 1, ArrowUp: -1 } : {}) }[event.key];
    if (step) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
      if (next) { next.focus(); event.preventDefault(); event.stopPropagation(); }
    } else if (event.key === " " && now >= 0) {
      select(now, event.shiftKey);
      event.preventDefault();
    } else if (event.key === "Enter" && now >= 0 && event.target.matches("tr")) {
      location.href = rows[now].dataset.href;
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const one = event.target.closest('input[type="checkbox"][name="row"]');
    if (one) {
      const index = rows.indexOf(one.closest("tr"));
      if (event.shiftKey && last >= 0) {
        for (let i = Math.min(last, index); i <= Math.max(last, index); i += 1) if (box(rows[i])) box(rows[i]).checked = one.checked;
      }
      last = index;
      show();
      return;
    }
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label, select") && !String(getSelection())) location.href = row.dataset.href;
  });

  const all = document.querySelector("[data-all]");
  if (all) all.addEventListener("change", () => { rows.forEach((row) => { if (box(row)) box(row).checked = all.checked; }); show(); });
  show();
})();
