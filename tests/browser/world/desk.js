/**
 * `estafette desk` on somebody's computer: started as a person starts it, without its browser.
 *
 * It prints one opening link, which is good once. `enter` uses it; a later window of the same language is
 * given the same cookie, as another tab of one browser has it.
 */
import { get, post } from './raw-http.js';
import { start } from './command.js';

/** The line that it prints: an address of this computer alone, and a token. */
const LINK = /http:\/\/127\.0\.0\.1:(\d+)\/open\?token=([\w-]+)/;

/** A desk that runs. */
export class Desk {
  #running;
  #again;
  #cookies = new Map();

  /**
   * Starts it and waits for its opening link.
   *
   * @param {string} folder the agent's
   * @param {string | undefined} passphraseFile opens the folder at the start; without it the pages ask
   * @param {{language?: 'fr' | 'en', words?: string[], environment?: Record<string, string>}} options
   */
  static async start(folder, passphraseFile, { language = 'fr', words = [], environment } = {}) {
    const desk = new Desk();
    desk.#running = start(folder, passphraseFile, ['desk', '--no-browser', ...words], { language, environment });
    desk.#again = () => start(folder, passphraseFile, ['desk', '--no-browser'], { language, environment });
    const [link, port, token] = await desk.#running.until('the opening link', ({ output }) => LINK.exec(output));
    return Object.assign(desk, { link, port: Number(port), token, language, origin: `http://127.0.0.1:${port}` });
  }

  /** Its exit code, once it has ended. */
  get closed() {
    return this.#running.ended;
  }

  /** Its process's number. */
  get process() {
    return this.#running.process;
  }

  /** A link from the same command given again while this one runs. */
  async anotherLink() {
    const again = this.#again();
    const [link] = await again.until('another opening link', ({ output }) => LINK.exec(output));
    await again.ended;
    return link;
  }

  /** The cookies of a browser that has opened a link and reads this language, as `name=value`. */
  async cookies(language = this.language) {
    if (!this.#cookies.has(language)) {
      const link = this.#cookies.size === 0 ? this.link : await this.anotherLink();
      const cookies = (await get(link)).cookies.map((cookie) => cookie.split(';')[0]);
      if (language !== this.language) {
        await post(`${this.origin}/language`, { language }, { cookie: cookies.join('; ') });
      }
      this.#cookies.set(language, cookies);
    }
    return this.#cookies.get(language);
  }

  /** Lets a new window of a browser in. */
  async enter(context, language) {
    const cookies = (await this.cookies(language)).map((cookie) => {
      const [name, value] = cookie.split('=');
      return { name, value, url: this.origin, sameSite: 'Strict', httpOnly: true };
    });
    await context.addCookies(cookies);
  }

  /** Ends it at once, as a computer that is switched off: nothing is put in order. */
  kill() {
    return this.#running.stop('SIGKILL');
  }

  /** Ends it as Ctrl-C does. */
  stop() {
    return this.#running.stop('SIGINT');
  }
}
