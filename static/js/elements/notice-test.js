// @ts-check
// Tries the ways of telling somebody that live in her browser, and says what happened.
import { chime } from "../lib/chime.js";
import { t } from "../lib/text.js";
import { toast } from "../lib/toast.js";

class NoticeTest extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", async (e) => {
      const what = /** @type {HTMLElement} */ (e.target).dataset.try;
      if (!what) return;
      const said = await this.run(what);
      /** @type {HTMLElement} */ (this.querySelector("[data-said]")).textContent = said;
    });
  }

  /** @param {string} what @returns {Promise<string>} what happened */
  async run(what) {
    if (what === "bell") {
      toast(t("notices.test.title"));
      return t("notices.test.bell_done");
    }
    if (what === "sound") return t((await chime()) ? "notices.test.sound_done" : "notices.test.sound_blocked");
    if (!("Notification" in window)) return t("notices.test.desktop_missing");
    const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
    if (answer !== "granted") return t("notices.test.desktop_blocked");
    new Notification(t("notices.test.title"), { body: t("notices.test.text"), tag: "test" });
    return t("notices.test.desktop_done");
  }
}

customElements.define("notice-test", NoticeTest);
