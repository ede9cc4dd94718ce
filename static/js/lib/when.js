// @ts-check
// Times as the server writes them: in the page's language and the shop's time zone.
import { locale, t } from "./text.js";

const zone = () => document.body.dataset.zone || "UTC";

/**
 * Hour and minute of a time: 02:41.
 * @param {number} ms
 */
export function clock(ms) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone() }).format(ms);
}

/**
 * Year, month and day of a time in a zone, comparable as a text.
 * @param {number} ms
 * @param {string} [inZone]
 */
export function dayOf(ms, inZone = zone()) {
  return new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: inZone }).format(ms);
}

/**
 * The day as seen from now: today, yesterday, else day and month, with the year when it is another.
 * @param {number} ms
 * @param {number} [now]
 */
export function day(ms, now = Date.now()) {
  const at = dayOf(ms);
  if (at === dayOf(now)) return t("time.today");
  if (at === dayOf(now - 86_400_000)) return t("time.yesterday");
  /** @type {Intl.DateTimeFormatOptions} */
  const form = { day: "numeric", month: locale() === "en" ? "short" : "long", timeZone: zone() };
  if (at.slice(0, 4) !== dayOf(now).slice(0, 4)) form.year = "numeric";
  return new Intl.DateTimeFormat(locale() === "en" ? "en-GB" : locale(), form).format(ms);
}

/**
 * As short as it can be understood now: the time today, else with its day.
 * @param {number} ms
 * @param {number} [now]
 */
export function moment(ms, now = Date.now()) {
  if (dayOf(ms) === dayOf(now)) return clock(ms);
  return day(ms, now) + (locale() === "en" ? ", " : " ") + clock(ms);
}

/**
 * How long a span is, rounded down to its largest unit.
 * @param {number} ms
 */
export function ago(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return t("time.minutes", { count: minutes });
  if (minutes < 1440) return t("time.hours", { count: Math.floor(minutes / 60) });
  return t("time.days", { count: Math.floor(minutes / 1440) });
}
