// @ts-check
// Makes large pictures smaller before they travel. The widget's bundle holds this file too, so it speaks as the oldest of
// the shoppers' browsers understands.

var SIDE = 2048; // pixels of the longer side
var SMALL = 300000; // bytes: what is smaller goes as it is

/** Gives a smaller copy of a large photo, or the file itself where that is no gain or cannot be done. @param {File} file @param {(content: Blob) => void} fn */
export function shrink(file, fn) {
  if (file.size < SMALL || (file.type !== "image/jpeg" && file.type !== "image/png" && file.type !== "image/webp")) return fn(file);
  var url = URL.createObjectURL(file);
  var img = new Image();
  /** @param {Blob} content */
  function end(content) {
    URL.revokeObjectURL(url);
    fn(content);
  }
  img.onerror = function () { end(file); };
  img.onload = function () {
    var scale = Math.min(1, SIDE / Math.max(img.naturalWidth, img.naturalHeight));
    var canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(img.naturalWidth * scale));
    canvas.height = Math.max(1, Math.round(img.naturalHeight * scale));
    var pen = canvas.getContext("2d");
    if (!pen || !canvas.toBlob) return end(file);
    pen.fillStyle = "#ffffff"; // a JPEG knows no transparency
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(img, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(function (blob) { end(blob && blob.size < file.size ? blob : file); }, "image/jpeg", 0.85);
  };
  img.src = url;
}
