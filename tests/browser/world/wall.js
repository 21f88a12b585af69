/**
 * The wall of `bin/demo`, and the devices on it: started as a person starts it, without its browser.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Running } from './process.js';
import { personBefore } from './browser.js';
import { get } from './raw-http.js';
import { program } from './command.js';

/** The line that it prints: an address of this computer alone, and a token. */
const LINK = /http:\/\/127\.0\.0\.1:(\d+)\/open\?token=[\w-]+/;

/** A wall that stands. */
export class Wall {
  #running;
  #folder;

  /** Begins to raise one; its folders are made in a new one. */
  static async begin(language = 'fr', more = []) {
    const wall = new Wall();
    wall.#folder = await mkdtemp(join(tmpdir(), 'estafette-wall-'));
    const words = ['--language', language, 'demo', '--wall', '--no-browser', ...more];
    wall.#running = new Running(program('estafette'), words, { environment: { TMPDIR: wall.#folder } });
    return wall;
  }

  /** Raises one, and waits until it stands. */
  static async raise(language = 'fr') {
    const wall = await Wall.begin(language);
    const [link, port] = await wall.#running.until('the wall stands', ({ output }) => LINK.exec(output));
    const [cookie] = (await get(link)).cookies.map((set) => set.split(';')[0].split('='));
    return Object.assign(wall, { link, language, cookie, port, origin: `http://127.0.0.1:${port}` });
  }

  /** Waits until it has printed something. */
  says(what) {
    return this.#running.until(`it says ${what}`, ({ output, errors }) => what.exec(output + errors));
  }

  /** Waits until it has ended; its exit code, and all that it printed. */
  async ended() {
    const code = await this.#running.ended;
    return { code, printed: this.#running.output + this.#running.errors };
  }

  /** A person before it, on a screen that has room for four phones. */
  async person(appearance = {}, options = {}) {
    const person = await personBefore({ language: this.language, width: 1280, ...appearance }, options);
    const [name, value] = this.cookie;
    await person.page.context().addCookies([{ name, value, url: this.origin, sameSite: 'Strict', httpOnly: true }]);
    await person.open(`${this.origin}/`);
    return person;
  }

  /** What is left in the folder that its folders were made in. */
  leftovers() {
    return readdir(this.#folder);
  }

  /** Ends it as Ctrl-C does, or as another signal; its exit code. */
  stop(signal = 'SIGINT') {
    return this.#running.stop(signal);
  }

  /** Takes away what it may have left. */
  async clear() {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
