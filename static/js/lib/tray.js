// @ts-check
// The files that will go with the next message: each is made smaller, sent to the desk at once, and shown with how far it
// is. One that failed stays with the reason and can be tried again; those that arrived outlive a reload by their ids. The
// console, the chat and the ticket's page share it: it speaks as the oldest of the shoppers' browsers understands.
import { makeChip } from "./chip.js";
import { shrink } from "./shrink.js";
import { uploadFile } from "./upload.js";

var LIFE = 23 * 3600 * 1000; // ms: after a day the desk lets go of a file that nobody sent

/** @typedef {import("./files.js").FileView} FileView */
/** @typedef {{file?: File, view?: FileView, state: "going" | "there" | "failed", el: HTMLElement, name: HTMLElement, note: HTMLElement, bar: HTMLProgressElement, again: HTMLButtonElement, whole: HTMLButtonElement, original?: boolean, request?: XMLHttpRequest}} Item */
/** @typedef {{list: HTMLElement, tag: string, max: number, maxBytes: number, says: string, original?: boolean, t: (key: string, args?: any) => string, words: Record<string, string>, announce: (text: string) => void, url: () => string, headers: () => Record<string, string>, ready?: () => boolean, reason: (answer: any) => string, changed: () => void, kept: () => string | null | undefined, keep: (value: string | null) => void}} Options */

/** A size as people say it. @param {number} n bytes */
function sized(n) { return n < 1e6 ? Math.max(1, Math.round(n / 1000)) + " KB" : (n / 1e6).toFixed(1) + " MB"; }

/** @param {Options} o */
export function makeTray(o) {
  /** @type {Item[]} */
  var items = [];

  function store() {
    var views = items.filter(function (i) { return i.view; }).map(function (i) { return i.view; });
    o.keep(views.length ? JSON.stringify({ at: Date.now(), views: views }) : null);
  }

  function changed() {
    o.list.hidden = !items.length;
    o.changed();
  }

  /** @param {Item} item */
  function drop(item) {
    items = items.filter(function (i) { return i !== item; });
    if (item.request) item.request.abort();
    if (item.el.parentNode) item.el.parentNode.removeChild(item.el);
    store();
    changed();
  }

  /** @param {Item} item @param {string} text */
  function failed(item, text) {
    item.state = "failed";
    item.el.classList.add("bad");
    item.bar.hidden = true;
    item.again.hidden = !item.file;
    item.note.textContent = text;
    o.announce(item.name.textContent + ": " + text);
    changed();
  }

  /** @param {Item} item @param {FileView} view */
  function there(item, view) {
    item.view = view;
    item.state = "there";
    item.bar.hidden = true;
    item.again.hidden = true;
    item.name.textContent = view.name;
    item.note.textContent = sized(view.size);
    if (/^image\/(jpeg|png|gif|webp)$/.test(view.type) && !item.el.querySelector("img")) {
      var img = document.createElement("img");
      img.alt = "";
      img.src = view.url;
      item.el.insertBefore(img, item.el.firstChild);
    }
    var file = item.file;
    item.whole.hidden = !(o.original && file && !item.original && file.size > view.size + 50000);
    if (file && !item.whole.hidden) item.whole.textContent = o.t(o.words.original, { size: sized(file.size) });
    o.announce(o.t(o.words.there, { name: view.name }));
    store();
    changed();
  }

  /** @param {Item} item @param {Blob} content */
  function send(item, content) {
    var request = item.request = uploadFile(o, /** @type {File} */ (item.file), content, function (part) {
      item.bar.value = part;
      item.note.textContent = Math.round(part * 100) + "%";
    }, function (status, answer) {
      if (items.indexOf(item) < 0 || item.request !== request) return; // taken out, or tried again
      if (status === 201 && answer) there(item, answer);
      else failed(item, (answer && o.reason(answer)) || o.t(o.words.unreachable));
    });
  }

  /** Sends the file, once there is somebody to send it to. @param {Item} item */
  function begin(item) {
    var file = /** @type {File} */ (item.file);
    item.state = "going";
    item.el.classList.remove("bad");
    item.bar.hidden = false;
    item.again.hidden = item.whole.hidden = true;
    item.note.textContent = "…";
    item.request = undefined;
    if (o.ready && !o.ready()) return;
    if (item.original) return large(item, file);
    shrink(file, function (content) { if (items.indexOf(item) >= 0) large(item, content); });
  }

  /** Sends what is not too large, which needs no way to the desk to be known. @param {Item} item @param {Blob} content */
  function large(item, content) {
    if (content.size > o.maxBytes) return failed(item, o.t(o.words.large) + " " + o.says);
    send(item, content);
  }

  /** @param {string} name @returns {Item} */
  function chip(name) {
    /** @type {Item} */
    var item = makeChip(o, name, {
      again: function () {
        item.el.focus();
        begin(item);
        changed();
      },
      whole: function () {
        item.original = true;
        item.view = undefined;
        begin(item);
        store();
        changed();
      },
      remove: function () { drop(item); }
    });
    items.push(item);
    return item;
  }

  return {
    /** Files that have arrived. @returns {FileView[]} */
    views: function () {
      var out = /** @type {FileView[]} */ ([]);
      items.forEach(function (i) { if (i.view) out.push(i.view); });
      return out;
    },
    /** Some are still on their way. */
    busy: function () { return items.some(function (i) { return i.state === "going"; }); },
    failed: function () { return items.some(function (i) { return i.state === "failed"; }); },
    holds: function () { return items.length > 0; },
    /** @param {ArrayLike<File> | null | undefined} list */
    add: function (list) {
      Array.prototype.slice.call(list || []).forEach(function (file) {
        if (items.length >= o.max) return o.announce(o.t(o.words.many, { max: o.max }));
        var item = chip(file.name || o.t(o.words.picture));
        item.file = file;
        begin(item);
      });
      changed();
    },
    /** A file that lies with the desk already. @param {FileView} view */
    put: function (view) {
      if (items.length >= o.max) return o.announce(o.t(o.words.many, { max: o.max }));
      there(chip(view.name), view);
    },
    /** Takes up what waited for a way to the desk. */
    go: function () { items.forEach(function (i) { if (i.state === "going" && !i.request) begin(i); }); },
    /** Lets go of what a message has taken; what failed stays. */
    sent: function () {
      items.filter(function (i) { return i.state === "there"; }).forEach(function (i) { o.list.removeChild(i.el); });
      items = items.filter(function (i) { return i.state !== "there"; });
      store();
      changed();
    },
    clear: function () { items.slice().forEach(drop); },
    /** Ends what is under way, for a page that goes; what arrived is kept. */
    stop: function () { items.forEach(function (i) { if (i.request) i.request.abort(); }); },
    /** Takes up what an earlier page had. @param {string[]} [but] ids that are shown already */
    restore: function (but) {
      var kept = null;
      try { kept = JSON.parse(o.kept() || "null"); } catch (e) { /* nothing of ours */ }
      if (!kept || !Array.isArray(kept.views) || !(Date.now() - kept.at < LIFE)) return;
      kept.views.forEach(function (/** @type {FileView} */ view) {
        var known = items.some(function (i) { return i.view && i.view.id === view.id; });
        if (!known && !(but && but.indexOf(view.id) >= 0) && items.length < o.max) there(chip(view.name), view);
      });
    }
  };
}
