// @ts-check
// Keeps the end of a talk in view while somebody looks at it, and counts what comes while she reads further up.
import { t } from "./text.js";

const NEAR = 80; // px

export class Bottom {
  /**
   * @param {HTMLElement} talk
   * @param {() => void} seen told when the end is in view and somebody looks
   */
  constructor(talk, seen) {
    this.talk = talk;
    this.seen = seen;
    this.unseen = 0;
    this.look = () => this.check();
    talk.addEventListener("scroll", this.look, { passive: true });
    addEventListener("focus", this.look);
    document.addEventListener("visibilitychange", this.look);
    this.size = new ResizeObserver(() => this.stick && this.go());
    this.size.observe(talk);
    this.stick = true;
  }

  stop() {
    removeEventListener("focus", this.look);
    document.removeEventListener("visibilitychange", this.look);
    this.size.disconnect();
  }

  go() {
    this.talk.scrollTop = this.talk.scrollHeight;
    this.check();
  }

  check() {
    const { scrollTop, scrollHeight, clientHeight } = this.talk;
    if (clientHeight === 0) return; // not shown: on a phone the list is
    this.stick = scrollHeight - scrollTop - clientHeight < NEAR;
    if (!this.stick) return;
    this.unseen = 0;
    this.jump?.remove();
    this.jump = undefined;
    if (document.visibilityState === "visible" && document.hasFocus()) this.seen();
  }

  /** Something was added. @param {"mine" | "theirs" | ""} whose "" for an event */
  grew(whose) {
    if (this.stick || whose === "mine") return this.go();
    if (whose !== "theirs") return;
    this.unseen++;
    if (!this.jump) {
      this.jump = document.createElement("button");
      this.jump.type = "button";
      this.jump.className = "btn jump";
      this.jump.addEventListener("click", () => this.go());
      this.talk.parentElement?.querySelector(".composer")?.append(this.jump);
    }
    this.jump.textContent = t("console.thread.new", { count: this.unseen }) + " ↓";
  }
}
