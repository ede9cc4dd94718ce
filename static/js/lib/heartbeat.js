// @ts-check
// Tells a living connection from one that only looks so: a ping must be answered, by anything, within a while.

const EVERY = 20_000;
const WITHIN = 8_000;

export class Heartbeat {
  /**
   * @param {(frame: object) => unknown} send
   * @param {() => void} dead told when nothing came back
   */
  constructor(send, dead) {
    this.send = send;
    this.dead = dead;
    this.n = 0;
  }

  /** @param {() => boolean} alive whether there is a connection to try */
  start(alive) {
    setInterval(() => alive() && this.ping(), EVERY);
  }

  ping() {
    clearTimeout(this.patience);
    this.patience = setTimeout(this.dead, WITHIN);
    this.send({ type: "ping", n: ++this.n });
  }

  /** Something came, or there is nothing to wait for. */
  heard() {
    clearTimeout(this.patience);
  }
}
