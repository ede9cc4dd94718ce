// @ts-check
// The agent's socket, one for the page. It heals by itself and subscribes again from the last place that was taken, so
// nothing is missed. The frames stand in the contract, section 3.
import { backoff } from "./backoff.js";
import { json } from "./fragment.js";
import { Heartbeat } from "./heartbeat.js";

/** @typedef {"starting" | "connected" | "reconnecting" | "offline" | "stopped"} State */

export class Link extends EventTarget {
  constructor(path = "/agent/v1/socket") {
    super();
    this.url = location.origin.replace(/^http/, "ws") + path;
    /** @type {State} */
    this.state = "starting";
    /** @type {Map<string, () => number>} ticket → the last place taken */
    this.subscribed = new Map();
    /** @type {string[]} */
    this.lists = [];
    this.tries = 0;
    this.heart = new Heartbeat((ping) => this.send(ping), () => this.drop("reconnecting"));
  }

  /** Connects, and stays so: whatever says that somebody looks or that the network is back brings it to life. */
  start() {
    const wake = () => {
      if (document.visibilityState !== "visible") return;
      if (this.state === "connected") return this.heart.ping();
      this.tries = 0;
      this.connect();
    };
    for (const event of ["online", "focus", "pageshow"]) addEventListener(event, wake);
    document.addEventListener("visibilitychange", wake);
    addEventListener("offline", () => this.drop("offline"));
    this.heart.start(() => this.state === "connected");
    this.connect();
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket || this.state === "stopped") return;
    const socket = (this.socket = new WebSocket(this.url, ["huiyin.agent.v1"]));
    socket.onmessage = (e) => this.take(JSON.parse(e.data));
    socket.onclose = (e) => socket === this.socket && this.closed(e.code);
  }

  /** @param {number} code */
  closed(code) {
    this.socket = undefined;
    this.heart.heard();
    if (code === 4403) return this.become("stopped");
    // A refused sign-in looks like any failure here; a plain request says so and leads to the door.
    if (code === 4401 || this.tries === 1) json("/tickets?part=rows&limit=1").catch(() => {});
    this.later(navigator.onLine ? "reconnecting" : "offline");
  }

  /** @param {State} state */
  drop(state) {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    this.heart.heard();
    this.later(state);
  }

  /** @param {State} state */
  later(state) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), backoff(this.tries++));
    this.become(state);
  }

  /** @param {any} frame */
  take(frame) {
    this.heart.heard();
    if (frame.type === "welcome") this.begin();
    this.dispatchEvent(new CustomEvent(frame.type, { detail: frame }));
  }

  begin() {
    this.tries = 0;
    for (const [ticket, after] of this.subscribed) this.send({ type: "subscribe", ticket, after: after() });
    if (this.lists.length > 0) this.send({ type: "watch", lists: this.lists });
    this.become("connected");
  }

  /** @param {State} state */
  become(state) {
    const was = this.state;
    this.state = state;
    if (was !== state) this.dispatchEvent(new CustomEvent("state", { detail: { state, was } }));
  }

  /**
   * @param {string} ticket
   * @param {() => number} after tells the last place taken
   */
  subscribe(ticket, after) {
    this.subscribed.set(ticket, after);
    if (this.state === "connected") this.send({ type: "subscribe", ticket, after: after() });
  }

  /** @param {string} ticket */
  unsubscribe(ticket) {
    if (this.subscribed.delete(ticket)) this.send({ type: "unsubscribe", ticket });
  }

  /** @param {string[]} lists whose changes it wants to hear */
  watch(lists) {
    this.lists = lists;
    if (this.state === "connected") this.send({ type: "watch", lists });
  }

  /** @param {object} frame @returns {boolean} whether it went out */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }
}

export const link = new Link();
