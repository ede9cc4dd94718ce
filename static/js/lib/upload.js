// @ts-check
// Sends one file to the desk. It speaks as the oldest of the shoppers' browsers understands.

// going is told how much has left, 0 to 1; ended gets the desk's words, null where it had none. content is what is sent of
// the file: itself, or a smaller picture.
/** @param {{url: () => string, headers: () => Record<string, string>}} o @param {File} file @param {Blob} content @param {(part: number) => void} going @param {(status: number, answer: any) => void} ended @returns {XMLHttpRequest} */
export function uploadFile(o, file, content, going, ended) {
  var request = new XMLHttpRequest();
  var name = content === file ? file.name : file.name.replace(/\.\w+$/, "") + ".jpg";
  var form = new FormData();
  form.append("file", content, name || "picture.jpg");
  request.open("POST", o.url());
  request.setRequestHeader("Accept", "application/json");
  var headers = o.headers();
  Object.keys(headers).forEach(function (k) { request.setRequestHeader(k, headers[k]); });
  request.upload.onprogress = function (e) {
    if (e.lengthComputable) going(e.loaded / e.total);
  };
  request.onloadend = function () {
    var answer = null;
    try { answer = JSON.parse(request.responseText); } catch (e) { /* no words of the desk */ }
    ended(request.status, answer);
  };
  request.send(form);
  return request;
}
