// Keeps the wall fresh without touching the frames, and says what is under way or has ended. Everything works
// without this file.
"use strict";

(() => {
  const live = document.getElementById("live");
  const [silent, over, failed] = ["silent", "over", "failed"].map((id) => document.getElementById(id));
  const EVERY = 1500;
  // Looks without an answer: after so many the demonstration counts as over, after so many nobody looks any more.
  const GONE = 3;
  const GIVEN_UP = 40;
  const ours = () => document.querySelectorAll("main button");
  const phones = (page) => [...page.querySelectorAll(".phone")].map((phone) => phone.dataset.device).join();
  let busy = false;
  let missed = 0;
  let asked = 0;
  let shown = 0;

  async function fresh() {
    const number = (asked += 1);
    const answer = await fetch("/?parts=1");
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // An answer may come after a later one.
    return number < shown ? null : ((shown = number), page);
  }

  async function refresh() {
    const page = await fresh();
    answered();
    if (!page) return;
    // Another phone stands on the wall: its frame needs a link of its own.
    if (phones(page) !== phones(document)) return location.reload();
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = page.querySelector(`[data-part="${part.dataset.part}"]`);
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

  function answered() {
    if (missed >= GONE) for (const button of ours()) button.removeAttribute("aria-disabled");
    missed = 0;
    silent.hidden = over.hidden = true;
  }

  function unanswered() {
    missed += 1;
    silent.hidden = missed >= GONE;
    over.hidden = missed < GONE;
    if (missed >= GONE) for (const button of ours()) button.setAttribute("aria-disabled", "true");
  }

  const looking = setInterval(() => {
    if (missed >= GIVEN_UP) return clearInterval(looking);
    if (document.visibilityState === "visible") refresh().catch(unanswered);
  }, EVERY);

  /** Says what is under way before the page that says so has come. */
  function announce(button) {
    const told = document.querySelector(".told");
    const line = told.querySelector(".doing") ?? document.createElement("p");
    line.className = "doing";
    line.textContent = document.body.dataset.doing.replace("{what}", button.textContent);
    told.querySelector("h2").after(line);
    for (const other of ours()) other.setAttribute("aria-disabled", "true");
    live.textContent = line.textContent;
  }

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? event.target.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") {
      // Said once more: it is why nothing happens.
      const why = over.hidden ? document.querySelector(".told .doing") : over;
      live.textContent = "";
      setTimeout(() => (live.textContent = why?.textContent ?? ""));
      return;
    }
    if (busy) return;
    busy = true;
    failed.hidden = true;
    const form = new URLSearchParams(new FormData(event.target));
    announce(button);
    try {
      const done = await fetch("/do", { method: "POST", body: form, redirect: "manual" });
      failed.hidden = done.ok || done.type === "opaqueredirect";
    } catch {
      failed.hidden = false;
    }
    busy = false;
    try {
      await refresh();
      const said = document.querySelector(".told li");
      if (said && failed.hidden) live.textContent = said.textContent;
    } catch {
      unanswered();
    }
  });
})();
