// Signs who is signed in, for the chat INBOX_KEY. The secret stays on your server:
//   HUIYIN_SECRET=… node huiyin_sign.mjs ID EMAIL PHONE ORDER EXP
import { createHmac } from "node:crypto";
import { pathToFileURL } from "node:url";

function hmac(text) {
  if (!process.env.HUIYIN_SECRET) throw new Error("HUIYIN_SECRET is not set");
  return createHmac("sha256", process.env.HUIYIN_SECRET).update(text, "utf8").digest("hex");
}

// Proves the id only.
export function signID(id) {
  if (/^(identity|order|form)\./.test(id)) throw new Error("an id cannot begin like this");
  return hmac(id);
}

// Proves id, e-mail and phone until exp (Unix seconds). What you do not know is an empty text.
export function signIdentity(id, email, phone, exp) {
  if ((id + phone).includes(".")) throw new Error("id and phone cannot contain a dot");
  return "v2=" + hmac(`identity.${id}.${email}.${phone}.${exp}`);
}

// Proves that the order is hers, until exp.
export function signOrder(order, exp) {
  return hmac(`order.${order}.${exp}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [id, email, phone, order, exp] = process.argv.slice(2);
  console.log([signID(id), signIdentity(id, email, phone, exp), signOrder(order, exp)].join("\n"));
}
