// @ts-check
// Pieces of pages, rendered by the server. This is the one place where markup becomes elements.

/** @type {{createHTML(text: string): any}} */
const policy = /** @type {any} */ (window).trustedTypes?.createPolicy("huiyin", { createHTML: (/** @type {string} */ s) => s }) ?? {
  createHTML: (s) => s,
};

/** The server refused; message is for the person. */
export class Refused extends Error {
  /** @param {number} status @param {{detail?: string, errors?: {message: string}[], more?: any, retry_after?: number}} problem */
  constructor(status, problem) {
    super(problem.errors?.[0]?.message || problem.detail || String(status));
    this.status = status;
    this.more = problem.more;
    this.retryAfter = problem.retry_after ?? 0;
  }
}

/**
 * Fetches and turns a refusal into an error; who is no longer signed in goes to the door.
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function ask(url, init = {}) {
  const answer = await fetch(url, { credentials: "same-origin", ...init, headers: { Accept: "application/json", ...init.headers } });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) signIn();
  throw new Refused(answer.status, problem);
}

/** Goes to the door and comes back here. */
export function signIn() {
  location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
}

/**
 * The elements of a part of a page.
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<DocumentFragment>}
 */
export async function part(url, signal) {
  const answer = await ask(url, { signal, headers: { Accept: "text/html, application/problem+json" } });
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new Refused(answer.status, {});
  return elements(await answer.text());
}

/**
 * Sends a form and gives the elements of the part of a page that answers.
 * @param {string} url
 * @param {FormData} values
 */
export async function submitPart(url, values) {
  const body = new URLSearchParams(/** @type {any} */ ([...values.entries()]));
  const answer = await ask(url, { method: "POST", body, headers: { Accept: "text/html, application/problem+json" } });
  return elements(await answer.text());
}

/**
 * Markup of the server as elements.
 * @param {string} markup
 */
export function elements(markup) {
  const parsed = new DOMParser().parseFromString(policy.createHTML(markup), "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  return fragment;
}

/**
 * Sends a form and gives each line of JSON of the answer as it comes.
 * @param {string} url
 * @param {FormData} values
 * @param {(line: any) => void} take
 */
export async function lines(url, values, take) {
  const body = new URLSearchParams(/** @type {any} */ ([...values.entries()]));
  const answer = await ask(url, { method: "POST", body, headers: { Accept: "application/x-ndjson, application/problem+json" } });
  const reader = /** @type {ReadableStream} */ (answer.body).pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    const whole = (rest + value).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) take(JSON.parse(line));
  }
}

/**
 * Sends a form and gives the answer's JSON.
 * @param {string} url
 * @param {FormData | Record<string, string>} values
 * @param {RequestInit} [init]
 */
export async function submit(url, values, init = {}) {
  const body = new URLSearchParams(/** @type {any} */ (values instanceof FormData ? [...values.entries()] : values));
  return (await ask(url, { method: "POST", body, ...init })).json();
}

/**
 * Puts JSON.
 * @param {string} url
 * @param {unknown} value
 * @param {RequestInit} [init]
 */
export const put = (url, value, init = {}) =>
  ask(url, { method: "PUT", body: JSON.stringify(value), ...init, headers: { "Content-Type": "application/json" } });

/** @param {string} url */
export const json = async (url) => (await ask(url)).json();
