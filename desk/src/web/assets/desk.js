// Keeps an open page fresh and a draft safe. Everything works without this file.
//
// News say that something changed; the page is then asked for again and its parts are exchanged one by
// one, so that focus, scroll position and what is being typed stay where they are.
"use strict";

(() => {
  const BACKGROUND = { "X-Estafette-Background": "1" };
  // Characters of a message that no form carries to the desk.
  const FAR_TOO_LONG = 50000;
  const thread = document.body.dataset.thread;
  const live = document.getElementById("live");

  // On the page of a device that is not admitted yet.
  const waits = () => document.querySelector("[data-waits]") !== null;

  // A page that this device may not show any more (cut off, emptied, locked) is left for the one that says so.
  // Gives back whether it was.
  function leaves(answer) {
    const there = new URL(answer.url).pathname;
    if (there === "/unlock") location.assign("/unlock");
    // What this page waited for has come.
    else if (waits() && there !== location.pathname) location.assign(there);
    else if (answer.status === 403 || answer.status === 410) location.reload();
    else return false;
    return true;
  }

  // --- Parts of the page -------------------------------------------------------------------------

  const sameKind = (one, other) => one.nodeName === other.nodeName && one.id === other.id;

  // Exchanges the items of a list, each known by its id; what did not change is not touched.
  function exchangeList(list, fresh) {
    const known = new Map([...list.children].map((item) => [item.id, item]));
    const wanted = new Set([...fresh.children].map((item) => item.id));
    for (const [id, item] of known) if (!wanted.has(id)) item.remove();
    let place = list.firstElementChild;
    for (const item of [...fresh.children]) {
      const old = known.get(item.id);
      if (!old) {
        list.insertBefore(item, place);
      } else {
        if (old !== place) list.insertBefore(old, place);
        place = old.nextElementSibling;
        if (!old.isEqualNode(item)) {
          if (old.contains(document.activeElement)) continue;
          old.replaceWith(item);
        }
      }
    }
  }

  function exchange(old, fresh) {
    if (!old || !fresh || old.isEqualNode(fresh)) return;
    const lists = [old.querySelector("#messages"), fresh.querySelector("#messages")];
    if (lists[0] && lists[1]) {
      exchangeList(lists[0], lists[1]);
      fresh.querySelector("#messages").replaceWith(lists[0].cloneNode(false));
      const shell = [...fresh.children];
      const kept = lists[0];
      for (const child of [...old.children]) if (child !== kept) child.remove();
      for (const child of shell) {
        if (child.id === "messages") old.append(kept);
        else old.append(child);
      }
      return;
    }
    if (old.contains(document.activeElement) && old.id !== "standing") return;
    // What was typed is not exchanged for what others wrote: both are brought together when it is sent.
    if ([...old.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue)) return;
    old.replaceWith(fresh);
  }

  function atEnd() {
    return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;
  }

  // The message that is read, and where it stands: the first that is seen whole, or the one that is longer
  // than the window.
  function anchor() {
    const items = [...document.querySelectorAll("#messages > .message")];
    const seen = items.map((item) => [item.id, item.getBoundingClientRect()]).filter(([, place]) => place.bottom > 0);
    const [id, place] = seen.find(([, { top }]) => top >= 0 && top < window.innerHeight) ?? seen[0] ?? [];
    return place && { id, top: place.top };
  }

  // Whatever came above it, it stands where it stood.
  function hold(read) {
    const item = read && document.getElementById(read.id);
    if (item) window.scrollBy(0, item.getBoundingClientRect().top - read.top);
  }

  const idsOf = () => [...document.querySelectorAll("#messages > .message")].map((item) => item.id);

  let asking = false;
  let again = false;
  // The last look was nobody's: what it brought is told as read once its end is seen.
  let unseen = false;

  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const address = new URL(location.href);
      // Between two looks the page may have been left, and who reads further up has not seen the end.
      const seen = document.visibilityState === "visible" && (!thread || atEnd());
      if (!seen) address.searchParams.set("unseen", "1");
      unseen = !seen;
      const answer = await fetch(address, { headers: BACKGROUND });
      if (leaves(answer) || !answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (waits() && fresh.title !== document.title) {
        location.reload();
        return;
      }
      // The keys have come: there is a place to write now, and nothing was being written.
      if (!document.querySelector(".composer") && fresh.querySelector(".composer")) {
        location.reload();
        return;
      }
      const [before, stayed, read] = [idsOf(), atEnd(), anchor()];
      for (const id of ["warnings", "fresh", "standing", "sending", "writing"]) {
        exchange(document.getElementById(id), fresh.getElementById(id));
      }
      for (const part of [".places", ".aside .threads"]) {
        exchange(document.querySelector(part), fresh.querySelector(part));
      }
      if (thread) hold(read);
      if (thread) tell(before, stayed);
    } catch {
      // The desk has ended, or the computer sleeps: the page stays as it is.
    } finally {
      asking = false;
      if (again) {
        again = false;
        setTimeout(refresh, 250);
      }
    }
  }

  // What came and was not reached yet: before the last message that stood here, and after it.
  const arrived = { older: [], newer: [] };

  // What is new, in words; links lead to what is not seen.
  function tell(before, stayed) {
    const known = new Set(before);
    const now = idsOf();
    const last = now.indexOf(before[before.length - 1]);
    const fresh = { older: [], newer: [] };
    now.forEach((id, place) => known.has(id) || fresh[place < last ? "older" : "newer"].push(id));
    if (!fresh.older.length && !fresh.newer.length) return;
    const said = [];
    if (fresh.newer.length && stayed) {
      document.getElementById("end")?.scrollIntoView({ block: "end" });
      said.push(counted("newer", fresh.newer.length));
      fresh.newer = [];
    }
    for (const kind of ["older", "newer"]) {
      arrived[kind] = now.filter((id) => arrived[kind].includes(id) || fresh[kind].includes(id));
      if (fresh[kind].length) said.push(counted(kind, arrived[kind].length));
    }
    live.textContent = said.join(" ");
    lead();
  }

  // The page's own sentence for one, or for several.
  function counted(kind, count) {
    const words = document.getElementById("fresh").dataset;
    return count === 1 ? words[`${kind}One`] : words[`${kind}Many`].replace("#", count);
  }

  // Links to the first of what came; each goes once that is seen.
  function lead() {
    for (const kind of ["older", "newer"]) {
      const place = document.getElementById(arrived[kind][0])?.getBoundingClientRect();
      if (!place || (place.bottom > 0 && place.top < window.innerHeight)) arrived[kind] = [];
    }
    const waiting = ["older", "newer"].filter((kind) => arrived[kind].length);
    const links = waiting.map((kind) => {
      const link = document.createElement("a");
      link.className = "jump";
      link.href = `#${arrived[kind][0]}`;
      link.textContent = counted(kind, arrived[kind].length);
      return link;
    });
    let box = document.querySelector(".jumps");
    if (!box && links.length) {
      box = document.createElement("div");
      box.className = "jumps";
      document.querySelector("main").append(box);
    }
    const shown = [...(box?.children ?? [])].map((link) => link.href + link.textContent);
    if (links.map((link) => link.href + link.textContent).join() !== shown.join()) box.replaceChildren(...links);
  }

  if (thread) {
    const reached = () => {
      lead();
      if (unseen && atEnd()) refresh();
    };
    window.addEventListener("scroll", reached, { passive: true });
  }

  // --- News --------------------------------------------------------------------------------------

  // Locked in another window, or ten minutes without anybody: what is shown goes, also where nothing else
  // happens.
  async function look() {
    try {
      leaves(await fetch("/me", { headers: BACKGROUND }));
    } catch {
      // The desk has ended.
    }
  }
  // At the door there is nothing to cover, and somebody may be typing.
  if (document.getElementById("standing")) {
    setInterval(look, 30000);
    // Who types or points is there, though no page is asked for.
    let told = performance.now();
    const here = () => {
      if (performance.now() - told < 30000) return;
      told = performance.now();
      fetch("/here", { method: "POST" }).catch(() => {});
    };
    for (const sign of ["input", "keydown", "pointerdown", "wheel"]) {
      document.addEventListener(sign, here, { passive: true });
    }
  }

  // A locked device opens by itself at its next contact, and its page with it.
  async function pass() {
    try {
      // Asked for anew also where the page answered a form, and never only scrolled to a part.
      const address = location.pathname + location.search;
      if ((await fetch(address, { headers: BACKGROUND })).ok) location.replace(address);
    } catch {
      // The desk has ended.
    }
  }
  if (document.querySelector("[data-passes]")) setInterval(pass, 3000);

  // A browser keeps six connections to a server: pages that nobody sees give theirs back.
  let news = null;
  function listen() {
    if (document.visibilityState !== "visible") {
      news?.close();
      news = null;
      return;
    }
    if (news) return;
    news = new EventSource("/events");
    // The first is shown at once, however many follow: those wait for each other in `refresh`.
    news.addEventListener("changed", refresh);
    // The stream ends when the desk is locked, and cannot begin again before it is opened.
    news.addEventListener("error", look);
  }

  // Who is not admitted hears no news: it looks again.
  if (waits()) setInterval(refresh, 5000);
  // Of some things the relay tells only who asks.
  if (document.querySelector("[data-asks]")) {
    setInterval(() => document.visibilityState === "visible" && refresh(), 10000);
  }

  if (document.getElementById("fresh")) {
    listen();
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", () => {
      news?.close();
      news = null;
    });
    window.addEventListener("pageshow", listen);
  }

  // --- The draft ---------------------------------------------------------------------------------

  const composer = document.querySelector("form[data-draft]");
  if (composer) {
    const text = composer.elements.text;
    let kept = text.value;
    let timer = null;
    const keep = (leaving) => {
      clearTimeout(timer);
      if (text.value === kept) return;
      kept = text.value;
      const body = new URLSearchParams(new FormData(composer));
      body.delete("when");
      if (leaving) navigator.sendBeacon(composer.dataset.draft, body);
      else return fetch(composer.dataset.draft, { method: "POST", body }).catch(() => (kept = null));
    };
    text.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 600);
    });
    window.addEventListener("pagehide", () => keep(true));
    // What comes next shows the draft, or ends the pages: the draft is first.
    document.addEventListener("click", async (event) => {
      const link = event.target.closest("a[href*='reply=']");
      if (!link || text.value === kept) return;
      event.preventDefault();
      await keep(false);
      location.assign(link.href);
    });
    let goes = false;
    document.addEventListener("submit", async (event) => {
      if (goes || event.target === composer || text.value === kept) return;
      event.preventDefault();
      await keep(false);
      goes = true;
      event.target.requestSubmit(event.submitter);
    });
    // Gone back to, a browser shows again what was typed: what was sent is no draft, what was refused as far too
    // long stays.
    window.addEventListener("pageshow", () => {
      if (!history.state?.sent) return;
      history.replaceState(null, "");
      text.value = kept = text.defaultValue;
    });
    composer.addEventListener("submit", () => {
      clearTimeout(timer);
      kept = text.value;
      if (kept.length < FAR_TOO_LONG) history.replaceState({ sent: true }, "");
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.ctrlKey) composer.requestSubmit(composer.querySelector("button.main"));
    });
  }

  // Buttons that are of no use without this file; on messages that come later too.
  document.documentElement.classList.add("scripted");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    live.textContent = button.dataset.copied;
  });

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // A chosen file is put where one could have pasted it: UTF-8, or as older programs write.
  for (const part of document.querySelectorAll("[data-file-into]")) {
    part.hidden = false;
    part.querySelector("input").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      const bytes = await file.arrayBuffer();
      let text;
      try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        text = new TextDecoder("windows-1252").decode(bytes);
      }
      document.getElementById(part.dataset.fileInto).value = text;
    });
  }

  if (thread && !location.hash && !location.search) window.scrollTo(0, document.documentElement.scrollHeight);
})();
