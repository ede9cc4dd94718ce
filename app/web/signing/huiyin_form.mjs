// Makes the signed link of a feedback form for an order. The secret stays on your server:
//   HUIYIN_SECRET=… node huiyin_form.mjs ORDER EXP
import { createHmac } from "node:crypto";
import { pathToFileURL } from "node:url";

// Proves until exp (Unix seconds) that the order is hers. For the page: data-order, data-exp and data-signature.
export function formSignature(order, exp) {
  if (!process.env.HUIYIN_SECRET) throw new Error("HUIYIN_SECRET is not set");
  return createHmac("sha256", process.env.HUIYIN_SECRET).update(`form.FORM_KEY.${order}.${exp}`, "utf8").digest("hex");
}

export function formLink(order, exp) {
  return "FORM_LINK?" + new URLSearchParams({ order, exp, signature: formSignature(order, exp) });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(formLink(process.argv[2], process.argv[3]));
