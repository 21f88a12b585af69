/**
 * Debian's Chromium, one for all tests of a program, and its windows.
 *
 * A window is a browser of its own to the desk: its cookies and settings are shared with no other.
 */
import { chromium } from 'playwright-core';
import { Complaints } from './complaints.js';
import { contextOptions, USUAL, wear } from './appearance.js';
import { Person } from './person.js';

const program = process.env.ESTAFETTE_BROWSER ?? '/usr/bin/chromium';
/** How long a person waits for something to appear, in milliseconds. */
const PATIENCE = 15_000;

let browser;

/** Starts the browser, or gives the one that runs. */
function running() {
  // Its own sandbox needs a user who is not root.
  browser ??= chromium.launch({ executablePath: program, chromiumSandbox: process.getuid() !== 0 });
  return browser;
}

/**
 * A person before a new window.
 *
 * @param {object} appearance how their browser is set; a part of `USUAL`
 * @param {{scripts?: boolean}} options whether the browser runs scripts
 */
export async function personBefore(appearance = {}, { scripts = true } = {}) {
  const settings = { ...USUAL, ...appearance };
  const context = await (await running()).newContext({ ...contextOptions(settings), javaScriptEnabled: scripts });
  context.setDefaultTimeout(PATIENCE);
  const complaints = await Complaints.of(context);
  const page = await context.newPage();
  await wear(page, settings);
  return new Person(page, { settings, complaints });
}

/** A person who has the desk open: the window is let in and shows the first page. */
export async function personAt(desk, appearance = {}, options = {}) {
  const person = await personBefore({ language: desk.language, ...appearance }, options);
  await desk.enter(person.page.context(), person.settings.language);
  await person.open(`${desk.origin}/`);
  return person;
}

/** Closes the browser with all its windows. */
export async function closeBrowser() {
  const closing = browser;
  browser = undefined;
  await (await closing)?.close();
}
