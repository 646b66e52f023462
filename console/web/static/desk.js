// The desk: findings and boxes light up together, the claim's time, returning with remarks, and no decision by a key that is stuck.
"use strict";
(() => {
  const desk = document.getElementById("desk");
  if (!desk) return;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const quoted = (text) => `"${CSS.escape(text)}"`;
  const english = document.documentElement.lang === "en";

  // 1. a key that is held down, or still down from the page before, decides nothing; J and K may be held
  const shownAt = performance.now();
  window.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select") || ["j", "k"].includes(event.key)) return;
    const early = event.key === "a" && performance.now() - shownAt < 250;
    if (event.repeat || early) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);
  all("form[data-decision], #decide form").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent || (form.dataset.decision !== undefined && document.body.classList.contains("lease-lost"))) { event.preventDefault(); return; }
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    setTimeout(() => all("button", form).forEach((button) => { button.disabled = true; }));
  }));
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // 2. a finding and its box light up together
  let lit = [];
  const boxes = (name) => all(`[data-box=${quoted(name)}]`, desk);
  function light(name, line, finding) {
    lit.forEach((one) => one.classList.remove("lit"));
    lit = [];
    if (name) {
      const rows = line && line !== "0" ? all(`[data-line=${quoted(line)}] [data-box=${quoted(name)}]`, desk) : [];
      lit = rows.length ? [...rows, ...boxes(name).filter((box) => box.tagName === "TH")] : boxes(name);
    }
    lit.push(...(finding ? [finding] : []));
    lit.forEach((one) => one.classList.add("lit"));
  }
  function dark() { if (!chosen) light("", "", null); else show(chosen, false); }
  let chosen = null;
  function show(one, far) {
    light(one.dataset.of, one.dataset.line, one);
    if (far && lit.length) lit[0].scrollIntoView({ block: "nearest" });
  }
  const listed = all(".finding, .change", desk);
  listed.forEach((one) => {
    one.addEventListener("mouseenter", () => show(one, false));
    one.addEventListener("mouseleave", dark);
    one.addEventListener("focusin", () => { chosen = one; show(one, true); });
    one.addEventListener("click", (event) => { chosen = one; if (!event.target.closest("a")) show(one, true); });
  });
  const ofBox = (name) => all(`.finding[data-of=${quoted(name)}]`, desk);
  all("[data-box]", desk).forEach((box) => {
    const name = box.dataset.box;
    box.addEventListener("mouseenter", () => { if (ofBox(name).length) { light(name, "", null); ofBox(name).forEach((one) => { one.classList.add("lit"); lit.push(one); }); } });
    box.addEventListener("mouseleave", dark);
    box.addEventListener("click", (event) => {
      if (event.target.closest("a")) return;
      if (returning?.classList.contains("open")) { remark(name); return; }
      const first = ofBox(name)[0];
      if (first) { chosen = first; first.scrollIntoView({ block: "nearest" }); light(name, "", first); }
    });
  });
  all(".tag[data-finding]", desk).forEach((tag) => tag.addEventListener("click", () => document.getElementById(`finding-${tag.dataset.finding}`)?.focus()));

  // 3. J and K walk through the findings, then the changes
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
    if (event.target.closest("input, textarea, select") || document.querySelector("dialog[open]") || !listed.length) return;
    const at = listed.indexOf(chosen), step = event.key === "j" ? 1 : -1;
    chosen = listed[(at + step + listed.length) % listed.length] || listed[0];
    if (!chosen.hasAttribute("tabindex")) chosen.tabIndex = -1;
    chosen.focus({ preventScroll: true });
    chosen.scrollIntoView({ block: "nearest" });
    show(chosen, true);
    event.preventDefault();
  });

  // 4. returning: beside the paper; a box that is clicked gets a remark
  const returning = document.getElementById("return");
  const form = returning?.querySelector("form");
  function open() { returning?.classList.add("open"); returning?.scrollIntoView({ block: "nearest" }); }
  function remark(name) {
    const field = returning?.querySelector(`.remark[data-for=${quoted(name)}]`);
    if (!field) return;
    open();
    field.classList.remove("quiet");
    field.querySelector("textarea").focus();
  }
  all(".remark", desk).forEach((one) => one.classList.toggle("quiet", !one.querySelector("textarea").value));
  if (form && all("textarea", form).some((one) => one.value)) open();  // a draft
  if (location.hash === "#return") open();
  all("[data-open-return]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); open(); form?.querySelector("select").focus(); }));
  all("[data-remark]", desk).forEach((button) => button.addEventListener("click", (event) => { event.stopPropagation(); remark(button.dataset.remark); }));
  function close() { returning?.classList.remove("open"); if (location.hash === "#return") history.replaceState(null, "", location.pathname); }
  all("[data-close-return]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); close(); }));
  form?.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); event.stopPropagation(); } });
  form?.addEventListener("submit", (event) => {
    const said = all("textarea, select", form).some((one) => one.value.trim()) || all("input[name=keep]", form).some((one) => one.checked);
    form.querySelector("[data-fault]").hidden = said;
    if (!said) { event.preventDefault(); delete form.dataset.sent; }
  }, true);

  // 5. forms: Ctrl+Enter sends
  all("form[data-draft]").forEach((one) => {
    one.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) one.requestSubmit(); });
  });
  all("[data-next]").forEach((box) => {  // whether the next one opens is a habit
    if (localStorage.getItem("desk next") === "no") box.checked = false;
    box.addEventListener("change", () => localStorage.setItem("desk next", box.checked ? "yes" : "no"));
  });

  // 6. the claim: its time runs down; work renews it, at most once a minute
  const lease = document.getElementById("lease");
  if (!lease) return;
  let end = 0, worked = false, renewed = performance.now();
  function begin() {
    const shown = lease.querySelector("[data-seconds]");
    if (shown) end = performance.now() + 1000 * Number(shown.dataset.seconds);
    if (lease.querySelector("[data-lost]")) lost();
  }
  function lost() { end = 0; document.body.classList.add("lease-lost"); document.getElementById("decide")?.classList.add("gone-by"); returning?.classList.add("gone-by"); }
  function tick() {
    if (!end) return;
    const left = Math.round((end - performance.now()) / 1000), place = lease.querySelector(".left");
    if (place) place.textContent = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : (english ? "ended" : "已到期");
    lease.firstElementChild?.classList.toggle("soon", left < 120);
    if (worked && performance.now() - renewed > 60000) { worked = false; renewed = performance.now(); window.htmx?.trigger(lease, "work"); }
  }
  ["keydown", "pointerdown", "pointermove", "scroll"].forEach((kind) => document.addEventListener(kind, () => { worked = true; }, { passive: true, capture: true }));
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === lease) begin(); });
  begin();
  tick();
  setInterval(tick, 1000);
})();
