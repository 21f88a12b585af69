/**
 * `estafette desk` on somebody's computer: started as a person starts it, without its browser.
 *
 * It prints one opening link, which is good once. `enter` uses it; whoever comes later is given the same
 * cookie, as a second tab of one browser has it.
 */
import { get } from './raw-http.js';
import { start } from './command.js';

/** The line that it prints: an address of this computer alone, and a token. */
const LINK = /http:\/\/127\.0\.0\.1:(\d+)\/open\?token=([\w-]+)/;

/** A desk that runs. */
export class Desk {
  #running;
  #cookies;

  /**
   * Starts it and waits for its opening link.
   *
   * @param {string} folder the agent's
   * @param {string} passphraseFile opens the folder at the start
   * @param {{language?: 'fr' | 'en', words?: string[]}} options
   */
  static async start(folder, passphraseFile, { language = 'fr', words = [] } = {}) {
    const desk = new Desk();
    desk.#running = start(folder, passphraseFile, ['desk', '--no-browser', ...words], language);
    const [link, port, token] = await desk.#running.until('the opening link', ({ output }) => LINK.exec(output));
    return Object.assign(desk, { link, port: Number(port), token, language, origin: `http://127.0.0.1:${port}` });
  }

  /** Its exit code, once it has ended. */
  get closed() {
    return this.#running.ended;
  }

  /** The cookies of a browser that has opened the link, as `name=value`. */
  async cookies() {
    this.#cookies ??= (await get(this.link)).cookies.map((cookie) => cookie.split(';')[0]);
    return this.#cookies;
  }

  /** Lets a new window of a browser in. */
  async enter(context) {
    const cookies = (await this.cookies()).map((cookie) => {
      const [name, ...value] = cookie.split('=');
      return { name, value: value.join('='), url: this.origin, sameSite: 'Strict', httpOnly: true };
    });
    await context.addCookies(cookies);
  }

  /** Ends it as Ctrl-C does. */
  stop() {
    return this.#running.stop('SIGINT');
  }
}
