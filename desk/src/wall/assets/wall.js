// Keeps the wall fresh without touching the frames. Everything works without this file.
"use strict";

(() => {
  const live = document.getElementById("live");
  const EVERY = 1500;
  let busy = false;

  const titles = (page) => [...page.querySelectorAll(".phone")].map((phone) => phone.getAttribute("aria-label"));

  async function refresh() {
    const answer = await fetch("/?parts=1");
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    // Another phone stands on the wall: its frame needs a link of its own.
    if (titles(fresh).length !== titles(document).length) return location.reload();
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!other || part.isEqualNode(other)) continue;
      const pressed = part.contains(document.activeElement) ? document.activeElement.textContent : null;
      part.replaceWith(other);
      // Whoever uses the keyboard stays where they were, or comes to what follows it.
      if (pressed !== null) {
        const buttons = [...other.querySelectorAll("button")];
        (buttons.find((button) => button.textContent === pressed) ?? buttons[0])?.focus();
      }
    }
  }

  const looking = setInterval(() => {
    if (!busy && document.visibilityState === "visible") refresh().catch(() => clearInterval(looking));
  }, EVERY);

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const button = event.target.querySelector("button");
    button.setAttribute("aria-busy", "true");
    const enrols = event.target.elements.do.value === "enrol";
    try {
      await fetch("/do", { method: "POST", body: new URLSearchParams(new FormData(event.target)), redirect: "manual" });
      // A new phone in the place of a lost one: the old frame leads nowhere.
      if (enrols) return location.reload();
      await refresh();
      const said = document.querySelector(".told li");
      if (said) live.textContent = said.textContent;
    } finally {
      button.removeAttribute("aria-busy");
      busy = false;
    }
  });
})();
