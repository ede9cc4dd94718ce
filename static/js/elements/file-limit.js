// @ts-check
// Says at once that a file is larger than may be sent: data-most bytes, data-says why. The desk would only say so after all of it
// was on its way.

class FileLimit extends HTMLElement {
  connectedCallback() {
    const pick = this.querySelector("input");
    pick?.addEventListener("change", () => {
      const large = [...(pick.files ?? [])].some((f) => f.size > Number(this.dataset.most));
      pick.setCustomValidity(large ? (this.dataset.says ?? "") : "");
      if (large) pick.reportValidity();
    });
  }
}

customElements.define("file-limit", FileLimit);
