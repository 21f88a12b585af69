/**
 * Somebody who uses a page: finds things by what they are and are called, clicks, types, presses keys.
 *
 * Nothing here calls behind the page. Where a person would wait, it waits until what was named is there,
 * and fails if it does not come.
 */
import assert from 'node:assert/strict';
import { faultsOf } from './check-page.js';
import { keepPicture } from './pictures.js';
import { nameOf, notWorn, wear } from './appearance.js';
import { say } from './texts.js';

/** Presses of the Tab key after which a thing counts as out of the keyboard's reach. */
const REACH = 200;

/** A person before one page. */
export class Person {
  #complaints;

  constructor(page, { settings, complaints }) {
    this.page = page;
    this.settings = settings;
    this.#complaints = complaints;
  }

  /** A sentence of the catalogue in this person's language; see `texts.js`. */
  say(id) {
    return say(this.settings.language, id);
  }

  /** Goes to an address; on the same desk its path is enough. */
  async open(address) {
    const there = this.page.url().startsWith('http') ? new URL(address, this.page.url()).href : address;
    return this.page.goto(there);
  }

  /** A thing by its role and accessible name; visible, and the only one unless `name` is a pattern that fits more. */
  find(role, name) {
    return this.page.getByRole(role, { name, exact: typeof name === 'string' });
  }

  /** Presses a button, follows a link, …; with a pointer. */
  async click(role, name) {
    await this.find(role, name).click();
  }

  /** Replaces what stands in a field, letter by letter. */
  async write(field, text) {
    const found = this.find('textbox', field);
    await found.click();
    await found.press('Control+a');
    await found.press('Delete');
    await found.pressSequentially(text);
  }

  /** Puts a text into a field at once, as pasted: any characters, line breaks too. */
  async paste(field, text) {
    await this.find('textbox', field).fill(text);
  }

  /** Presses keys, one after the other. */
  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Comes to a thing with the Tab key alone, and sees that the focus is on it. */
  async tabTo(role, name) {
    const target = this.find(role, name);
    for (let presses = 0; presses < REACH; presses += 1) {
      await this.page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) {
        assert.ok(await target.evaluate(focusIsSeen), `the focus is not seen on ${role} ${name}`);
        return target;
      }
    }
    return assert.fail(`the Tab key does not come to ${role} ${name}`);
  }

  /** The messages on the page with this text. */
  message(text) {
    return this.page.getByRole('listitem').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Waits until a text is seen. */
  async sees(text) {
    await this.page.getByText(text).first().waitFor({ state: 'visible' });
  }

  /** Everything that can be read on the page. */
  readable() {
    return this.page.locator('body').innerText();
  }

  /** Holds the page to everything that tools can tell; see `check-page.js`. */
  async check(screen = this.page.url()) {
    await wear(this.page, this.settings);
    const faults = [
      ...(await notWorn(this.page, this.settings)),
      ...(await faultsOf(this.page)),
      ...this.#complaints.take(),
    ];
    assert.deepEqual(faults, [], `${screen} (${nameOf(this.settings)})`);
  }

  /** What the browser has complained of since the last time that it was asked. */
  complaints() {
    return this.#complaints.take();
  }

  /** Keeps a picture of the whole page, named after the screen. */
  picture(screen) {
    return keepPicture(this.page, screen, this.settings);
  }

  /** Closes the window in the middle of whatever it is. */
  async leave() {
    await this.page.context().close();
  }
}

/** In the page: whether something around or on an element tells that it has the focus. */
function focusIsSeen(element) {
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
}
