// What is wrong with a page for who cannot see it, or sees little: a list of sentences.
() => {
  const faults = [];
  const at = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""} "${(element.textContent || element.name || "").trim().slice(0, 30)}"`;
  const seen = (element) => element.getClientRects().length > 0;
  const named = (element) => (element.textContent || "").trim() || element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.title;

  if (!document.documentElement.lang) faults.push("no lang");
  const headings = [...document.querySelectorAll("h1")].filter(seen);
  if (headings.length !== 1) faults.push(`${headings.length} h1`);
  if (!document.title.trim() || document.title.startsWith("coedi ·")) faults.push(`title ${document.title}`);
  if (document.querySelectorAll("main").length !== 1) faults.push("no main");

  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const label = [...(field.labels || [])].some((one) => one.textContent.trim());
    if (!label && !field.getAttribute("aria-label") && !field.getAttribute("aria-labelledby")) faults.push(`no label: ${field.outerHTML.slice(0, 80)}`);
  }
  for (const element of document.querySelectorAll("button, a[href], summary")) if (!named(element)) faults.push(`no name: ${element.outerHTML.slice(0, 80)}`);
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) faults.push(`no alt: ${image.outerHTML.slice(0, 80)}`);
  for (const image of document.querySelectorAll("svg")) {
    if (image.getAttribute("aria-hidden") !== "true" && !(image.getAttribute("role") === "img" && (image.getAttribute("aria-label") || image.querySelector("title")))) faults.push(`svg without a role: ${image.outerHTML.slice(0, 80)}`);
  }
  for (const table of document.querySelectorAll("table")) if (!table.querySelector("th")) faults.push(`table without heads: ${at(table)}`);

  const ids = new Map();
  for (const element of document.querySelectorAll("[id]")) ids.set(element.id, (ids.get(element.id) || 0) + 1);
  for (const [id, count] of ids) if (count > 1) faults.push(`id ${id} ${count} times`);
  for (const element of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")) {
    const wanted = `${element.getAttribute("aria-labelledby") || ""} ${element.getAttribute("aria-describedby") || ""} ${element.getAttribute("for") || ""}`;
    for (const id of wanted.split(/\s+/).filter(Boolean)) if (!ids.has(id)) faults.push(`${id} is named but not there`);
  }

  const wide = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 1) {
    const cause = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).slice(0, 3).map((one) => `${one.tagName}.${one.className}`);
    faults.push(`${wide} px too wide: ${cause}`);
  }

  // contrast as WCAG 2 computes it
  const parse = (text) => { const found = text.match(/[\d.]+/g).map(Number); return { rgb: found.slice(0, 3), a: found.length > 3 ? found[3] : 1 }; };
  const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((one) => { const part = one / 255; return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; }); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
  const over = (front, back) => front.rgb.map((one, n) => one * front.a + back[n] * (1 - front.a));
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) { const found = parse(getComputedStyle(one).backgroundColor); if (found.a > 0) layers.unshift(found); if (found.a === 1) break; }
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return layers.reduce((back, front) => over(front, back), dark ? [18, 18, 18] : [255, 255, 255]);
  };
  const low = new Map();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !seen(element) || element.closest("svg, :disabled, .unseen")) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || Number(style.opacity) === 0) continue;
    const back = ground(element);
    const [one, two] = [light(over(parse(style.color), back)), light(back)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < least) low.set(`${element.tagName}.${element.className}`, `contrast ${ratio.toFixed(2)} of ${at(element)}`);
  }
  return [...faults, ...low.values()];
}
