// @ts-check
// What somebody did, in words: the same as teller.event in app/web/entry.go.
import { t } from "./text.js";
import { moment } from "./when.js";

/**
 * @typedef {object} DeskEvent
 * @property {string} event
 * @property {{kind: string, id: string, name: string}} author
 * @property {{id: string, name: string} | null} subject
 * @property {{from?: string, to?: string, until?: number, score?: number}} data
 */

/**
 * The words for an event; "" for what needs none.
 * @param {DeskEvent} e
 * @param {string} channel of the ticket
 */
export function eventText(e, channel) {
  const who = e.author.kind === "system" ? t("console.system") : e.author.name;
  switch (e.event) {
    case "ticket.created":
      return t("console.event.created", { channel: t("console.channel." + channel) });
    case "ticket.status":
      if (e.data.from === "new" && e.data.to === "open") return ""; // somebody took it: that is said already
      return t("console.event.status", { who, status: t("console.status." + e.data.to) });
    case "ticket.priority":
      return t("console.event.priority", { who, priority: t("console.priority." + e.data.to) });
    case "ticket.assigned":
      if (!e.subject) return t("console.event.unassigned", { who });
      if (e.subject.id === e.author.id) return t("console.event.taken", { who });
      return t("console.event.assigned", { who, whom: e.subject.name });
    case "ticket.snoozed":
      return t("console.event.snoozed", { who, time: moment(Number(e.data.until)) });
    case "ticket.tags":
      return t("console.event.tags", { who });
    case "ticket.team":
      return e.subject ? t("console.event.team", { who, team: e.subject.name }) : t("console.event.no_team", { who });
    case "ticket.subject":
      return t("console.event.subject", { who });
    case "message.recalled":
      return t("console.event.recalled", { who });
    case "message.undone":
      return t("console.event.undone", { who });
    case "message.moved":
      return t("console.event.moved", { who });
    case "participant.added":
      if (e.author.kind === "contact") return t("console.event.joined", { whom: e.subject?.name ?? "" });
      return t("console.event.participant_added", { who, whom: e.subject?.name ?? "" });
    case "participant.removed":
      return t("console.event.participant_removed", { who, whom: e.subject?.name ?? "" });
    case "ticket.woken":
      return t("console.event.woken");
    case "ticket.merged":
      return t("console.event.merged_into", { who });
    case "ticket.took":
      return t("console.event.took", { who });
    case "ticket.unmerged":
      return t("console.event.unmerged", { who });
    case "reply.overdue":
      return t("console.event.overdue");
    case "reply.undelivered":
      return t("console.event.undelivered");
    case "csat.received":
      return t("console.event.rated", { score: Number(e.data.score) });
    case "text.sent":
      return t("console.event.text_sent");
    case "text.failed":
      return t("console.event.text_failed");
    case "mail.failed":
      return t("console.event.mail_failed");
    case "mail.bounced":
      return t("console.event.mail_bounced");
    case "links.revoked":
      return t("console.event.links_revoked", { who });
    case "order.moved":
      return t("console.event.order", { status: t("orders.status." + e.data.to) });
    case "contact.merged":
      return t("console.event.merged");
  }
  return "";
}
