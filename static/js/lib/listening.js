// @ts-check
import { link } from "./link.js";

/** Listens to the frames about one ticket until it is stopped. */
export class Listening {
  /**
   * @param {string} ticket
   * @param {Record<string, (frame: any) => void>} handlers by type of frame
   */
  constructor(ticket, handlers) {
    this.stops = Object.entries(handlers).map(([type, handle]) => {
      const listener = (/** @type {Event} */ e) => {
        const frame = /** @type {CustomEvent} */ (e).detail;
        if (frame.ticket === ticket) handle(frame);
      };
      link.addEventListener(type, listener);
      return () => link.removeEventListener(type, listener);
    });
  }

  stop() {
    this.stops.forEach((stop) => stop());
  }
}
