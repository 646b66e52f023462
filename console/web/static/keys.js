// Keys and the few things that pages do by themselves. Every page works without this file.
"use strict";
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const shown = (element) => element && element.offsetParent !== null && !element.disabled;
  let first = "";

  // <a data-key="a"> or <button data-key="g d">: pressed with that key or those two
  function press(key) {
    const pair = first ? `${first} ${key}` : key;
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(pair)}"]`)].find(shown);
    if (found) { found.focus(); found.click(); }
    return Boolean(found);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { document.getElementById("help")?.showModal(); event.preventDefault(); return; }
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (box) { box.focus(); box.select(); } else { location.href = "/search"; }
      event.preventDefault();
      return;
    }
    if (press(event.key)) { event.preventDefault(); first = ""; return; }
    if (!first && event.key === "g") { first = "g"; setTimeout(() => { first = ""; }, 1000); return; }
    if (first === "g") {
      const to = { d: "/queues/review", h: "/", p: "/queues/print" }[event.key];
      first = "";
      if (to) location.href = to;
    }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-help], [data-opens]");
    if (opener) document.getElementById(opener.dataset.opens || "help")?.showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog")?.close();
    if (event.target.closest("[data-reloads]")) location.reload();
  });

  // numbers beside the menu: /counts answers with <data value="12" data-for="review">
  document.addEventListener("htmx:afterSwap", () => {
    document.querySelectorAll("#counts data").forEach((one) => {
      document.querySelectorAll(`[data-count="${CSS.escape(one.dataset.for)}"]`).forEach((place) => { place.textContent = one.value === "0" ? "" : one.value; });
    });
  });

  // a session that ended: what was typed stays in the page
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    const ended = document.getElementById("ended");
    if (status === 401 && ended) { if (!ended.open) ended.showModal(); return; }
    const place = document.getElementById("said");
    if (place && event.detail.xhr.responseText) {
      const told = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
      const text = [...told.querySelectorAll("h1, .wrong li")].map((one) => one.textContent).join(" ");
      const line = document.createElement("p");
      line.className = "said bad";
      line.textContent = text || String(status);
      place.replaceChildren(line);
    }
  });

  // forms keep what was typed, in this tab only and for this person, until it was sent and taken: a page that tells of trouble
  // puts what was sent back
  const mine = document.querySelector(".who a[href='/me']")?.title;
  const named = (start) => Object.keys(sessionStorage).filter((key) => key.startsWith(start));
  const trouble = document.querySelector("[role=alert].wrong") !== null;
  if (trouble || mine) {
    named("sent ").forEach((key) => {
      if (trouble) sessionStorage.setItem(key.slice(5), sessionStorage.getItem(key));
      sessionStorage.removeItem(key);
    });
  }
  document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => named("").filter((key) => /^(sent )?draft /.test(key)).forEach((key) => sessionStorage.removeItem(key)));
  const value = (one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value);
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const key = `draft ${mine} ${location.pathname} ${form.dataset.draft}`;
    const fields = () => [...form.elements].filter((one) => one.name && !["password", "hidden", "file"].includes(one.type) && one.name !== "code");
    const kept = sessionStorage.getItem(key);
    if (kept) {
      const values = JSON.parse(kept);
      fields().forEach((one, at) => {
        if (values[at] === undefined) return;
        if (["checkbox", "radio"].includes(one.type)) one.checked = values[at]; else one.value = values[at];
      });
      form.closest("details")?.setAttribute("open", "");
    }
    form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(fields().map(value))));
    form.addEventListener("submit", () => {
      if (sessionStorage.getItem(key) === null) return;
      sessionStorage.setItem(`sent ${key}`, sessionStorage.getItem(key));
      sessionStorage.removeItem(key);
    });
  });
})();
