// @ts-check
// A file of a message as an element, like templates/partials/message.html ("file") makes it.
import { t } from "./text.js";

/**
 * @typedef {object} FileView what frames and uploads say of a file
 * @property {string} id
 * @property {string} name
 * @property {string} type
 * @property {number} size
 * @property {string} url
 * @property {string | null} [thumb]
 * @property {number} [width]
 * @property {number} [height]
 */

const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** @param {FileView} f */
export const shown = (f) => PICTURES.includes(f.type);

/** A size as people say it. @param {number} n bytes */
export function sized(n) {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${Math.round(n / 1000)} KB`;
  return `${(n / 1e6).toFixed(1)} MB`;
}

/** @param {string} name */
export function icon(name) {
  const known = /** @type {SVGUseElement | null} */ (document.querySelector("svg.icon use"));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", (known?.getAttribute("href") ?? "").replace(/#.*/, "#" + name));
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** @param {string} name @param {string} text */
function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

/** @param {FileView} f @returns {HTMLAnchorElement} */
export function fileElement(f) {
  const a = document.createElement("a");
  a.className = "file";
  a.href = f.url;
  Object.assign(a.dataset, { file: f.id, name: f.name });
  if (!shown(f)) {
    a.download = f.name;
    a.append(icon("file"), span("file-name", f.name), span("file-size", sized(f.size)));
    return a;
  }
  a.classList.add("picture");
  a.dataset.picture = "";
  const img = document.createElement("img");
  img.alt = f.name;
  img.loading = "lazy";
  if (f.width && f.height) Object.assign(img, { width: f.width, height: f.height });
  img.src = f.thumb || f.url;
  a.append(img);
  return a;
}

/** Small pictures have come: they take the place of the large ones. @param {ParentNode} message @param {{id: string, thumb: string | null}[]} files */
export function ready(message, files = []) {
  for (const f of files) {
    const img = /** @type {HTMLImageElement | null} */ (message.querySelector(`[data-file="${f.id}"] img`));
    if (img && f.thumb && !img.complete) img.src = f.thumb;
  }
}

// A picture opens over the page; with a modifier the browser does what it always does.
document.addEventListener("click", (e) => {
  const link = /** @type {HTMLElement} */ (e.target).closest?.("a[data-picture]");
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("viewer"));
  if (!(link instanceof HTMLAnchorElement) || !dialog || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  const img = /** @type {HTMLImageElement} */ (dialog.querySelector("img"));
  const save = /** @type {HTMLAnchorElement} */ (dialog.querySelector("[data-save]"));
  img.src = link.href;
  img.alt = link.dataset.name ?? "";
  save.href = link.href + "?download=1";
  save.download = img.alt;
  dialog.setAttribute("aria-label", t("files.open", { name: img.alt }));
  dialog.showModal();
});
